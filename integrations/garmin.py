"""Garmin's Connect Personal API: the runner's own activities, with a key they made themselves.

    source(api_key=..., base_url=..., key_ends=..., vault=..., clock=...)

The key is exchanged for a token that lives a day, kept in the vault until shortly before its end. Requests go one after
another: Garmin answers parallel ones with 429. Paths and fields are those of Garmin's own client,
garmin-connect-personal-api-python 1.0.0 (Apache-2.0). It is not used itself, because it takes its address from the
environment, keeps its token in a file of its own, and bounds neither the time nor the size of an answer.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from integrations._garmin import entry
from integrations._http import Bearer, Client, Reply
from integrations._listed import Listed
from integrations._taken import Entry
from service.ports import Clock, Raw, Refused, Removed, Secret, Vault

TOKEN = "/personalapitoken-service/personal-api/personal-api-key/token"  # noqa: S105 - a path
SEARCH = "/activitylist-service/activities/search/activities"
DOWNLOAD = "/download-service/files/activity"
KEYS_PAGE = "https://connect.garmin.com/app/settings/personalApiToken"

# Garmin answers a page of more than about 45 with 500; its own website asks for 20.
PAGE = 20
# More than anyone begins in the years of one listing: a server that gives the same page for ever is left.
MOST_LISTED = 20_000
ASK_EVERY = timedelta(minutes=5)
# Garmin's own client renews a token of a day an hour before its end; a shorter one with a tenth of its life left.
RENEW_BEFORE, SHARE = timedelta(hours=1), 10
# How long a token is used that does not say when it ends, or says so by another clock than ours.
UNTOLD = timedelta(hours=1)
# When the runner hears of the end of the key itself.
WARN_BEFORE = timedelta(days=7)
NO_SUCH_THING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
TOKEN_FORM = re.compile(r"[\w.~+/=-]{8,8192}", re.ASCII)

RENEWAL = f"make one at {KEYS_PAGE}, put it into [sources.garmin] and run `afterrun connect garmin`"
ADVICE: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: f"it does not know this key (any more): {RENEWAL}",
    HTTPStatus.FORBIDDEN: f"this key may not read activities: {RENEWAL}",
}
ENDS_UNTOLD = "Garmin answers; it does not say when a key ends: state key_ends in [sources.garmin] to be reminded of it"


def source(*, api_key: str, base_url: str, key_ends: date | None = None, vault: Vault, clock: Clock) -> "Garmin":
    """Return the source of a key's owner; `key_ends` is the day the key was said to end when it was made."""
    return Garmin(_Door(api_key, base_url, vault, clock), key_ends, clock)


class Garmin:
    """Gives the original files of the runner's activities."""

    name = "garmin"
    ready_at = None
    ask_every = ASK_EVERY

    def __init__(self, door: "_Door", key_ends: date | None, clock: Clock) -> None:
        self._door = door
        self._key_ends = key_ends
        self._clock = clock
        self._listed = Listed(source=self.name, listing=self._listing, download=self._download, clock=clock)

    @property
    def notice(self) -> str:
        """What is to be done soon about the key, from a week before it ends; "" before."""
        today = self._clock.now().date()
        if self._key_ends is None or self._key_ends - today > WARN_BEFORE:
            return ""
        return f"the key for Garmin ends on {_day(self._key_ends)}: {RENEWAL}"

    def check(self) -> str:
        """Return how Garmin answered, taking nothing; raise as Source says."""
        self._page({"start": "0", "limit": "1"})
        return f"Garmin answers; the key ends on {_day(self._key_ends)}" if self._key_ends else ENDS_UNTOLD

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        """Yield what is new, the newest first, and what is changed or gone, as Source.fetch says."""
        return self._listed.fetch(cursor)

    def _listing(self, first: date, last: date) -> Iterator[Entry]:
        within = {"startDate": first.isoformat(), "endDate": last.isoformat()}
        for start in range(0, MOST_LISTED, PAGE):
            page = self._page({"start": str(start), "limit": str(PAGE), **within})
            yield from filter(None, map(entry, page))
            if len(page) < PAGE:
                return

    def _page(self, params: dict[str, str]) -> list[dict[str, Any]]:
        reply = self._door.get(SEARCH, media="application/json", params=params)
        page = reply.json() if reply.body else []
        if not isinstance(page, list) or not all(isinstance(one, dict) for one in page):
            raise reply.nonsense()
        return page

    def _download(self, one: Entry) -> bytes | None:
        path = f"{DOWNLOAD}/{quote(one.id, safe='')}"
        reply = self._door.get(path, media="application/x-zip-compressed", accept=NO_SUCH_THING)
        if reply.status in NO_SUCH_THING:
            return None
        return reply.file()


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """A token and until when it is used. `key` is a fingerprint of what it was exchanged for."""

    key: str
    token: str
    use_until: str

    def serves(self, key: str, now: datetime) -> bool:
        return self.key == key and now < datetime.fromisoformat(self.use_until)


