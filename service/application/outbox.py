"""Sending what is due.

    claim (lease) -> decide -> [ask whether it arrived] -> write down that a send begins -> send -> settle

A crash between the last two leaves `perhaps_sent_since` behind: the next attempt asks the receiver first. Where the
receiver cannot tell and would show a repeat, the message is sent once more after a crash, for nothing may be lost and
the moment in which it can be doubled is short; where an answer was lost it is given up, for then it most likely came.

A channel that fails rests, with all its messages, for as long as it or we need; then the most useful of them tries it.

A message that arrived comes due again in its row when what it speaks of has changed: it is then put right in place.
A crash there costs a repeat that nobody sees.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from service.application.backoff import line_is_back, troubled
from service.domain.delivery import Turn, decide, unsaid
from service.domain.message import Message, Phase
from service.ports import (
    Channel,
    Clock,
    Database,
    Delivery,
    EdgeError,
    Malformed,
    Outcome,
    Refused,
    Standing,
    Store,
    Throttled,
    Unavailable,
)

# Longer than asking and then sending may take (each is bounded at 25 s); after a crash so long a message waits.
LEASE = timedelta(seconds=60)
# Few at a time, so that the leases of the last ones are still young when their turn comes.
AT_ONCE = 10
# The receipt of what was found to have arrived.
ANSWER_LOST = ""
BROKEN_CHANNEL = "it failed in a way it should not: the log says where; it is asked before anything is sent again"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How many messages of one round were delivered, put back and given up."""

    delivered: int = 0
    put_back: int = 0
    given_up: int = 0

    def __bool__(self) -> bool:
        return self != Sent()

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(
            delivered=self.delivered + other.delivered,
            put_back=self.put_back + other.put_back,
            given_up=self.given_up + other.given_up,
        )


class Speech(Protocol):
    """How and when a message is said."""

    def words(self, store: Store, delivery: Delivery, now: datetime) -> Message:
        """Return a message in the words for the moment it is sent at."""

    def speaks_at(self, store: Store, delivery: Delivery, now: datetime) -> datetime:
        """Return when a message may be said: now, when quiet hours end, or when it is known whether it still holds."""


class AsQueued:
    """Says messages at once, in the words they were queued with."""

    def words(self, store: Store, delivery: Delivery, now: datetime) -> Message:  # noqa: ARG002 - the form of Speech
        """Return the message as it is."""
        return delivery.message

    def speaks_at(self, store: Store, delivery: Delivery, now: datetime) -> datetime:  # noqa: ARG002 - the form of Speech
        """Return that it may be said now."""
        return now


