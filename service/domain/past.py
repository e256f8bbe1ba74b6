"""The weeks behind a runner at a glance: what was run, what was done for it, and how that felt. Pure counting.

runs + sessions + feelings -> days (the heat map), weeks (against the goal), areas (what was worked how often)
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.domain.classification import RunType
from service.domain.movements import BodyArea
from service.domain.sessions import Session, State

WEEK = timedelta(days=7)
# Of several runs in a day the one that asks for most gives the day its colour.
HARDEST_LAST = (RunType.EASY, RunType.LONG, RunType.TEMPO, RunType.INTERVAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run, as far as the past counts it. `day` is the local date where it was run."""

    day: date
    run_type: RunType
    distance_m: float | None
    moving_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One local date: its runs, and how many sessions were done."""

    date: date
    runs: tuple[RunType, ...] = ()
    done: int = 0

    @property
    def hardest(self) -> RunType | None:
        """The run that asked for most, None on a day without."""
        return max(self.runs, key=HARDEST_LAST.index, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week from Monday on: sessions done, runs, how far, and how often each feeling was told of a session."""

    monday: date
    done: int
    runs: int
    distance_m: float
    feelings: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Whole weeks up to today, the oldest first. `areas` are what the sessions done worked, the most often first."""

    days: tuple[Day, ...]
    weeks: tuple[Week, ...]
    areas: tuple[tuple[BodyArea, int], ...]


def look_back(
    runs: Iterable[Ran],
    sessions: Iterable[Session],
    feelings: Iterable[tuple[datetime, str]],
    *,
    today: date,
    weeks: int,
    zone: ZoneInfo,
) -> Past:
    """Return the last so many weeks, the one of `today` included. What lies outside them is left out."""
    first = monday_of(today) - (weeks - 1) * WEEK
    span = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    ran = [run for run in runs if first <= run.day <= today]
    done = [session for session in sessions if session.state is State.DONE and first <= _day(session, zone) <= today]
    told = [(at.astimezone(zone).date(), feeling) for at, feeling in feelings]
    return Past(
        days=tuple(_one_day(day, ran, done, zone) for day in span),
        weeks=tuple(_one_week(first + number * WEEK, ran, done, told, zone) for number in range(weeks)),
        areas=_areas(done),
    )


def monday_of(day: date) -> date:
    """Return the Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def _one_day(day: date, runs: Sequence[Ran], done: Sequence[Session], zone: ZoneInfo) -> Day:
    return Day(
        date=day,
        runs=tuple(run.run_type for run in runs if run.day == day),
        done=sum(_day(session, zone) == day for session in done),
    )


def _one_week(
    monday: date, runs: Sequence[Ran], done: Sequence[Session], told: Sequence[tuple[date, str]], zone: ZoneInfo
) -> Week:
    mine = [run for run in runs if monday_of(run.day) == monday]
    return Week(
        monday=monday,
        done=sum(monday_of(_day(session, zone)) == monday for session in done),
        runs=len(mine),
        distance_m=sum(run.distance_m or 0.0 for run in mine),
        feelings=Counter(feeling for day, feeling in told if monday_of(day) == monday),
    )


def _day(session: Session, zone: ZoneInfo) -> date:
    """Return the local date a session was done on."""
    return (session.changed_at or session.window.opens).astimezone(zone).date()


def _areas(done: Iterable[Session]) -> tuple[tuple[BodyArea, int], ...]:
    """Return in how many sessions each area was worked; the walk and the breathing count for nothing."""
    worked = Counter(
        area
        for session in done
        for area in {area for step in session.routine.steps for area in step.areas}
        if area is not BodyArea.NERVOUS_SYSTEM
    )
    return tuple(sorted(worked.items(), key=lambda row: (-row[1], list(BodyArea).index(row[0]))))
