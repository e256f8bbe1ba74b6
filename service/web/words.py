"""How pages say times: as one says them today, where the runner is."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

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
