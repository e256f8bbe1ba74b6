"""Sessions and what became of them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, exists, func, insert, or_, select, update

from service.domain.classification import RunType
from service.domain.routine import Part, Routine
from service.domain.sessions import OPEN_STATES, Session, State, Window
from service.persistence._base import Questions
from service.persistence.documents import dump, load
from service.persistence.tables import feedback, outbox, sessions
from service.ports import NewSession

_OPEN = [state.value for state in OPEN_STATES]


class SessionQuestions(Questions):
    """Questions about sessions."""

    def add_session(self, athlete: str, activity_id: int | None, session: NewSession, made_at: datetime) -> int | None:
        """Write a session and return its number, or None where that run and part had one before.

        One whose run was let go of meanwhile belongs to the run again.
        """
        added = self._insert_new(
            sessions,
            key=session.key,
            athlete=athlete,
            activity_id=activity_id,
            part=session.offer.part.value,
            routine=dump(session.routine),
            opens=session.offer.window.opens,
            closes=session.offer.window.closes,
            state=State.PENDING.value,
            ran=session.ran.value if session.ran else None,
            made_at=made_at,
            changed_at=made_at,
        )
        if not added:
            adrift = (sessions.c.key == session.key) & sessions.c.activity_id.is_(None)
            self.connection.execute(update(sessions).where(adrift).values(activity_id=activity_id))
            return None
        number: int = self.connection.execute(select(sessions.c.id).where(sessions.c.key == session.key)).scalar_one()
        return number

    def session(self, session_id: int) -> Session:
        """Return one session; raise KeyError where there is none."""
        found = self._sessions(select(sessions).where(sessions.c.id == session_id))
        if not found:
            raise KeyError(session_id)
        return found[0]

    def sessions_after(self, activity_id: int) -> Sequence[Session]:
        """Return the sessions that follow an activity."""
        return self._sessions(select(sessions).where(sessions.c.activity_id == activity_id))

    def open_sessions(self, athlete: str | None = None) -> Sequence[Session]:
        """Return what is still to do, the earliest window first."""
        still_open = select(sessions).where(sessions.c.state.in_(_OPEN)).order_by(sessions.c.opens, sessions.c.id)
        return self._sessions(still_open if athlete is None else still_open.where(sessions.c.athlete == athlete))

    def last_changed(self, athlete: str | None = None) -> Session | None:
        """Return the session that something was done about last."""
        last = select(sessions).order_by(sessions.c.changed_at.desc(), sessions.c.id.desc()).limit(1)
        return next(iter(self._sessions(last if athlete is None else last.where(sessions.c.athlete == athlete))), None)

    def sessions_between(self, athlete: str, since: datetime, until: datetime) -> Sequence[Session]:
        """Return the sessions whose window opens in a span of time, in any state."""
        spanned = select(sessions).where(
            sessions.c.athlete == athlete, sessions.c.opens >= since, sessions.c.opens < until
        )
        return self._sessions(spanned.order_by(sessions.c.opens))

    def done_between(self, athlete: str, since: datetime, until: datetime) -> int:
        """Return how many sessions were done in a span of time."""
        done = select(func.count()).where(
            sessions.c.athlete == athlete,
            sessions.c.state == State.DONE.value,
            sessions.c.changed_at >= since,
            sessions.c.changed_at < until,
        )
        return self.connection.execute(done).scalar_one()

    def times_done(self, athlete: str, since: datetime, until: datetime) -> Sequence[datetime]:
        """Return when sessions were done in a span of time, in that order."""
        done = select(sessions.c.changed_at).where(
            sessions.c.athlete == athlete,
            sessions.c.state == State.DONE.value,
            sessions.c.changed_at >= since,
            sessions.c.changed_at < until,
        )
        return self.connection.execute(done.order_by(sessions.c.changed_at)).scalars().all()

    def settle_session(self, session_id: int, state: State, at: datetime) -> None:
        """Say what became of a session."""
        self._change(session_id, at, state=state.value)

    def move_session(self, session_id: int, window: Window, at: datetime) -> None:
        """Give a session another window, as snoozed."""
        self._change(session_id, at, opens=window.opens, closes=window.closes, state=State.SNOOZED.value)

    def rewrite_session(self, session_id: int, routine: Routine, at: datetime, *, ran: RunType | None = None) -> None:
        """Give a session another routine; `ran` is what its run is held to be now, where that was found out anew."""
        self._change(session_id, at, routine=dump(routine), **({"ran": ran.value} if ran else {}))

    def cover(self, session_ids: Collection[int], by: int) -> None:
        """Remember that a session has taken the place of these."""
        self.connection.execute(update(sessions).where(sessions.c.id.in_(session_ids)).values(covered_by=by))

    def covered_by(self, session_id: int) -> Sequence[Session]:
        """Return the sessions whose place a session has taken, the earliest window first."""
        return self._sessions(
            select(sessions).where(sessions.c.covered_by == session_id).order_by(sessions.c.opens, sessions.c.id)
        )

    def unheard(self, now: datetime, age: timedelta) -> Sequence[int]:
        """Return the open sessions that some channel is still to speak of although they were put off or are this old.

        An old one that was changed since it reached that age is left out.
        """
        waiting = exists().where(
            outbox.c.session_id == sessions.c.id, outbox.c.settled_at.is_(None), outbox.c.receipt.is_(None)
        )
        found = select(sessions.c.id, sessions.c.state, sessions.c.opens, sessions.c.changed_at).where(
            sessions.c.state.in_(_OPEN),
            or_(sessions.c.opens <= now - age, sessions.c.state == State.SNOOZED.value),
            waiting,
        )
        return [
            row.id
            for row in self.connection.execute(found)
            if row.state == State.SNOOZED.value or row.changed_at < row.opens + age
        ]

    def add_feedback(self, session_id: int, feeling: str, at: datetime) -> None:
        """Write down how the runner said a session was."""
        self.connection.execute(insert(feedback).values(session_id=session_id, feeling=feeling, at=at))

    def feelings(self, athlete: str, since: datetime, until: datetime) -> Sequence[tuple[datetime, str]]:
        """Return what the athlete said of sessions in a span of time, and when, oldest first."""
        said = select(feedback.c.at, feedback.c.feeling).join(sessions).where(sessions.c.athlete == athlete)
        spanned = said.where(feedback.c.at >= since, feedback.c.at < until).order_by(feedback.c.at, feedback.c.id)
        return [(row.at, row.feeling) for row in self.connection.execute(spanned)]

    def last_feeling(self, athlete: str) -> str | None:
        """Return what the athlete said last of any session."""
        said = select(feedback.c.feeling).join(sessions).where(sessions.c.athlete == athlete)
        feeling: str | None = self.connection.execute(said.order_by(feedback.c.id.desc()).limit(1)).scalar_one_or_none()
        return feeling

    def _change(self, session_id: int, at: datetime, **values: Any) -> None:  # noqa: ANN401 - columns of many types
        self.connection.execute(update(sessions).where(sessions.c.id == session_id).values(changed_at=at, **values))

    def _sessions(self, query: Select[Any]) -> list[Session]:
        return [_session(row) for row in self.connection.execute(query)]


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        key=row.key,
        athlete=row.athlete,
        activity=row.activity_id,
        part=Part(row.part),
        routine=load(Routine, row.routine),
        window=Window(opens=row.opens, closes=row.closes),
        state=State(row.state),
        offered_at=row.made_at,
        changed_at=row.changed_at,
        ran=RunType(row.ran) if row.ran else None,
    )
