"""What the inside asks of the outside: six ports, what passes through them, and the only four errors that come back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

from service.domain.activity import Activity
from service.domain.message import Message


class EdgeError(Exception):
    """Something outside did not go as hoped. The text is one line that tells a person what to do next."""


class Refused(EdgeError):
    """A human is needed (a key was revoked, a scope is missing): pause that source or channel, say so once."""


class Malformed(EdgeError):
    """This payload cannot be used and never will be: park it with its bytes and go on."""


class Unavailable(EdgeError):
    """It may work later: back off and try again."""


class Throttled(EdgeError):
    """Asked too often: try again no sooner than `retry_after`."""

    def __init__(self, text: str, retry_after: timedelta) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Bytes as a source gave them. `external_id` is the source's own name for them, `media_type` e.g. "fit"."""

    source: str
    external_id: str
    media_type: str
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a file held: its activities, or why it holds none ("not an activity: a settings file")."""

    activities: tuple[Activity, ...] = ()
    skipped: str = ""


class Decoder(Protocol):
    """Reads one kind of file."""

    media_types: ClassVar[frozenset[str]]

    def decode(self, raw: Raw) -> Decoded:
        """Return what the bytes hold; raise Malformed, and nothing else, where they cannot be read."""


class Source(Protocol):
    """Somewhere activities arrive."""

    name: str

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw, str]]:
        """Yield each new recording with the cursor that says it has been taken; raise Refused, Unavailable, Throttled.

        Asking again with an older cursor may repeat recordings, never lose one.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do.

    `idempotent`: a repeat with the same key is collapsed by the receiver, so a send of unknown outcome may be
    repeated. `calendar`: it shows a time, so it takes what is due later at once.
    """

    idempotent: bool = False
    actions: bool = False
    calendar: bool = False
    updates: bool = False
    body_limit: int = 4000


class Outcome(StrEnum):
    """What a channel knows of an earlier send whose answer was lost."""

    ARRIVED = "arrived"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Channel(Protocol):
    """A way to reach the runner."""

    name: str
    capabilities: Capabilities

    def send(self, message: Message) -> str:
        """Hand the message over and return a receipt; raise Refused, Malformed, Unavailable or Throttled."""

    def reconcile(self, message: Message, since: datetime) -> Outcome:
        """Tell whether a send begun after `since`, whose answer was lost, arrived; raises as `send` does."""


class Clock(Protocol):
    """The time, handed in so that a decision can be tested at any moment."""

    def now(self) -> datetime:
        """Return the current moment in UTC."""


class Archive(Protocol):
    """Raw bytes and streams on disk, named by what they hold."""

    def put_raw(self, body: bytes) -> str:
        """Keep the bytes durably and return their sha256 in hex; keeping them again changes nothing."""

    def get_raw(self, sha256: str) -> bytes:
        """Return kept bytes; raise KeyError where there are none."""
