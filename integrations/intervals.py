"""intervals.icu: what a watch's own service sends there, as original files, with an API key.

    source(api_key=..., base_url=..., clock=...)

The gentlest road from Garmin, Coros, Suunto, Polar, Wahoo and others: no password is given away. What came to
intervals.icu by way of Strava is listed as a stub without a recording, for Strava lets nobody hand it on: it is passed
over, and that is said once.
"""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from integrations._http import Client, basic
from integrations._listed import Listed
from integrations._samples.sports import named
from integrations._taken import Entry, line, moment
from service.domain.activity import RUNNING
from service.ports import Clock, Raw, Removed

USER = "API_KEY"  # the name that goes with every key
OWNER = "0"  # the athlete whose key it is
FIELDS = "id,start_date_local,name,type,source"  # of 183
WEEK = timedelta(days=7)
ASK_EVERY = timedelta(minutes=5)
NO_SUCH_THING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
# Runs, and what may hold one.
PERHAPS_RUNS = frozenset({"", "Other", "Workout"})

SETTINGS_PAGE = "intervals.icu > Settings > Developer Settings"
RENEWAL = f"copy it from {SETTINGS_PAGE} into [sources.intervals] and run `afterrun connect intervals`"
ADVICE: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: f"it does not know this API key: {RENEWAL}",
    HTTPStatus.FORBIDDEN: f"this API key may not read activities: {RENEWAL}",
}
BY_STRAVA = (
    "some activities came to intervals.icu by way of Strava, which lets nobody hand them on: connect the watch's own"
    " service there, or add [sources.strava]"
)

log = logging.getLogger(__name__)


def source(*, api_key: str, base_url: str, clock: Clock) -> "Intervals":
    """Return the source of a key's owner."""
    return Intervals(api_key, base_url, clock)


class Intervals:
    """Gives the original files of the runner's activities."""

    name = "intervals"
    ready_at = None
    ask_every = ASK_EVERY
    notice = ""

    def __init__(self, key: str, base_url: str, clock: Clock) -> None:
        self._api = f"{base_url.rstrip('/')}/api/v1"
        self._client = Client("intervals.icu", auth=basic(USER, key), secrets=[key], advice=ADVICE)
        self._clock = clock
        self._listed = Listed(source=self.name, listing=self._listing, download=self._download, clock=clock)
        self._said = False

    def check(self) -> str:
        """Return how intervals.icu answered, taking nothing; raise as Source says."""
        today = self._clock.now().date()
        by_strava = any(map(_is_by_strava, self._activities(today - WEEK, today)))
        return f"intervals.icu answers; {BY_STRAVA}" if by_strava else "intervals.icu answers"

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        """Yield what is new, the newest first, and what is changed or gone, as Source.fetch says."""
        return self._listed.fetch(cursor)

    def _listing(self, first: date, last: date) -> Iterator[Entry]:
        said = self._activities(first, last)
        if not self._said and any(map(_is_by_strava, said)):
            self._said = True
            log.warning("%s", BY_STRAVA)
        return filter(None, map(_entry, said))

    def _activities(self, first: date, last: date) -> list[dict[str, Any]]:
        # Whether the last day is meant to its end is not said; what is too much is left out later.
        within = {"oldest": first.isoformat(), "newest": (last + timedelta(days=1)).isoformat(), "fields": FIELDS}
        reply = self._client.request("GET", f"{self._api}/athlete/{OWNER}/activities", params=within)
        said = reply.json()
        if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
            raise reply.nonsense()
        return said

    def _download(self, entry: Entry) -> bytes | None:
        address = f"{self._api}/activity/{quote(entry.id, safe='')}/file"
        reply = self._client.request("GET", address, accept=NO_SUCH_THING)
        if reply.status in NO_SUCH_THING:
            return None
        return reply.file()


def _is_by_strava(said: dict[str, Any]) -> bool:
    return said.get("source") == "STRAVA"


def _entry(said: dict[str, Any]) -> Entry | None:
    """Return an activity as it is listed; None for one that holds no run, no recording or no date."""
    word = str(said.get("type") or "")
    sport, _ = named(word)
    begun = moment(said.get("start_date_local"))
    if "id" not in said or begun is None or _is_by_strava(said) or said.get("source") == "MANUAL":
        return None
    if sport != RUNNING and word not in PERHAPS_RUNS:
        return None
    return Entry(id=str(said["id"]), begun=begun, title=line(said.get("name")), sport=sport if sport == RUNNING else "")
