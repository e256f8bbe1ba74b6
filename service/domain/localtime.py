"""Hours of the clock where the runner is, on every day of the year.

An hour that the clock leaps over in spring is as far behind the leap as it would have been behind its beginning; of
one that it strikes twice in autumn the first is meant, unless that is over.
"""

from collections.abc import Iterator
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
    strikes = (moment for days in range(3) for moment in _strikes(day + timedelta(days=days), clock, zone))
    return next(moment for moment in strikes if moment > after)


def _strikes(day: date, clock: time, zone: ZoneInfo) -> Iterator[datetime]:
    yield at(day, clock, zone)
    again = at(day, clock.replace(fold=1), zone)
    if again.astimezone(zone).time() == clock:
        yield again
