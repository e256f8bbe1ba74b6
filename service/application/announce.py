"""Putting messages about sessions into the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from service.domain.announcement import reminder, session_message
from service.domain.athlete import Athlete
from service.domain.message import Message
from service.domain.sessions import Session, State
from service.ports import Capabilities, Links, Store


@dataclass(frozen=True, slots=True)
class Announcer:
    """Queues what there is to say. `channels` are each athlete's, by name, with what they can do."""

    athletes: Mapping[str, Athlete]
    channels: Mapping[str, Mapping[str, Capabilities]]
    links: Links

    def announce(self, store: Store, session: Session, at: datetime, why: str, now: datetime) -> None:
        """Queue a new session for every channel: calendars take it at once, the others when its moment comes."""
        message = self._message(session, why)
        for name, can in self._channels(session):
            store.add_message(session.athlete, name, message, now if can.calendar else at, session.id)

    def reword(self, store: Store, session: Session, why: str) -> None:
        """Put a rewritten session's words into what still waits to be said about it."""
        store.reword(session.id, self._message(session, why))

    def remind(self, store: Store, session: Session, at: datetime) -> None:
        """Queue a reminder of a session the runner put off, for every channel that speaks up by itself."""
        message = reminder(self._message(session, why=""), at)
        for name, can in self._channels(session):
            if not can.calendar:
                store.add_message(session.athlete, name, message, at, session.id)

    def entry(self, session: Session) -> Message:
        """Return a session as it stands in a calendar."""
        message = self._message(session, why="")
        return replace(message, title=f"✓ {message.title}") if session.state is State.DONE else message

    def _message(self, session: Session, why: str) -> Message:
        return session_message(session, self.athletes[session.athlete], self.links.session(session.id), why)

    def _channels(self, session: Session) -> list[tuple[str, Capabilities]]:
        return list(self.channels.get(session.athlete, {}).items())
