"""Garmin Connect by the door that its own app uses: unofficial, and the only one by which a routine reaches the watch.

    source(...)   the original files of the runner's activities
    channel(...)  each routine as a workout on the watch's calendar
    connect(...)  signs in, once; disconnect(...) forgets that

It is connected only on request. Who needs no routine on the watch is better served by `garmin` or `intervals`.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from garminconnect import Garmin

from integrations._garmin import entry
from integrations._http import is_no_file
from integrations._listed import Listed
from integrations._taken import Entry
from integrations.garmin_connect.account import Account, NotThere
from integrations.garmin_connect.watch import Watch
from integrations.garmin_connect.workout import Exercises
from service.domain.athlete import Athlete
from service.domain.movements import Catalogue
from service.ports import Clock, Conversation, Raw, Removed, Unavailable, Vault

# Garmin asks for a code where it does not know us, or the runner wants it so.
MAY_ASK = ("mfa",)
# Garmin counts calls of an account, and blocks it; a run is worth a few minutes' wait.
ASK_EVERY = timedelta(minutes=10)
FORGOTTEN = "The tokens are forgotten. A new password at Garmin makes them void, should anybody have a copy."
LEFT_THERE = "{place} is left as it is: delete it if no other program goes by it."
NONSENSE = "Garmin Connect does not answer as it does: check base_url, or try again later"


def source(
    *, base_url: str, token_file: Path | None = None, vault: Vault, clock: Clock, athlete: Athlete, **_: object
) -> "GarminConnect":
    """Return the source of an account that `connect` has signed in to."""
    return GarminConnect(_account(base_url, token_file, vault, clock, athlete), clock)


def channel(
    *,
    base_url: str,
    workout_sport: str,
    token_file: Path | None = None,
    vault: Vault,
    clock: Clock,
    athlete: Athlete,
    catalogue: Catalogue,
    exercises: Exercises,
    **_: object,
) -> Watch:
    """Return the watch's calendar of an account that `connect` has signed in to.

    `workout_sport` is what the watch is to take routines for; `exercises` says what Garmin calls our movements.
    """
    return Watch(
        _account(base_url, token_file, vault, clock, athlete),
        sport=workout_sport,
        zone=athlete.timezone,
        catalogue=catalogue,
        exercises=exercises,
        clock=clock,
    )


def connect(
    talk: Conversation,
    *,
    base_url: str,
    token_file: Path | None = None,
    vault: Vault,
    clock: Clock,
    athlete: Athlete,
    **_: object,
) -> str:
    """Sign in with a password that is not kept, and a code where Garmin wants one; raise as Account.sign_in does."""
    _account(base_url, token_file, vault, clock, athlete).sign_in(talk)
    return "garmin_connect: signed in; the password is forgotten, and what is kept renews itself"


def disconnect(
    talk: Conversation,
    *,
    base_url: str,
    token_file: Path | None = None,
    vault: Vault,
    clock: Clock,
    athlete: Athlete,
    **_: object,
) -> None:
    """Forget the tokens, and say where they can be made void."""
    _account(base_url, token_file, vault, clock, athlete).forget()
    talk.say(FORGOTTEN if token_file is None else LEFT_THERE.format(place=token_file))


def _account(base_url: str, token_file: Path | None, vault: Vault, clock: Clock, athlete: Athlete) -> Account:
    return Account(base_url=base_url, token_file=token_file, vault=vault, clock=clock, zone=athlete.timezone)


class GarminConnect:
    """Gives the original files of the runner's activities."""

    name = "garmin_connect"
    ready_at = None
    ask_every = ASK_EVERY
    notice = ""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._account = account
        self._listed = Listed(source=self.name, listing=self._listing, download=self._download, clock=clock)
        self._clock = clock

    def check(self) -> str:
        """Return how Garmin Connect answered, taking nothing; raise as Source says."""
        self._account.ask(lambda garmin: garmin.get_activities(0, 1))
        return "Garmin Connect answers"

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        """Yield what is new, the newest first, and what is changed or gone, as Source.fetch says."""
        return self._listed.fetch(cursor)

    def _listing(self, first: date, last: date) -> Iterator[Entry]:
        within = (first.isoformat(), last.isoformat())
        said = self._account.ask(lambda garmin: garmin.get_activities_by_date(*within))
        if not all(isinstance(one, dict) for one in said):
            raise Unavailable(NONSENSE)
        return filter(None, map(entry, said))

    def _download(self, one: Entry) -> bytes | None:
        original = Garmin.ActivityDownloadFormat.ORIGINAL
        try:
            body = bytes(self._account.ask(lambda garmin: garmin.download_activity(one.id, original)))
        except NotThere:
            return None
        if not body or is_no_file(body):
            raise Unavailable(NONSENSE)
        return body
