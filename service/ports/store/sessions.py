"""Sessions, and what runners say of them and of themselves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from service.domain.body import Said
from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.routine import Routine
from service.domain.sessions import Offer, Session, State, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to be written; `ran` is what its run is held to be, None where it makes up for several."""

    key: str
    offer: Offer
    routine: Routine
    ran: RunType | None = None


class SessionQuestions(Protocol):
    """About sessions."""

    def add_session(self, athlete: str, activity_id: int | None, session: NewSession, made_at: datetime) -> int | None:
        """Write a session and return its number, or None where that run and part had one before.

        One whose run was let go of meanwhile belongs to the run again.
        """

    def session(self, session_id: int) -> Session:
        """Return one session; raise KeyError where there is none."""

    def sessions_after(self, activity_id: int) -> Sequence[Session]:
        """Return the sessions that follow an activity."""

    def open_sessions(self, athlete: str | None = None) -> Sequence[Session]:
        """Return what is still to do, the earliest window first."""

    def last_changed(self, athlete: str | None = None) -> Session | None:
        """Return the session that something was done about last."""

    def sessions_between(self, athlete: str, since: datetime, until: datetime) -> Sequence[Session]:
        """Return the sessions whose window opens in a span of time, in any state."""

    def done_between(self, athlete: str, since: datetime, until: datetime) -> int:
        """Return how many sessions were done in a span of time."""

    def times_done(self, athlete: str, since: datetime, until: datetime) -> Sequence[datetime]:
        """Return when sessions were done in a span of time, in that order."""

    def settle_session(self, session_id: int, state: State, at: datetime) -> None:
        """Say what became of a session."""

    def move_session(self, session_id: int, window: Window, at: datetime) -> None:
        """Give a session another window, as snoozed."""

    def rewrite_session(self, session_id: int, routine: Routine, at: datetime, *, ran: RunType | None = None) -> None:
        """Give a session another routine; `ran` is what its run is held to be now, where that was found out anew."""

    def cover(self, session_ids: Collection[int], by: int) -> None:
        """Remember that a session has taken the place of these."""

    def covered_by(self, session_id: int) -> Sequence[Session]:
        """Return the sessions whose place a session has taken, the earliest window first."""

    def unheard(self, now: datetime, age: timedelta) -> Sequence[int]:
        """Return the open sessions that some channel is still to speak of although they were put off or are this old.

        An old one that was changed since it reached that age is left out.
        """

    def add_feedback(self, session_id: int, feeling: str, at: datetime) -> None:
        """Write down how the runner said a session was."""

    def feelings(self, athlete: str, since: datetime, until: datetime) -> Sequence[tuple[datetime, str]]:
        """Return what the athlete said of sessions in a span of time, and when, oldest first."""

    def last_feeling(self, athlete: str) -> str | None:
        """Return what the athlete said last of any session."""


class BodyQuestions(Protocol):
    """About how a runner feels."""

    def add_said(self, athlete: str, said: Said) -> None:
        """Write down what the runner says of a place on their body."""

    def said_since(self, athlete: str, since: datetime) -> Sequence[Said]:
        """Return what the runner has said of their body since a moment, oldest first."""

    def set_run_felt(self, activity_id: int, felt: RunFelt, at: datetime) -> None:
        """Write down how a run (all its parts) felt, in the place of what was said of it before."""
