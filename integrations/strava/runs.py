"""Runs from Strava.

    list what began lately -> drop what is known as it is -> each new or edited run: detail, samples -> a recording
    what is known and no longer listed -> asked for by its number -> not there: no more

Where Strava tells of a run by itself, only that one is asked for. Rides and swims are passed over: nothing of them is
asked for or kept. Samples that are not there yet are looked for again; until then the run is judged by its summary.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from integrations.strava._api import GONE, NONSENSE, Api, NotThereError, StaleError
from integrations.strava._documents import STREAMS, document, has_streams, is_run, mark, runner
from integrations.strava._known import Known, Run, begun, looks_due, next_look
from integrations.strava._tokens import Tokens
from integrations.strava.decoder import MEDIA_TYPE
from service.ports import Clock, Ledger, Malformed, Raw, Refused, Removed, Unavailable, Vault

# As the policy for its API says (6.2): nothing may be kept longer.
KEPT_FOR = timedelta(days=7)
# With Strava telling of each run, asking is the net under it; without, it is all there is: 144 reads of a day's 1,000.
UNDER_WEBHOOK, ALONE = timedelta(minutes=30), timedelta(minutes=10)
PAGE = 200
# So many pages hold more runs than a month has; a list that goes on beyond them repeats itself.
MOST_PAGES = 60
RUN_LINK = "https://www.strava.com/activities/{}"
PROFILE = "profile:read_all"
ELSEWHERE = "Strava's API is not where base_url in [sources.strava] says: correct it, or leave it out"
# Zones change seldom.
ZONES_KEPT_FOR = timedelta(days=1)

type Json = Mapping[str, Any]

log = logging.getLogger(__name__)


def source(
    *,
    client_id: int,
    client_secret: str,
    base_url: str,
    oauth_url: str,
    webhook: bool,
    vault: Vault,
    ledger: Ledger,
    clock: Clock,
) -> "Strava":
    """Return the source of one athlete's runs."""
    api = Api(
        client_id=client_id,
        client_secret=client_secret,
        base_url=base_url,
        oauth_url=oauth_url,
        ledger=ledger,
        clock=clock,
    )
    return Strava(api, Tokens(vault, api, clock), clock, webhook=webhook)