class _Door:
    """Asks Garmin, with a token exchanged for the key."""

    def __init__(self, key: str, base_url: str, vault: Vault, clock: Clock) -> None:
        self._key = key
        self._base = base_url.rstrip("/")
        self._print = sha256(f"{self._base}\0{key}".encode()).hexdigest()
        self._vault = vault
        self._clock = clock
        self._kept: _Token | None = None
        self._client: Client | None = None

    def get(
        self, path: str, *, media: str, params: dict[str, str] | None = None, accept: Collection[int] = ()
    ) -> Reply:
        """Return the answer where its status is 2xx or in `accept`; raises as Client.request does."""
        what: dict[str, Any] = {"params": params, "headers": {"Accept": media}}
        reply = self._at_hand().request("GET", self._base + path, accept={*accept, HTTPStatus.UNAUTHORIZED}, **what)
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return reply
        # Garmin may end a token before its time.
        return self._renewed().request("GET", self._base + path, accept=accept, **what)

    def _at_hand(self) -> Client:
        now = self._clock.now()
        if self._client is not None and self._kept is not None and self._kept.serves(self._print, now):
            return self._client
        kept = self._read()
        return self._with(kept) if kept is not None and kept.serves(self._print, now) else self._renewed()

    def _with(self, token: _Token) -> Client:
        self._kept = token
        self._client = Client("Garmin", auth=Bearer(token.token), secrets=[token.token, self._key], advice=ADVICE)
        return self._client

    def _read(self) -> _Token | None:
        """Return what the vault holds; what cannot be read there can be had again."""
        try:
            return _Token(**(self._vault.read() or {}))
        except (Refused, TypeError):
            return None

    def _renewed(self) -> Client:
        """Exchange the key for a token; raise Refused where Garmin does not know it."""
        client = Client("Garmin", auth=Bearer(self._key, scheme="ApiKey"), secrets=[self._key], advice=ADVICE)
        reply = client.request("POST", self._base + TOKEN, headers={"Accept": "*/*"})
        text = reply.body.decode("ascii", "replace").strip()
        if not TOKEN_FORM.fullmatch(text):
            raise reply.nonsense()
        token = _Token(key=self._print, token=text, use_until=_use_until(text, self._clock.now()).isoformat())
        secret: Secret = asdict(token)
        self._vault.write(secret)
        return self._with(token)


def _use_until(token: str, now: datetime) -> datetime:
    """Return until when a token is to be used, by its own word where it gives one that can be."""
    lifetime = (_expires(token) or now) - now
    if lifetime <= timedelta(0):
        lifetime = UNTOLD
    return now + lifetime - min(RENEW_BEFORE, lifetime / SHARE)


def _expires(token: str) -> datetime | None:
    """Return when a JWT says it ends; None where it does not say so, or is none."""
    try:
        claims = token.split(".")[1]
        said = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return datetime.fromtimestamp(float(said["exp"]), UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
