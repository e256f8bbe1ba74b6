"""What moment it is for a session: the same routine is spoken of otherwise right after the run and the next morning."""

from datetime import datetime
from enum import StrEnum

from service.domain.athlete import Athlete
from service.domain.quiet import WARM, speaks_at
from service.domain.routine import Part
from service.domain.sessions import Session, State


class Moment(StrEnum):
    """A moment to be told of a session."""

    NOW = "now"
    LATE = "late"
    EVENING = "evening"
    NEXT_DAY = "next day"
    PUT_OFF = "put off"
    CATCH_UP = "catch up"


def moment_of(session: Session, at: datetime, athlete: Athlete) -> Moment:
    """Return what moment it is for a session when its runner hears of it.

    Now, while legs are warm; late, on the same day; the next day; the evening that the second half of a long run waits
    for; when the runner wished for, where they put it off; any time, for what makes up for several.
    """
    if session.makes_up:
        return Moment.CATCH_UP
    if session.state is State.SNOOZED:
        return Moment.PUT_OFF
    if at - session.window.opens <= WARM and session.part is not Part.LATER:
        return Moment.NOW
    if _day(at, athlete) > _day(session.window.opens, athlete):
        return Moment.NEXT_DAY
    return Moment.EVENING if session.part is Part.LATER else Moment.LATE


def begins_at(session: Session, athlete: Athlete) -> datetime:
    """Return when a session stands in a calendar, whose reminders keep quiet hours too: always the same moment.

    When it opened, or was heard of where legs had cooled down by then; exactly where the runner put it, where they did.
    """
    opens, known = session.window.opens, session.offered_at
    if session.state is State.SNOOZED:
        return opens
    return speaks_at(opens if known is None or known - opens <= WARM else known, athlete, ended=opens)


def has_cooled(session: Session, at: datetime) -> bool:
    """Tell whether legs will have cooled down by the time the runner does a session, and its routine forgets so."""
    return not session.routine.cold and (
        session.state is State.SNOOZED or (session.part is not Part.LATER and at - session.window.opens > WARM)
    )


def _day(moment: datetime, athlete: Athlete) -> int:
    return moment.astimezone(athlete.timezone).toordinal()
