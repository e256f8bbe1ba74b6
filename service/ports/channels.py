"""Ways to reach the runner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from service.domain.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do.

    `idempotent`: a repeat with the same key is collapsed by the receiver, so a send of unknown outcome may be
    repeated. `calendar`: it shows a time, so it takes what is due later at once. `updates`: what it showed can be put
    right in place, without alerting anybody, so it is also sent what has become of a message since.
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

    def check(self) -> str:
        """Return in a few words how it was reached, sending nothing; raise Refused or Unavailable where it was not."""

    def send(self, message: Message, earlier: str | None = None) -> str:
        """Hand the message over and return a receipt; raise Refused, Malformed, Unavailable or Throttled.

        A message of a later phase than NEW comes only where `capabilities.updates` says so, under the key it had, with
        the receipt of what arrived before in `earlier` (empty where that answer was lost). It puts right in place what
        stands there, alerts nobody, and may come twice; where nothing stands there any more, it brings nothing back.
        """

    def reconcile(self, message: Message, since: datetime) -> Outcome:
        """Tell whether a send begun after `since`, whose answer was lost, arrived, in whichever words.

        Raises as `send` does.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a channel shows of an open session: the key and receipt of its message, and when it begins."""

    session_id: int
    key: str
    receipt: str
    starts_at: datetime


class Happened(StrEnum):
    """What a person did to what a channel shows."""

    MOVED = "moved"
    REMOVED = "removed"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a person did to what a channel shows of a session; `moved_to` is the moment they moved it to (UTC)."""

    session_id: int
    happened: Happened
    moved_to: datetime | None = None


@runtime_checkable
class Listening(Protocol):
    """A channel in which a person may change what it shows."""

    def changes(self, shown: Sequence[Shown]) -> Iterator[Change]:
        """Yield what a person changed of this, nothing of what we wrote ourselves; raises as `Channel.send` does."""


class Links(Protocol):
    """Makes the addresses that stand in messages: signed, expiring, good for one session only."""

    def session(self, session_id: int, since: datetime | None = None) -> str:
        """Return the address of a session's page, valid from a moment on (now unless stated): the same for the same."""
