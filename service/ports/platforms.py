"""What a platform tells by itself, and how much it may be asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from service.domain.budget import Allowance
from service.ports.connecting import Conversation
from service.ports.sources import Source


class Aspect(StrEnum):
    """What an event says has happened: to a recording; or that the athlete left, taking their consent back."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a platform told by itself, a hint until it was asked for.

    `owner` is the platform's name of the athlete, `subject` that of a recording, "" where the event is about the
    athlete.
    """

    source: str
    owner: str
    subject: str
    aspect: Aspect
    at: datetime


@runtime_checkable
class Informed(Source, Protocol):
    """A source whose platform also tells by itself what is new."""

    @property
    def owner(self) -> str | None:
        """The platform's name of the athlete, None where they are not connected."""

    def tell(self, names: Collection[str]) -> None:
        """Take note of recordings there is news of: only these are asked for next."""

    def still_welcome(self) -> bool:
        """Ask the platform whether the athlete's consent still stands; raises as `check` does."""

    def leave(self) -> None:
        """Forget the athlete's tokens, which they took back; from now on `check` raises Refused and says so."""


class Webhook(Protocol):
    """What a platform tells one application by itself, and the subscription to it."""

    def challenge(self, query: Mapping[str, str], token: str) -> Mapping[str, str] | None:
        """Return what to answer where the platform tries the door, None where somebody else does."""

    def event(self, body: bytes, headers: Mapping[str, str]) -> Event | None:
        """Return what an event says, None where it is not to be believed or of no interest; names in small letters."""

    def create(self, talk: "Conversation", callback: str, token: str) -> None:
        """Have events sent to `callback`; raise Refused, Unavailable or Throttled where that is not to be had."""

    def check(self, talk: "Conversation", callback: str) -> None:
        """Say that events are sent to `callback`; raise Refused where they are not."""

    def remove(self, talk: "Conversation") -> None:
        """Have no events sent any more."""


class Ledger(Protocol):
    """What was asked of a platform through one account, counted over all athletes, processes and machines.

    `account` names the platform and the application there ("strava:12345").
    """

    def spend(self, account: str, allowances: Sequence[Allowance]) -> None:
        """Count one request against every allowance; raise Throttled, counting none, where one leaves no more."""

    def hear(self, account: str, allowances: Sequence[Allowance], counts: Mapping[str, tuple[int, int]]) -> None:
        """Take the platform's own counts: how much of each allowance is used, and its limit, by name."""
