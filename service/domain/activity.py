"""An activity as it was recorded: summary, streams, laps and pauses, in SI units.

Streams never hold positions: no source's latitude or longitude gets past its decoder.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Self

import numpy as np
from numpy.typing import NDArray

type Column = NDArray[np.float64]

RUNNING = "running"

# Two recordings of one workout: starts this near, or off by whole quarter hours through a zone error, and as long
# within this share. Source: what users of other services report as duplicates (two uploads of one run).
SAME_START_S = 120.0
SAME_ELAPSED_SHARE = 0.05
ZONE_STEP_S = 900.0
ZONE_REACH_S = 14 * 3600.0
DAY_S = 24 * 3600.0
# The first watches that recorded runs by satellite came in 2003: what claims to be older was never given the time.
FIRST_WATCHES = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """Where an activity came from: the source's name and the source's own identifier."""

    source: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One lap. `trigger`: manual, distance, time, session_end or empty. `intensity`: active, rest, warmup, cooldown."""

    start_s: float
    elapsed_s: float
    distance_m: float | None = None
    avg_hr: float | None = None
    trigger: str = ""
    intensity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The timer was stopped from `start_s` to `end_s` (seconds since the start). A gap in sampling is not a pause."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streams:
    """What was sampled, as columns of equal length; NaN where a value is missing.

    `time_s` is seconds since the start, strictly increasing, pauses included. `distance_m` is cumulative,
    `speed_mps` metres a second, `heart_rate` beats a minute, `cadence_spm` steps a minute (both feet),
    `altitude_m` metres, `timer_on` False where the timer was stopped.
    """

    time_s: Column
    distance_m: Column
    speed_mps: Column
    heart_rate: Column
    cadence_spm: Column
    altitude_m: Column
    timer_on: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Raise ValueError unless all columns are of one length."""
        if len({len(getattr(self, column.name)) for column in fields(self)}) > 1:
            raise ValueError("streams of different lengths")

    def __len__(self) -> int:
        return len(self.time_s)

    @classmethod
    def build(cls, time_s: Column, timer_on: NDArray[np.bool_] | None = None, **columns: Column | None) -> Self:
        """Make streams from whatever columns there are; the missing ones become NaN, `timer_on` becomes True."""
        missing = np.full(len(time_s), np.nan)
        names = ("distance_m", "speed_mps", "heart_rate", "cadence_spm", "altitude_m")
        filled = {name: missing if (found := columns.get(name)) is None else found for name in names}
        return cls(
            time_s=time_s,
            timer_on=np.ones(len(time_s), dtype=np.bool_) if timer_on is None else timer_on,
            **filled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One recorded activity.

    `sport` and `sub_sport` are lower-case FIT names ("running", "trail"). `utc_offset` is None where the recording
    does not tell its local time. `elapsed_s` includes pauses, `moving_s` does not. `notes` say what was lost
    or odd in the recording. `expires_at` is set where a platform limits how long it may be kept, `link` is where the
    platform shows it. `hidden_start`: the runner keeps the hour to themselves, so `started_at` is a guess on its day.
    `runner_max_hr` and `runner_threshold_hr` are what the source knew of the runner themselves.
    """

    ref: Ref
    sport: str
    started_at: datetime
    elapsed_s: float
    moving_s: float
    distance_m: float | None = None
    utc_offset: timedelta | None = None
    sub_sport: str = ""
    avg_hr: float | None = None
    max_hr: float | None = None
    climb_m: float | None = None
    streams: Streams | None = field(default=None, compare=False)
    laps: tuple[Lap, ...] = ()
    pauses: tuple[Pause, ...] = ()
    device: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    link: str = ""
    hidden_start: bool = False
    runner_max_hr: float | None = None
    runner_threshold_hr: float | None = None

    @property
    def is_run(self) -> bool:
        """Whether a routine may follow: running in any form, treadmill and trail included."""
        return self.sport == RUNNING

    @property
    def ended_at(self) -> datetime:
        """The end, pauses included, in UTC."""
        return self.started_at + timedelta(seconds=self.elapsed_s)

    def local_day(self, zone: tzinfo) -> date:
        """Return its date where it was run; in `zone` where the recording does not tell its local time."""
        local = self.started_at.astimezone(zone) if self.utc_offset is None else self.started_at + self.utc_offset
        return local.date()

    @property
    def is_dated(self) -> bool:
        """Whether the watch knew the date: one whose clock was not set counts from long before there were any."""
        return self.started_at >= FIRST_WATCHES

    @property
    def speed_mps(self) -> float | None:
        """Average speed while moving, or None where distance or time is unknown."""
        if not self.distance_m or self.moving_s <= 0:
            return None
        return self.distance_m / self.moving_s


