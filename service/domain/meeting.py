"""A run comes home while something is still to do: one session, never a stack of them.

| still to do                          | an easy run comes home  | a hard or long run comes home |
| ------------------------------------ | ----------------------- | ----------------------------- |
| at a later hour (in 3 h or more)     | both stay               | one in its place              |
| now, or soon                         | one in its place        | one in its place              |
| after a run that ended later (*)     | that one serves both    | that one serves both          |

(*) the run that comes home was uploaded late.

One routine for several runs has the size of the hardest, and what it replaces is owed to it. The five minutes right
after a long run, and what makes up for others, leave nothing but what they owe.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.domain.classification import RunType
from service.domain.routine import Part
from service.domain.sessions import SPLIT_AHEAD, Session


class Meeting(StrEnum):
    """What becomes of a session still to do when a run comes home."""

    BOTH_STAY = "both stay"
    REPLACED = "replaced"
    SERVES_BOTH = "serves both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Homecoming:
    """The run that came home: of what kind, when it ended, and when it is spoken of."""

    run_type: RunType
    ended: datetime
    spoken: datetime


def meet(session: Session, ran_until: datetime | None, home: Homecoming) -> Meeting:
    """Return what becomes of a session still to do.

    `ran_until` is when the run behind it ended, None for a session that makes up for several.
    """
    if ran_until is not None and home.ended < ran_until:
        return Meeting.SERVES_BOTH
    if home.run_type is RunType.EASY and session.window.opens - home.spoken >= SPLIT_AHEAD:
        return Meeting.BOTH_STAY
    return Meeting.REPLACED


def serving(own: RunType, others: Iterable[RunType]) -> tuple[RunType, tuple[RunType, ...]]:
    """Return the run that decides the size of one routine for several (its own where none is harder), and the rest."""
    runs = [own, *others]
    hardest = next((run for run in runs if run is not RunType.EASY), own)
    runs.remove(hardest)
    return hardest, tuple(runs)


def left_to_others(sessions: Iterable[Session]) -> tuple[RunType, ...]:
    """Return the runs that a session serves in the place of these."""
    thorough = (session for session in sessions if not session.makes_up and session.part is not Part.NOW)
    return tuple(run for session in thorough for run in (session.routine.run_type, *session.routine.also))


def others_served(session: Session) -> tuple[RunType, ...]:
    """Return the runs a session serves beside its own."""
    runs = [session.routine.run_type, *session.routine.also]
    own = session.routine.run_type if session.ran is None else session.ran
    if own in runs:
        runs.remove(own)
    return tuple(runs)
