"""Messages that wait, go out and arrive."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from service.domain.message import Message
from service.ports.channels import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A channel that has brought a message, perhaps standing in for the others."""

    channel: str
    stood_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message leased for sending.

    `token` fences: whoever holds an older one can no longer settle the row. `perhaps_sent_since` is set where an
    earlier attempt began and its outcome is not known. `receipt` is what the channel gave for it when it arrived (empty
    where that answer was lost), None where it has not arrived; `revision` counts how often it was reworded. It was
    `interrupted` where whoever had it before let go of it without a word, as a process that is killed does. It
    `stands_in` where it is only for when no other channel brings it; `brought` are those that have.
    """

    id: int
    token: str
    athlete: str
    channel: str
    message: Message
    attempts: int
    perhaps_sent_since: datetime | None = None
    receipt: str | None = None
    revision: int = 0
    interrupted: bool = False
    session_id: int | None = None
    stands_in: bool = False
    brought: tuple[Brought, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message about a session and how far it got.

    It has `arrived`, or a send of it has `begun` and may have; it is `settled` where it arrived or was given up.
    """

    id: int
    channel: str
    message: Message
    arrived: bool
    begun: bool
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A message that waits. `trouble` is what went wrong with it last, empty for nothing."""

    athlete: str
    channel: str
    title: str
    due_at: datetime
    useful_until: datetime
    attempts: int
    trouble: str
    stands_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A message that arrived, with what its channel said to that."""

    athlete: str
    channel: str
    title: str
    at: datetime
    receipt: str


class MessageQuestions(Protocol):
    """About the outbox."""

    def add_message(
        self,
        athlete: str,
        channel: str,
        message: Message,
        due_at: datetime,
        session_id: int | None = None,
        *,
        stands_in: bool = False,
    ) -> bool:
        """Queue a message for a channel; return False where that key was queued there before.

        `stands_in`: it is only for where no other channel brings it by then.
        """

    def was_queued(self, athlete: str, key: str) -> bool:
        """Return whether a message of this name was ever queued."""

    def told(self, session_id: int) -> Sequence[Told]:
        """Return every message about a session, in the order they were queued; none of them moves meanwhile."""

    def shown(self, athlete: str, channel: str) -> Sequence[Shown]:
        """Return what a channel shows of the athlete's open sessions, but for what is just being put right there."""

    def reword(self, message_id: int, message: Message) -> None:
        """Put other words into a message that is still to be sent, or being sent."""

    def say_again(self, message_id: int, message: Message, at: datetime) -> None:
        """Have a message that arrived due again in other words, in the row it has."""

    def withdraw(self, message_id: int, reason: str, at: datetime) -> None:
        """Settle a message that was never sent as not to be said any more."""

    def due_channels(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Return the channels that messages are due on and may be leased, by athlete and name."""

    def claim(self, athlete: str, channel: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Delivery]:
        """Lease a channel's due messages, the most useful first.

        That is what can still come in time, the soonest late first; then the soonest useless. What failed again and
        again lets the others go first. An expired lease may be taken over; a held one may not.
        """

    def release(self, delivery: Delivery) -> None:
        """Give a lease back untouched."""

    def postpone(self, delivery: Delivery, due_at: datetime) -> None:
        """Give a lease back, with the message due at a later moment."""

    def put_fresh(self, delivery: Delivery, message: Message) -> Delivery:
        """Put the words of this moment into a leased message, before its send begins, and return it so."""

    def hasten(self, athlete: str, channel: str, now: datetime) -> None:
        """Have what stands in for what is due on a channel be sent now: the channel will not bring it by itself."""

    def spare(self, athlete: str, key: str) -> None:
        """Take away what was to stand in for a message that has been brought, where no send of it has begun."""

    def begin_sending(self, delivery: Delivery, at: datetime) -> bool:
        """Write down that a send begins; return False where the lease was lost."""

    def delivered(self, delivery: Delivery, receipt: str, at: datetime, *, put_right: bool = False) -> bool:
        """Settle a message as delivered; return False where the lease was lost.

        One that was reworded while it was on its way, or that is to be `put_right`, is due again at once.
        """

    def retry(self, delivery: Delivery, trouble: str, *, perhaps_sent: bool, counts: bool) -> bool:
        """Put a message back, to be sent once its channel works; return False where the lease was lost.

        The attempt `counts` where the message itself may have been the trouble.
        """

    def give_up(self, delivery: Delivery, reason: str, at: datetime) -> bool:
        """Settle a message as never to be sent; return False where the lease was lost."""

    def due_since(self, now: datetime) -> Mapping[str, datetime]:
        """Return by channel since when the oldest message that is due has been due."""

    def queued(self, limit: int) -> Sequence[Queued]:
        """Return the messages that wait, the soonest due first."""

    def receipts(self, limit: int) -> Sequence[Receipt]:
        """Return the messages that arrived last, the last one first."""

    def waiting_messages(self) -> Mapping[tuple[str, str], int]:
        """Return how many messages wait, by athlete and channel; those with none are left out."""

    def outbox_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return by channel how many messages wait, were delivered, and were given up, but for those nobody misses."""


class DigestQuestions(Protocol):
    """About which digests were made."""

    def add_digest(self, athlete: str, day: date, at: datetime) -> bool:
        """Claim the digest of a local date; return False where it was made before."""

    def was_digested(self, athlete: str, day: date) -> bool:
        """Return whether the digest of a local date was made."""

    def digests_since(self, day: date) -> Collection[tuple[str, date]]:
        """Return the digests made for a date or a later one, by athlete and date."""
