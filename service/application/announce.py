"""Putting messages about sessions into the outbox, and keeping right what they said.

What becomes of a session is never announced by another message: the one that came is put right in place, where its
channel can, and the one still waiting says what holds by then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.domain.announcement import as_it_stands, reminder, session_message
from service.domain.athlete import Athlete
from service.domain.delivery import LISTED, FollowUp, follow_up, unsaid
from service.domain.message import Message, Phase
from service.domain.notices import both, silent_system
from service.domain.quiet import WARM, is_quiet, speaks_at
from service.domain.sessions import OPEN_STATES, Session, State
from service.ports import Capabilities, Delivery, Links, Standing, Store, Told

# Until then whatever is due is asked, and what is no longer so is called off.
TRIED_BY_THEN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Announcer:
    """Queues what there is to say. `channels` are each athlete's, by name, with what they can do."""

    athletes: Mapping[str, Athlete]
    channels: Mapping[str, Mapping[str, Capabilities]]
    links: Links

    def announce(self, store: Store, session: Session, at: datetime, why: str, now: datetime) -> None:
        """Queue a new session for every channel: calendars take it at once, the others when its moment comes."""
        message = self._message(session, why, max(at, now))
        self._enter(store, session, message, now)
        self.say(store, session.athlete, message, at, about=session.id)

    def say(
        self, store: Store, athlete: str, message: Message, at: datetime, *, about: int | None = None, but: str = ""
    ) -> None:
        """Queue a message, `about` a session perhaps, for every channel that alerts `but` one.

        The fall-back has it too, to be sent only where no other brings it in time.
        """
        names = [name for name, can in self.channels.get(athlete, {}).items() if not can.calendar and name != but]
        runner = self.athletes[athlete]
        first = [name for name in names if name != runner.fallback]
        for name in first or names:
            store.add_message(athlete, name, message, at, about)
        if first and runner.fallback in names:
            patience = timedelta() if self._all_need_a_hand(store, athlete, first) else runner.fallback_after
            store.add_message(athlete, runner.fallback, message, at + patience, about, stands_in=True)

    def _all_need_a_hand(self, store: Store, athlete: str, channels: Sequence[str]) -> bool:
        return all(store.standing(athlete, f"channels.{name}").todo for name in channels)

    def _enter(self, store: Store, session: Session, message: Message, now: datetime) -> None:
        for name, can in self._channels(session).items():
            if can.calendar:
                store.add_message(session.athlete, name, message, now, session.id)

    def enter(self, store: Store, session: Session, now: datetime) -> None:
        """Put a session that the morning list tells of into calendars, where nothing else could bring that list."""
        if all(can.calendar for can in self._channels(session).values()):
            self._enter(store, session, self._message(session, "", now), now)

    def list_in_the_morning(
        self, store: Store, athlete: Athlete, message: Message, at: datetime, first: Session | None
    ) -> None:
        """Queue the morning list; what it tells of needs no message of its own any more, where that still waits."""
        self.say(store, athlete.id, message, at)
        for told, can in [] if first is None else self._told(store, first):
            if not (can.calendar or told.arrived or told.begun or told.settled):
                store.withdraw(told.id, LISTED, at)

    def follow_up(self, store: Store, session: Session, now: datetime, why: str | None = None) -> None:
        """Have everything said of a session say what holds now; `why` replaces the reason where there is a new one."""
        for told, can in self._told(store, session):
            if can.calendar or told.message.phase is not Phase.WITHDRAWN:
                why_now = told.message.why if why is None else why
                wanted = as_it_stands(self._message(session, why_now, now), session.state)
                _restate(store, told, can, wanted, now)

    def become(self, store: Store, session: Session, state: State, now: datetime) -> None:
        """Say what became of a session, to the store and wherever it was spoken of."""
        store.settle_session(session.id, state, now)
        self.follow_up(store, store.session(session.id), now)

    def put_off(self, store: Store, session: Session, now: datetime) -> None:
        """Have a session that was moved stand at its new time in calendars, and be spoken of then by all others.

        What the others said of it before is taken back: the reminder stands in its place, and keeps quiet hours. There
        is none for a moment that has passed, as when somebody puts an entry where they did the session.
        """
        message = self._message(session, "", now)
        for told, can in self._told(store, session):
            wanted = replace(message, why=told.message.why, phase=Phase.NEW if can.calendar else Phase.WITHDRAWN)
            _restate(store, told, can, wanted, now)
        again = reminder(message, session.window.opens, now)
        speaks = speaks_at(session.window.opens, self.athletes[session.athlete])
        if session.window.opens > now:
            self.say(store, session.athlete, again, speaks, about=session.id)

    def was_heard(self, store: Store, session: Session) -> bool:
        """Return whether a channel that alerts has brought, or may have brought, word of a session."""
        return any((told.arrived or told.begun) and not can.calendar for told, can in self._told(store, session))

    def words(self, store: Store, delivery: Delivery, now: datetime) -> Message:
        """Return what a message about a session says at the moment it is sent, others as they were queued."""
        if delivery.session_id is None or delivery.receipt is not None or delivery.message.phase is not Phase.NEW:
            return delivery.message
        session = store.session(delivery.session_id)
        if session.state not in OPEN_STATES:
            return delivery.message
        return replace(self._message(session, delivery.message.why, now), key=delivery.message.key)

    def speaks_at(self, store: Store, delivery: Delivery, now: datetime) -> datetime:
        """Return when a message may be said.

        What a channel could not bring in time must not come in quiet hours. A silence is spoken of while it is known to
        last: where the line was down, all that was silent is tried again before.
        """
        silent = silent_system(delivery.message)
        if silent and not any(_lasts(store.standing(delivery.athlete, part), now) for part in both(silent)):
            return now + TRIED_BY_THEN
        runner, best = self.athletes[delivery.athlete], delivery.message.best_before
        can = self.channels.get(delivery.athlete, {}).get(delivery.channel, Capabilities())
        alerts = delivery.receipt is None and delivery.message.phase is Phase.NEW and not can.calendar
        if not alerts or not is_quiet(now, runner):
            return now
        return speaks_at(now, runner, ended=None if best is None else best - WARM)

    def entry(self, session: Session) -> Message:
        """Return a session as it stands in a calendar."""
        return as_it_stands(self._message(session, "", session.window.opens), session.state)

    def _message(self, session: Session, why: str, now: datetime) -> Message:
        link = self.links.session(session.id, session.offered_at)
        return session_message(session, self.athletes[session.athlete], link, why, now)

    def _channels(self, session: Session) -> Mapping[str, Capabilities]:
        return self.channels.get(session.athlete, {})

    def _told(self, store: Store, session: Session) -> list[tuple[Told, Capabilities]]:
        """Return what was queued about a session, with what its channel can do (nothing where it is set up no more)."""
        channels = self._channels(session)
        return [(told, channels.get(told.channel, Capabilities())) for told in store.told(session.id)]


def _lasts(standing: Standing, now: datetime) -> bool:
    """Return whether a system has been tried lately, and failed."""
    return bool(standing.trouble) and standing.next_try is not None and standing.next_try > now


def _restate(store: Store, told: Told, can: Capabilities, wanted: Message, now: datetime) -> None:
    """Have one message say what is wanted now, under the name it has."""
    message = replace(wanted, key=told.message.key)
    if message == told.message:
        return
    how = follow_up(message.phase, arrived=told.arrived, begun=told.begun, settled=told.settled, updates=can.updates)
    match how:
        case FollowUp.REWORD:
            store.reword(told.id, message)
        case FollowUp.SAY_AGAIN:
            store.say_again(told.id, message, now)
        case FollowUp.WITHDRAW:
            store.withdraw(told.id, unsaid(message.phase), now)
        case FollowUp.LEAVE:
            pass
