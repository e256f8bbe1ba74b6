"""Not now: when a session that the runner puts off comes back."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from service.domain.athlete import Athlete
from service.domain.localtime import at, next_at, on_the_day
from service.domain.sessions import SNOOZE


class Later(StrEnum):
    """Until when a runner may put a session off by name; an hour of the clock is the other way to say it."""

    HOUR = "hour"
    EVENING = "evening"
    TOMORROW = "tomorrow"


def put_off(until: Later | time, athlete: Athlete, now: datetime) -> datetime:
    """Return the moment a session put off at `now` comes back, in UTC and always after `now`.

    An hour: in an hour. The evening: at the hour that suits the runner, in an hour where that is over or nearly there.
    Tomorrow: with the morning list. An hour of the clock: when it strikes next.
    """
    soonest = now + SNOOZE
    match until:
        case Later.HOUR:
            return soonest
        case Later.EVENING:
            return max(on_the_day(now, athlete.evening, athlete.timezone), soonest)
        case Later.TOMORROW:
            tomorrow = now.astimezone(athlete.timezone).date() + timedelta(days=1)
            return at(tomorrow, athlete.digest_at, athlete.timezone)
        case time():
            return next_at(until, athlete.timezone, now)