@dataclass(frozen=True, slots=True)
class Outbox:
    """Sends messages.

    `channels` are by athlete and name; `spread` returns a number from 0 to 1 for back-off jitter; `speech` knows how
    and when a message is said.
    """

    database: Database
    channels: Mapping[tuple[str, str], Channel]
    clock: Clock
    spread: Callable[[], float]
    speech: Speech = field(default_factory=AsQueued)

    def deliver_due(self) -> Sent:
        """Send everything that is due now, what comes due by that included, and say how that went."""
        total = Sent()
        while sent := self._deliver_round():
            total += sent
        return total

    def _deliver_round(self) -> Sent:
        return sum((self.deliver(athlete, channel) for athlete, channel in self.due()), Sent())

    def due(self) -> Sequence[tuple[str, str]]:
        """Return the channels that messages are due on, by athlete and name, but for those that rest after a fault."""
        now = self.clock.now()
        with self.database.reading() as store:
            resting = store.waiting_systems(now, impatient=False)
            return [one for one in store.due_channels(now) if (one[0], _system(one[1])) not in resting]

    def deliver(self, athlete: str, channel: str) -> Sent:
        """Send everything that is due on one channel now, until it is in trouble, and say how that went."""
        total = Sent()
        while True:
            with self.database.writing() as store:
                leased = store.claim(athlete, channel, self.clock.now(), LEASE, AT_ONCE)
            if not leased:
                return total
            for place, delivery in enumerate(leased, start=1):
                sent = self._deliver(delivery)
                total += sent
                if sent.put_back:
                    self._release(leased[place:])
                    return total

    def _release(self, held: Sequence[Delivery]) -> None:
        """Give back the leases of what a channel in trouble holds: none of it was tried."""
        with self.database.writing() as store:
            for delivery in held:
                store.release(delivery)

    def _deliver(self, delivery: Delivery) -> Sent:
        channel = self.channels.get((delivery.athlete, delivery.channel))
        decision = decide(
            delivery.message,
            now=self.clock.now(),
            perhaps_sent_since=delivery.perhaps_sent_since,
            arrived=delivery.receipt is not None,
            updates=channel is not None and channel.capabilities.updates,
            brought_by=self._brought_by(delivery),
        )
        if decision.turn is Turn.DROP:
            return self._give_up(delivery, decision.reason)
        if channel is None:
            return self._give_up(delivery, f"the channel {delivery.channel} is no longer set up")
        if decision.turn is Turn.ASK_FIRST and delivery.perhaps_sent_since is not None:
            return self._ask_first(delivery, channel, delivery.perhaps_sent_since)
        return self._send(delivery, channel)

    def _brought_by(self, delivery: Delivery) -> str:
        """Return the channel that has brought this message in the place of its own; empty where none has."""
        return next(
            (
                other.channel
                for other in delivery.brought
                if other.stood_in or (delivery.stands_in and not self._is_calendar(delivery.athlete, other.channel))
            ),
            "",
        )

    def _is_calendar(self, athlete: str, name: str) -> bool:
        channel = self.channels.get((athlete, name))
        return channel is not None and channel.capabilities.calendar

    def _ask_first(self, delivery: Delivery, channel: Channel, since: datetime) -> Sent:
        try:
            outcome = channel.reconcile(delivery.message, since)
        except EdgeError as exc:
            return self._put_back(delivery, exc, perhaps_sent=True)
        phase = delivery.message.phase
        if outcome is Outcome.ARRIVED or (outcome is Outcome.UNKNOWN and phase is not Phase.NEW):
            # In which words is not known, so where they can be put right they are.
            return self._delivered(delivery, ANSWER_LOST, put_right=channel.capabilities.updates)
        if phase is not Phase.NEW:
            return self._give_up(delivery, unsaid(phase))
        if outcome is Outcome.UNKNOWN and not (channel.capabilities.idempotent or _once_more(delivery)):
            return self._give_up(delivery, "an earlier send may have arrived: not sent twice")
        return self._send(delivery, channel)

    def _send(self, delivery: Delivery, channel: Channel) -> Sent:
        now = self.clock.now()
        with self.database.writing() as store:
            if (at := self.speech.speaks_at(store, delivery, now)) > now:
                store.postpone(delivery, at)
                return Sent()
            fresh = self.speech.words(store, delivery, now)
            if fresh != delivery.message:
                delivery = store.put_fresh(delivery, fresh)
            if not store.begin_sending(delivery, now):
                return Sent()
        try:
            receipt = channel.send(_as_due(delivery), delivery.receipt)
        except Malformed as exc:
            return self._give_up(delivery, str(exc))
        except EdgeError as exc:
            return self._put_back(delivery, exc, perhaps_sent=isinstance(exc, Unavailable) and exc.perhaps_done)
        except Exception:  # a channel that breaks its promise must not keep the others' messages waiting
            log.exception("channel %s broke its promise", delivery.channel)
            return self._put_back(delivery, Unavailable(BROKEN_CHANNEL), perhaps_sent=True)
        return self._delivered(delivery, receipt)

    def _delivered(self, delivery: Delivery, receipt: str, *, put_right: bool = False) -> Sent:
        now, system = self.clock.now(), _system(delivery.channel)
        with self.database.writing() as store:
            store.alone_with(delivery.athlete)
            settled = store.delivered(delivery, receipt, now, put_right=put_right)
            if not (delivery.stands_in or self._is_calendar(delivery.athlete, delivery.channel)):
                store.spare(delivery.athlete, delivery.message.key)
            before = store.standing(delivery.athlete, system)
            store.set_standing(delivery.athlete, system, Standing(last_success=now))
            if line_is_back(before, now):
                store.forget_back_off()
        if before.trouble:
            log.info("%s of %s works again", system, delivery.athlete)
        return Sent(delivered=int(settled and not put_right))

    def _give_up(self, delivery: Delivery, reason: str) -> Sent:
        with self.database.writing() as store:
            return Sent(given_up=int(store.give_up(delivery, reason, self.clock.now())))

    def _put_back(self, delivery: Delivery, error: EdgeError, *, perhaps_sent: bool) -> Sent:
        now, system = self.clock.now(), _system(delivery.channel)
        with self.database.writing() as store:
            store.alone_with(delivery.athlete)
            before = store.standing(delivery.athlete, system)
            channel = troubled(before, error, now, self.spread())
            store.set_standing(delivery.athlete, system, channel)
            counts = not isinstance(error, Refused | Throttled)
            put_back = store.retry(delivery, str(error), perhaps_sent=perhaps_sent, counts=counts)
            if isinstance(error, Refused):
                store.hasten(delivery.athlete, delivery.channel, now)
        if before.trouble != str(error):
            log.warning("%s of %s: %s (it is tried again; this is said once)", system, delivery.athlete, error)
        return Sent(put_back=int(put_back))


def _once_more(delivery: Delivery) -> bool:
    """Return whether a send that was cut off may be repeated to a receiver that cannot tell: once."""
    return delivery.interrupted and delivery.attempts == 1


def _as_due(delivery: Delivery) -> Message:
    """Return the message in the phase it is in for a receiver that may have it already."""
    message = delivery.message
    if delivery.receipt is None or message.phase is not Phase.NEW:
        return message
    return replace(message, phase=Phase.CHANGED)


def _system(channel: str) -> str:
    return f"channels.{channel}"
