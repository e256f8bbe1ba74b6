"""What the runner did with a session, and how it felt."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time

from service.application.announce import Announcer
from service.domain.putting_off import Later, put_off
from service.domain.sessions import OPEN_STATES, Session, SettledError, State, expired, settle, snoozed
from service.ports import Clock, Database, Store


class NoSuchSessionError(LookupError):
    """There is no session of that number, or none is pending; the text says which."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """Settles, moves and comments on sessions."""

    database: Database
    announcer: Announcer
    clock: Clock

    def pending(self, athlete: str | None = None) -> list[Session]:
        """Return what is still to do, the earliest first; what has run out is settled as expired on the way."""
        now = self.clock.now()
        with self.database.writing() as store:
            still_open = store.open_sessions(athlete)
            gone = expired(still_open, now)
            for session in gone:
                self.announcer.become(store, session, State.EXPIRED, now)
        return [session for session in still_open if session not in gone]

    def newest(self, athlete: str | None = None) -> Session:
        """Return the newest pending session; raise NoSuchSessionError where nothing is pending.

        The newest is the latest that has opened; an evening session still ahead only where there is nothing else.
        """
        pending = self.pending(athlete)
        if not pending:
            raise NoSuchSessionError("Nothing is pending.")
        now = self.clock.now()
        opened = [session for session in pending if session.window.opens <= now]
        return opened[-1] if opened else pending[0]

    def newest_or_last(self, athlete: str | None = None) -> Session:
        """Return the newest pending session, else the one settled last; raise NoSuchSessionError where there is none.

        How it was is often said just after it is done.
        """
        with suppress(NoSuchSessionError):
            return self.newest(athlete)
        with self.database.reading() as store:
            last = store.last_changed(athlete)
        if last is None:
            raise NoSuchSessionError("There is no session yet: the first run brings one.")
        return last

    def session(self, session_id: int) -> Session:
        """Return one session; raise NoSuchSessionError where there is none."""
        with self.database.reading() as store:
            return _find(store, session_id)

    def done(self, session_id: int) -> Session:
        """Settle a session as done; done twice is done once."""
        return self._settle(session_id, State.DONE)

    def skip(self, session_id: int) -> Session:
        """Settle a session as not today; raise SettledError where it is done."""
        return self._settle(session_id, State.SKIPPED)

    def snooze(self, session_id: int, until: datetime) -> Session:
        """Move a session to a later moment and speak of it again then; raise SettledError where it is settled."""
        now = self.clock.now()
        with self.database.writing() as store:
            session = _find(store, session_id)
            if session.state not in OPEN_STATES:
                raise SettledError(f"This session is {session.state} already: nothing to move.")
            store.move_session(session_id, snoozed(session.window, until), now)
            moved = store.session(session_id)
            self.announcer.put_off(store, moved, now)
            return moved

    def put_off(self, session_id: int, until: Later | time) -> Session:
        """Move a session to an hour, the evening or tomorrow, and speak of it again then; raises as `snooze` does."""
        athlete = self.announcer.athletes[self.session(session_id).athlete]
        return self.snooze(session_id, put_off(until, athlete, self.clock.now()))

    def feel(self, session_id: int, feeling: str) -> None:
        """Write down how a session was, in the runner's word."""
        with self.database.writing() as store:
            store.add_feedback(_find(store, session_id).id, feeling, self.clock.now())

    def _settle(self, session_id: int, wish: State) -> Session:
        with self.database.writing() as store:
            session = _find(store, session_id)
            state = settle(session.state, wish)
            if state is not session.state:
                self.announcer.become(store, session, state, self.clock.now())
            return store.session(session_id)


def _find(store: Store, session_id: int) -> Session:
    try:
        return store.session(session_id)
    except KeyError as exc:
        raise NoSuchSessionError(f"There is no session {session_id}: `afterrun pending` lists what there is.") from exc