class Strava:
    """Gives the runs of one athlete."""

    name = "strava"
    notice = ""

    def __init__(self, api: Api, tokens: Tokens, clock: Clock, *, webhook: bool) -> None:
        self.ask_every = UNDER_WEBHOOK if webhook else ALONE
        self._api = api
        self._tokens = tokens
        self._clock = clock
        self._told: list[str] = []
        self._looked_at: dict[str, datetime] = {}
        self._there_unlisted: set[str] = set()
        self._ready_at: datetime | None = None
        self._runner: tuple[datetime, Json] | None = None

    @property
    def ready_at(self) -> datetime | None:
        """When to look again for samples that were not there yet; None where none are missing."""
        return self._ready_at

    @property
    def owner(self) -> str | None:
        """Strava's number of the athlete, None where they are not connected."""
        held = self._tokens.held()
        return None if held is None else str(held.athlete)

    def check(self) -> str:
        """Return what Strava lets us see; raise Refused, Unavailable or Throttled."""
        self._page(self._clock.now() - timedelta(days=1), 1)
        held = self._tokens.held()
        return f"connected, with leave to see {', '.join(held.scopes) or 'your runs'}" if held else "connected"

    def tell(self, names: Collection[str]) -> None:
        """Take note of runs there is news of: only these are asked for next."""
        self._told.extend(name for name in names if name not in self._told)

    def still_welcome(self) -> bool:
        """Ask Strava whether the runner still lets us in; raise as `check` does."""
        return self._tokens.still_good()

    def leave(self) -> None:
        """Forget the runner's tokens, which they took back: from now on `check` says so."""
        self._tokens.leave()

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        """Yield each run that is new, edited or no more, as Source.fetch says: the latest first."""
        now = self._clock.now()
        known = Known.read(cursor)
        known = known.since(known.reaches(now))
        wanted, marks, unlisted = self._told_of(), dict[str, str](), list[str]()
        if not wanted:
            listed = [one for one in self._listed(known.reaches(now)) if is_run(one) or _name(one) in known.runs]
            marks = {_name(one): mark(one) for one in listed}
            wanted = [*known.changed(listed), *(unlisted := self._unlisted(known, marks))]
        late = [name for name, run in known.runs.items() if name not in wanted and self._look_due(name, run, now)]
        for name in [*wanted, *late]:
            found = self._look(name, known, marks.get(name), again=name in late)
            if found is not None:
                given, known = found
                if name in unlisted and isinstance(given, Raw):
                    self._there_unlisted.add(name)
                yield given, known.written()
        self._ready_at = min(filter(None, (self._next_look(*run) for run in known.runs.items())), default=None)

    def _told_of(self) -> list[str]:
        """Return the runs there is news of, once."""
        told, self._told = self._told, []
        return told

    def _unlisted(self, known: Known, listed: Collection[str]) -> list[str]:
        """Return the known runs that are listed no more, but for those that are there all the same."""
        return sorted(known.runs.keys() - set(listed) - self._there_unlisted)

    def _listed(self, since: datetime) -> list[Json]:
        """Return what began since a moment, in whatever order Strava lists it."""
        listed: list[Json] = []
        for page in range(1, MOST_PAGES + 1):
            found = self._page(since, page)
            listed += [one for one in found if _tells_enough(one)]
            if len(found) < PAGE:
                break
        return listed

    def _page(self, since: datetime, page: int) -> list[Any]:
        try:
            found = self._get("/athlete/activities", after=int(since.timestamp()), page=page, per_page=PAGE)
        except NotThereError as exc:
            raise Refused(ELSEWHERE) from exc
        except Malformed as exc:
            raise Unavailable(str(exc)) from exc
        if not isinstance(found, list):
            raise Unavailable(NONSENSE)
        return found

    def _look(
        self, name: str, known: Known, listed_as: str | None, *, again: bool
    ) -> tuple[Raw | Removed, Known] | None:
        """Ask for one run; return it, or that it is no more, with what is known then; None where there is no news."""
        before = known.runs.get(name)
        streams = self._streams(name) if again else None
        if streams is not None and not has_streams(streams):
            return None
        try:
            activity = self._get(f"/activities/{name}", include_all_efforts="false")
            if not (isinstance(activity, dict) and _tells_enough(activity)):
                raise Unavailable(NONSENSE)
        except NotThereError:
            return (Removed(source=self.name, external_id=name), known.without(name)) if before else None
        except Malformed as exc:
            return self._raw(name, b"", withheld=str(exc)), known.given_up(name, listed_as or "", self._clock.now())
        if before is None and not is_run(activity):
            return None
        streams = self._streams(name) if streams is None else streams
        late = None if has_streams(streams) or activity.get("manual") else self._late_since(name, before)
        known = known.seen(activity, listed_as or mark(activity), late_since=late)
        return self._raw(name, document(activity, streams, self._runner_now())), known

    def _raw(self, name: str, body: bytes, withheld: str = "") -> Raw:
        now = self._clock.now()
        return Raw(
            source=self.name,
            external_id=name,
            media_type=MEDIA_TYPE,
            body=body,
            received_at=now,
            withheld=withheld,
            lasting_id=True,
            expires_at=now + KEPT_FOR,
            link=RUN_LINK.format(name),
        )

    def _streams(self, name: str) -> Json:
        """Return the samples there are; none yet is no trouble."""
        self._looked_at[name] = self._clock.now()
        try:
            found = self._get(f"/activities/{name}/streams", keys=",".join(STREAMS), key_by_type="true")
        except NotThereError:
            return {}
        return found if isinstance(found, dict) else {}

    def _late_since(self, name: str, before: Run | None) -> datetime:
        first_looked = self._looked_at[name]
        return before.late_since or first_looked if before else first_looked

    def _look_due(self, name: str, run: Run, now: datetime) -> bool:
        return run.late_since is not None and looks_due(run.late_since, self._last_look(name, run.late_since), now)

    def _next_look(self, name: str, run: Run) -> datetime | None:
        return None if run.late_since is None else next_look(run.late_since, self._last_look(name, run.late_since))

    def _last_look(self, name: str, late_since: datetime) -> datetime:
        return self._looked_at.get(name, late_since)

    def _runner_now(self) -> Json:
        """Return the runner's own heart rates, where they let us see their zones."""
        now, held = self._clock.now(), self._tokens.held()
        if held is None or (held.scopes and PROFILE not in held.scopes):
            return {}
        if self._runner is None or now - self._runner[0] > ZONES_KEPT_FOR:
            self._runner = now, self._zones()
        return self._runner[1]

    def _zones(self) -> Json:
        try:
            return runner(self._get("/athlete/zones"))
        except (NotThereError, Malformed, Refused):  # the runs are what was asked for
            log.info("Strava does not show the runner's heart rate zones")
            return {}

    def _get(self, path: str, **params: object) -> Any:  # noqa: ANN401 - JSON; the caller checks its shape
        """Ask with the runner's token, once more with a new one where Strava does not take it."""
        access = self._tokens.access()
        try:
            return self._api.get(path, access, **params)
        except StaleError:
            access = self._tokens.renewed(access)
        try:
            return self._api.get(path, access, **params)
        except StaleError as exc:
            raise Refused(GONE) from exc


def _name(activity: Json) -> str:
    return str(activity["id"])


def _tells_enough(one: Any) -> bool:  # noqa: ANN401 - JSON of any shape
    """Return whether something in a list is an activity with a number and a start."""
    try:
        return bool(_name(one)) and begun(one) is not None
    except (ValueError, KeyError, TypeError):
        return False
