"""When something may be said: quiet hours are kept without exception, unless the runner makes one.

due -> in quiet hours? -> when they end, or with the morning list where that comes soon after
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.domain.athlete import Athlete
from service.domain.localtime import at, next_at

# "Within 10-15 minutes" of the end (routine_facts T1), and as long again for the watch, the phone and the platform to
# pass the run on: until then legs are warm and a message means "now".
WARM = timedelta(minutes=30)
# What is held overnight waits for the morning list where that comes so soon after (ours).
LIST_IS_NEAR = timedelta(hours=2)
# It is the list that tells of it; a message by itself follows only where no list was made by then.
AFTER_LIST = timedelta(minutes=10)


def waking(moment: datetime, athlete: Athlete) -> datetime:
    """Return a moment, or the end of the runner's quiet hours where it falls inside them."""
    if not is_quiet(moment, athlete) or athlete.quiet is None:
        return moment
    return next_at(athlete.quiet[1], athlete.timezone, moment)


def speaks_at(due: datetime, athlete: Athlete, *, ended: datetime | None = None) -> datetime:
    """Return when what is due at a moment is said by a message of its own; `ended` is when a run did that it follows.

    At once by day; what quiet hours hold, when they end where legs are still warm then or the morning list is far, else
    after that list, which tells of it. What was put off to the hour of the list is told there, too. The runner may
    except a run just ended from quiet hours.
    """
    if ended is not None and athlete.heard_after_runs and due - ended <= WARM:
        return due
    woken = waking(due, athlete)
    held = woken != due
    if ended is not None and (not held or woken - ended <= WARM):
        return woken
    listed = next_at(athlete.digest_at, athlete.timezone, woken - AFTER_LIST)
    told_there = listed - woken <= (LIST_IS_NEAR if held else timedelta())
    return waking(listed + AFTER_LIST, athlete) if told_there else woken


def is_quiet(moment: datetime, athlete: Athlete) -> bool:
    """Tell whether a moment is in the runner's quiet hours: from the moment they begin to just before they end."""
    if athlete.quiet is None:
        return False
    begins, ends = athlete.quiet
    return _within(_clock(moment, athlete.timezone, ends), begins, ends)


def _clock(moment: datetime, zone: ZoneInfo, ends: time) -> time:
    """Return what the clock shows, or would show until quiet hours end whose end it leapt over."""
    local = moment.astimezone(zone)
    end = at(local.date(), ends, zone)
    if moment < end and end.astimezone(zone).time() != ends:
        before_the_leap = datetime.combine(local.date(), ends, zone).utcoffset()
        return (moment.astimezone(UTC) + (before_the_leap or timedelta())).time()
    return local.time()


def _within(clock: time, begins: time, ends: time) -> bool:
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends
