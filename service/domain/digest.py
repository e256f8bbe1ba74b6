"""The morning list: a day of facts as one message, or none where there is nothing to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid5
from zoneinfo import ZoneInfo

from service.domain.announcement import a_run, contents
from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.localtime import at
from service.domain.message import Message
from service.domain.routine import Part
from service.domain.sessions import NAMESPACE, Session
from service.domain.words import listed, whole_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What there is to tell on a morning. `repairs` are what sources and channels need a human for."""

    athlete: Athlete
    date: date
    pending: Sequence[Session] = ()
    runs_yesterday: Sequence[RunType] = ()
    done_this_week: int = 0
    repairs: Sequence[str] = ()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a local date, in UTC."""
    return at(day, time(), zone)


def start_of_week(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of the local week (Monday) a date lies in, in UTC."""
    return start_of_day(day - timedelta(days=day.weekday()), zone)


def digest_due(athlete: Athlete, now: datetime) -> date | None:
    """Return the local date whose digest may be made now, or None before the hour it is wanted at.

    Asked by date, not by alarm: the night the clocks change has one digest like any other.
    """
    local = now.astimezone(athlete.timezone)
    return local.date() if local.time() >= athlete.digest_at else None


def digest(day: Day) -> Message | None:
    """Return the morning's message, or None where nothing is pending, nobody ran and nothing needs a hand."""
    if not (day.pending or day.runs_yesterday or day.repairs):
        return None
    closes = start_of_day(day.date + timedelta(days=1), day.athlete.timezone)
    return Message(
        key=str(uuid5(NAMESPACE, f"{day.athlete.id}/digest/{day.date.isoformat()}")),
        title=_title(day.pending),
        body=_body(day),
        details=tuple(_pending_line(session, day.athlete.timezone) for session in day.pending),
        useful_until=closes,
        tags=("digest",),
    )


def _title(pending: Sequence[Session]) -> str:
    if not pending:
        return "Good morning: nothing to catch up on"
    total = whole_minutes(sum(session.routine.seconds for session in pending))
    waiting = "one routine waits" if len(pending) == 1 else f"{len(pending)} routines wait"
    return f"Good morning: {waiting} ({total} min)"


def _body(day: Day) -> str:
    goal = day.athlete.sessions_per_week
    lines = []
    if day.runs_yesterday:
        lines.append(f"Yesterday: {listed([a_run(run) for run in day.runs_yesterday])}.")
    lines.append(f"This week: {day.done_this_week} of {goal} sessions{_praise(day.done_this_week, goal)}")
    lines.extend(day.repairs)
    return "\n".join(lines)


def _pending_line(session: Session, zone: ZoneInfo) -> str:
    opens, closes = (moment.astimezone(zone) for moment in (session.window.opens, session.window.closes))
    when = f"from {opens:%H:%M}" if session.part is Part.LATER else f"until {closes:%H:%M}"
    run, size = a_run(session.routine.run_type), whole_minutes(session.routine.seconds)
    return f"{size} min after {run}, {when}: {listed(contents(session.routine))}"


def _praise(done: int, goal: int) -> str:
    return ", the goal is met. Well done." if done >= goal else "."
