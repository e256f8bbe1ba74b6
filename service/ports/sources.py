"""Where recordings come from, and who reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from service.domain.activity import Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Bytes as a source gave them. `external_id` is the source's own name for them, `media_type` e.g. "fit".

    `withheld` says why a source did not hand the bytes over ("larger than 32 MB"); the body is then empty. `title` and
    `sport` are what the source says beside the bytes (the table of an export), empty where it says nothing.

    `lasting_id`: the name stands for one activity for good (a platform's number, not a file's name), so that whatever
    comes under it later is a later state of that activity. `expires_at` is until when the source lets the recording,
    and everything made of it, be kept; `link` is where the source shows it.
    """

    source: str
    external_id: str
    media_type: str
    body: bytes
    received_at: datetime
    withheld: str = ""
    title: str = ""
    sport: str = ""
    lasting_id: bool = False
    expires_at: datetime | None = None
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A source's word that the recording it gave under this name is no more, checked with the source itself."""

    source: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a file held: its activities, or why it holds none ("a settings file")."""

    activities: tuple[Activity, ...] = ()
    skipped: str = ""


class Decoder(Protocol):
    """Reads one kind of file."""

    media_types: ClassVar[frozenset[str]]

    def decode(self, raw: Raw) -> Decoded:
        """Return what the bytes hold; raise Malformed, and nothing else, where they cannot be read."""


class Reading(Protocol):
    """A recording being read, perhaps elsewhere."""

    def result(self) -> Decoded:
        """Wait for it and return what it held; raise Malformed, and nothing else, where it cannot be read."""


class Readers(Protocol):
    """Every decoder there is, kept where a hostile file can harm nothing but its own reading."""

    def begin(self, raw: Raw) -> Reading:
        """Begin to read a recording of any media type; several may be begun before the first is done."""


class Source(Protocol):
    """Somewhere activities arrive."""

    name: str

    @property
    def ready_at(self) -> datetime | None:
        """When what was seen but left for not being whole yet can be taken; None where nothing was."""

    @property
    def ask_every(self) -> timedelta:
        """How long to leave it alone after it answered, on average; zero for one that costs nothing to ask."""

    @property
    def notice(self) -> str:
        """What a human is to do soon although all is well, such as making a new key before the old one ends; or ""."""

    def check(self) -> str:
        """Return in a few words how it was reached, taking nothing; raise Refused or Unavailable where it was not."""

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        """Yield each new or changed recording with the cursor that says it has been taken, and each that is no more.

        Asking again with an older cursor may repeat recordings, never lose one. Raise Refused, Unavailable, Throttled.
        """
