"""Hours of the clock where the runner is, on every day of the year.

An hour that the clock leaps over in spring strikes when the leap is over; one that it strikes twice in autumn is meant
the first time.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, at which the clock shows an hour on a local date."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def on_the_day(moment: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, at which the clock shows an hour on the local date of another moment."""
    return at(moment.astimezone(zone).date(), clock, zone)


def next_at(clock: time, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first moment after another, in UTC, at which the clock shows an hour."""
    day = after.astimezone(zone).date()
    return next(moment for days in range(3) if (moment := at(day + timedelta(days=days), clock, zone)) > after)
