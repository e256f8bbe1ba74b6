"""When to ask a source again: often when a run is likely to have just ended, seldom otherwise.

    ends of runs -> how likely one ends, five minutes by five minutes of a week -> how densely to ask -> next moment

The density of asking goes with a power of that likelihood. A power of one half makes the mean wait shortest, a higher
one the usual wait at the cost of the unusual. Once a run has come, another is unlikely that day, and what asking would
have cost then is spent on the hours before one comes: over the last weeks as they were, it adds up to what it may cost.

The figures were chosen on 14,000 runs of 17 people, where they make the usual wait a quarter of that of asking evenly,
and the longest tenth no longer; benchmarks/bench_polling.py measures it anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from service.domain.activity import Column

SLOT = timedelta(minutes=5)
SLOTS = timedelta(days=1) // SLOT
WEEKDAYS = 7

# Somebody who ends runs at 18:00 ends them half an hour sooner or later.
SPREAD = timedelta(minutes=30)
# A run of another weekday says so much of what a run of this one says.
OTHER_WEEKDAYS = 0.3
# A run of a month ago says half of what today's says.
FADES = timedelta(days=30)
# After six halvings a run says too little to be read.
FORGOTTEN_AFTER = 6 * FADES
# Where runs would come from that nothing foretells, so many a day.
UNFORETOLD = 0.03
# On a day that had its run, the next is so much less likely.
RAN_ALREADY = 0.15
POWER = 0.75
# What is looked back at to see what asking would have cost.
LOOK_BACK = timedelta(days=56)
# However unlikely a run is, nobody waits longer for it than this many even intervals.
LONGEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How densely to ask, in askings a slot: `waiting` on a day without a run yet, `resting` after one.

    Both have a row for each weekday from Monday and a column for each slot of the runner's day.
    """

    zone: ZoneInfo
    waiting: Column
    resting: Column
    ran_on: frozenset[date]


def habit(ends: Sequence[datetime], zone: ZoneInfo, now: datetime, every: timedelta) -> Habit:
    """Return how densely to ask a source that may be asked once in `every` on average.

    `ends` are when runs ended; those after `now` are left out.
    """
    local = [end.astimezone(zone) for end in ends if end <= now]
    likely = _likelihood(local, now)
    waiting, resting = likely**POWER, (RAN_ALREADY * likely) ** POWER
    a_day = timedelta(days=1) / every / _cost_of_a_day(local, now.astimezone(zone), waiting, resting)
    least = every_slot(every) / LONGEST
    return Habit(
        zone=zone,
        waiting=np.maximum(waiting * a_day, least),
        resting=np.maximum(resting * a_day, least),
        ran_on=frozenset(end.date() for end in local),
    )


def every_slot(every: timedelta) -> float:
    """Return the askings a slot of asking evenly, once in `every`."""
    return SLOT / every


def next_asking(habit: Habit, asked_at: datetime) -> datetime:
    """Return when to ask again after `asked_at`: when the densities of the slots until then add up to one."""
    moment, still = asked_at, 1.0
    while True:
        local = moment.astimezone(habit.zone)
        weekday, slot = local.weekday(), _slot(local)
        density = float((habit.resting if local.date() in habit.ran_on else habit.waiting)[weekday, slot])
        rest_of_slot = SLOT - (local - _midnight(local)) % SLOT
        if density * (rest_of_slot / SLOT) >= still:
            return moment + SLOT * (still / density)
        still -= density * (rest_of_slot / SLOT)
        moment = moment.astimezone(UTC) + rest_of_slot


def _likelihood(ends: Sequence[datetime], now: datetime) -> Column:
    """Return how likely a run is to end in each slot of each weekday."""
    total = np.full((WEEKDAYS, SLOTS), UNFORETOLD / SLOTS)
    if not ends:
        return total
    weights = np.array([0.5 ** ((now - end) / FADES) for end in ends])
    weekday = np.array([end.weekday() for end in ends])
    bumps = _bumps(np.array([_slot(end) for end in ends])) * weights[:, np.newaxis]
    any_day = bumps.sum(axis=0)
    own_day = np.stack([bumps[weekday == day].sum(axis=0) for day in range(WEEKDAYS)]) * WEEKDAYS
    total += (OTHER_WEEKDAYS * any_day + (1 - OTHER_WEEKDAYS) * own_day) / _days_weighed(ends, now)
    return total


def _days_weighed(ends: Sequence[datetime], now: datetime) -> float:
    """Return how many days the history covers, days of long ago counting as little as their runs do."""
    known = max(now - min(ends), timedelta(days=1))
    halvings = FADES / timedelta(days=1) / np.log(2)
    return float(halvings * (1 - 0.5 ** (known / FADES)))


def _bumps(slots: Column) -> Column:
    """Return for each slot how a run that ended in it is spread over the day, which is round; each adds up to one."""
    apart = np.abs(np.arange(SLOTS)[np.newaxis, :] - slots[:, np.newaxis])
    apart = np.minimum(apart, SLOTS - apart)
    bumps = np.exp(-0.5 * (apart / (SPREAD / SLOT)) ** 2)
    spread: Column = bumps / bumps.sum(axis=1, keepdims=True)
    return spread


def _cost_of_a_day(ends: Sequence[datetime], now: datetime, waiting: Column, resting: Column) -> float:
    """Return the mean askings a day, before scaling, over the last weeks as their runs came."""
    first_run: dict[date, int] = {}
    for end in sorted(ends):
        first_run.setdefault(end.date(), _slot(end))
    today = now.date()
    days = [today - timedelta(days=back) for back in range(1, LOOK_BACK // timedelta(days=1) + 1)]
    known = [day for day in days if not first_run or day >= min(first_run)] or days
    costs = [_cost(waiting[day.weekday()], resting[day.weekday()], first_run.get(day, SLOTS)) for day in known]
    return float(np.mean(costs))


def _cost(waiting: Column, resting: Column, first_run: int) -> float:
    return float(waiting[:first_run].sum() + resting[first_run:].sum())


def _slot(local: datetime) -> int:
    return min((local - _midnight(local)) // SLOT, SLOTS - 1)


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