def same_workout(one: Activity, other: Activity, *, one_clock: bool = False) -> bool:
    """Return True if both are recordings of one workout.

    Never where a watch did not know the date: then any two runs may seem to have begun together. True where the sports
    agree, the elapsed times agree within 5 %, and the starts are within 120 s, also after
    taking off a whole number of quarter hours (up to 14 h): some platforms write local time as UTC. A hidden start may
    have been at any hour of its day; then the distances have to agree as well.

    `one_clock`: both are told of by one platform, which tells all its times alike. Then hours apart are hours apart:
    the way to work and the way home are often as long as one another.
    """
    if one.sport != other.sport or not (one.is_dated and other.is_dated):
        return False
    longer = max(one.elapsed_s, other.elapsed_s)
    if abs(one.elapsed_s - other.elapsed_s) > SAME_ELAPSED_SHARE * longer:
        return False
    apart = abs((one.started_at - other.started_at).total_seconds())
    if apart <= SAME_START_S:
        return True
    if one.hidden_start or other.hidden_start:
        return apart <= DAY_S and _same_distance(one, other)
    if one_clock:
        return False
    beside_step = abs(apart - ZONE_STEP_S * round(apart / ZONE_STEP_S))
    return apart <= ZONE_REACH_S + SAME_START_S and beside_step <= SAME_START_S and _same_distance(one, other)


def _same_distance(one: Activity, other: Activity) -> bool:
    if one.distance_m is None or other.distance_m is None:
        return False
    return abs(one.distance_m - other.distance_m) <= SAME_ELAPSED_SHARE * max(one.distance_m, other.distance_m)


type Richness = tuple[int, int, int]


def richness(activity: Activity) -> Richness:
    """Return how much a recording tells, for comparing two of one workout: heart rate, samples, then laps."""
    if activity.streams is None:
        return (int(activity.avg_hr is not None), 0, len(activity.laps))
    beats = int(np.isfinite(activity.streams.heart_rate).sum())
    return (2 + int(2 * beats > len(activity.streams)), len(activity.streams), len(activity.laps))


def merge(rich: Activity, poor: Activity) -> Activity:
    """Return the richer of two recordings of one workout, completed with what only the poorer knows.

    It may be kept no longer than the shorter-lived of the two: after that, the other is to stand alone again.
    """
    limits = [limit for limit in (rich.expires_at, poor.expires_at) if limit is not None]
    begun = poor if rich.hidden_start else rich
    return replace(
        rich,
        title=rich.title or poor.title,
        device=rich.device or poor.device,
        utc_offset=poor.utc_offset if rich.utc_offset is None else rich.utc_offset,
        avg_hr=poor.avg_hr if rich.avg_hr is None else rich.avg_hr,
        max_hr=poor.max_hr if rich.max_hr is None else rich.max_hr,
        climb_m=poor.climb_m if rich.climb_m is None else rich.climb_m,
        laps=rich.laps or poor.laps,
        tags=tuple(dict.fromkeys(rich.tags + poor.tags)),
        expires_at=min(limits, default=None),
        link=rich.link or poor.link,
        started_at=begun.started_at,
        hidden_start=begun.hidden_start,
        runner_max_hr=rich.runner_max_hr or poor.runner_max_hr,
        runner_threshold_hr=rich.runner_threshold_hr or poor.runner_threshold_hr,
    )
