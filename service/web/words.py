"""How pages say times: as one says them today, where the runner is."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.domain.announcement import when_to_do
from service.domain.athlete import Athlete
from service.domain.moments import Moment, moment_of
from service.domain.notices import LOWER_CASE
from service.domain.routine import Part
from service.domain.sessions import Session, State

NAMED = {0: "today", 1: "tomorrow", -1: "yesterday"}
# Within a week of now a weekday alone is clear.
CLEAR_FOR = 6


def day_words(day: date, today: date) -> str:
    """Return "today", "Tuesday", "Tue 3 Jun" or "3 Jun 2024"."""
    days = (day - today).days
    if days in NAMED:
        return NAMED[days]
    if abs(days) <= CLEAR_FOR:
        return f"{day:%A}"
    return f"{day:%a} {day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b} {day.year}"


def when(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return a moment as "today 18:20" or "Tue 3 Jun 7:30"."""
    local = moment.astimezone(zone)
    return f"{day_words(local.date(), now.astimezone(zone).date())} {local:%H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was: "just now", "5 min ago", "3 h ago", "12 days ago"."""
    span = now - moment
    if span < timedelta(minutes=1):
        return "just now"
    if span < timedelta(hours=1):
        return f"{span // timedelta(minutes=1)} min ago"
    if span < timedelta(days=1):
        return f"{span // timedelta(hours=1)} h ago"
    days = span // timedelta(days=1)
    return f"{days} {'day' if days == 1 else 'days'} ago"


def capitalized(text: str) -> str:
    """Return a text as a sentence begins, but for names that are written small wherever they stand."""
    return text if text.startswith(tuple(LOWER_CASE)) else text[:1].upper() + text[1:]


def best_done(session: Session, athlete: Athlete, now: datetime) -> str:
    """Return when a session still open is best done."""
    is_ahead, opens = session.window.opens > now, when(session.window.opens, now, athlete.timezone)
    if is_ahead and session.state is State.SNOOZED:
        return f"Moved to {opens.removeprefix('today ')}"
    if is_ahead and session.part is Part.LATER:
        return f"From {opens.removeprefix('today ')}, any time that evening"
    moment = moment_of(session, now, athlete)
    if moment is Moment.NOW:
        return "Best started while you are still warm"
    return when_to_do(session, athlete, moment).removesuffix(".")
