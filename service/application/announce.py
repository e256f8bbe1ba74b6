"""Putting messages about sessions into the outbox, and keeping right what they said.

What becomes of a session is never announced by another message: the one that came is put right in place, where its
channel can, and the one still waiting says what holds by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from service.domain.announcement import as_it_stands, reminder, session_message
from service.domain.athlete import Athlete
from service.domain.delivery import FollowUp, follow_up, unsaid
from service.domain.message import Message, Phase
from service.domain.quiet import speaks_at
from service.domain.sessions import Session, State
from service.ports import Capabilities, Links, Store, Told

LISTED = "told in the morning list"


@dataclass(frozen=True, slots=True)
class Announcer:
    """Queues what there is to say. `channels` are each athlete's, by name, with what they can do."""

    athletes: Mapping[str, Athlete]
    channels: Mapping[str, Mapping[str, Capabilities]]
    links: Links

    def announce(self, store: Store, session: Session, at: datetime, why: str, now: datetime) -> None:
        """Queue a new session for every channel: calendars take it at once, the others when its moment comes."""
        message = self._message(session, why, max(at, now))
        for name, can in self._channels(session).items():
            store.add_message(session.athlete, name, message, now if can.calendar else at, session.id)

    def enter(self, store: Store, session: Session, now: datetime) -> None:
        """Put a session that the morning list tells of into calendars, where nothing else could bring that list."""
        channels = self._channels(session)
        if all(can.calendar for can in channels.values()):
            for name in channels:
                store.add_message(session.athlete, name, self._message(session, "", now), now, session.id)

    def list_in_the_morning(
        self, store: Store, athlete: Athlete, message: Message, at: datetime, first: Session | None
    ) -> None:
        """Queue the morning list; what it tells of needs no message of its own any more, where that still waits."""
        for name, can in self.channels.get(athlete.id, {}).items():
            if not can.calendar:
                store.add_message(athlete.id, name, message, at)
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
        for name, can in self._channels(session).items():
            if not can.calendar and session.window.opens > now:
                store.add_message(session.athlete, name, again, speaks, session.id)

    def entry(self, session: Session) -> Message:
        """Return a session as it stands in a calendar."""
        return as_it_stands(self._message(session, "", session.window.opens), session.state)

    def _message(self, session: Session, why: str, now: datetime) -> Message:
        return session_message(session, self.athletes[session.athlete], self.links.session(session.id), why, now)

    def _channels(self, session: Session) -> Mapping[str, Capabilities]:
        return self.channels.get(session.athlete, {})

    def _told(self, store: Store, session: Session) -> list[tuple[Told, Capabilities]]:
        """Return what was queued about a session, with what its channel can do (nothing where it is set up no more)."""
        channels = self._channels(session)
        return [(told, channels.get(told.channel, Capabilities())) for told in store.told(session.id)]


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
