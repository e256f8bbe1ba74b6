"""The runner's past as a run is judged by it: their thresholds, and what is usual for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from service.domain.activity import Activity, Column
from service.domain.athlete import Athlete
from service.domain.judging.figures import is_main
from service.domain.judging.physiology import Thresholds, threshold_speed, top_heart_rate, top_heart_rate_by_age
from service.domain.verdict import PastRun

SECONDS_A_DAY = 86400.0
REACH = timedelta(days=540)  # nothing older is looked at, but for those who ran little since
RECENT_DAYS, RECENT_LEAST, RECENT_ELSE = 56.0, 8, 30
USUAL_DAYS, USUAL_LEAST, USUAL_ELSE = 120.0, 12, 60
FORM_DAYS, FORM_LEAST, FORM_ELSE = 150.0, 8, 25
WEEK_DAYS = 6.6
LEAST_RUNS = 5  # a window of fewer tells nothing
LEAST_RANKED = 8
EASY_PERCENTILE = 40.0
MOST_BELIEVED_HR = 215.0
THRESHOLD_SHARE = 0.90  # threshold heart rate as a share of the highest, where only one of them is known (Friel)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Background:
    """Earlier runs of at least 2 km and 10 min, oldest first. `days` says how long before this run each was.

    `recent` (8 weeks) and `usual` (4 months) pick from them; for those who ran little lately both reach further back.
    """

    runs: Sequence[PastRun]
    days: Column
    recent: NDArray[np.intp]
    usual: NDArray[np.intp]
    thresholds: Thresholds
    previous: PastRun | None = None
    corrected: tuple[PastRun, ...] = ()
    _columns: dict[str, Column] = field(default_factory=dict)

    def feature(self, name: str) -> Column:
        """Return a remembered figure of every run, NaN where it has none."""
        if name not in self._columns:
            self._columns[name] = np.array([run.features.get(name, np.nan) for run in self.runs], dtype=np.float64)
        return self._columns[name]

    @property
    def distance_m(self) -> Column:
        """Return every run's distance."""
        if "distance_m" not in self._columns:
            self._columns["distance_m"] = np.array([run.distance_m for run in self.runs], dtype=np.float64)
        return self._columns["distance_m"]

    def rank(self, name: str, value: float | None) -> float | None:
        """Return the share of usual runs below `value` in a remembered figure, None with fewer than eight."""
        known = self.feature(name)[self.usual]
        known = known[np.isfinite(known)]
        if value is None or len(known) < LEAST_RANKED:
            return None
        return float(np.mean(known < value))


def look_back(history: Sequence[PastRun], start: datetime, athlete: Athlete) -> Background:
    """Return what the runner's earlier runs tell; those begun at or after `start` are not seen."""
    earlier = sorted((run for run in history if run.started_at < start), key=lambda run: run.started_at)
    runs = _within_reach([run for run in earlier if is_main(run.distance_m, run.moving_s)], start)
    days = np.array([(start - run.started_at).total_seconds() / SECONDS_A_DAY for run in runs])
    return Background(
        runs=runs,
        days=days,
        recent=_window(days, RECENT_DAYS, RECENT_LEAST, RECENT_ELSE),
        usual=_window(days, USUAL_DAYS, USUAL_LEAST, USUAL_ELSE),
        thresholds=_thresholds(runs, days, start, athlete),
        previous=earlier[-1] if earlier else None,
        corrected=tuple(run for run in earlier if run.corrected is not None),
    )


def reaches_back_to(start: datetime) -> datetime:
    """Return since when earlier runs are looked at to judge one begun at `start`, or a later one."""
    return start - REACH


def reaches_no_further(history: Sequence[PastRun], start: datetime) -> bool:
    """Return whether what began since `reaches_back_to` is enough to judge a run begun at `start`, or a later one.

    Runs that the runner corrected are looked at however old they are; all others before it then make no difference.
    """
    return sum(run.started_at < start and is_main(run.distance_m, run.moving_s) for run in history) >= USUAL_ELSE


def _within_reach(runs: list[PastRun], start: datetime) -> list[PastRun]:
    recent = sum(run.started_at >= start - REACH for run in runs)
    return runs[-max(recent, USUAL_ELSE) :]


def _window(days: Column, reach: float, least: int, otherwise: int) -> NDArray[np.intp]:
    inside = np.flatnonzero(days <= reach)
    if len(inside) >= least:
        return inside
    return np.arange(max(len(days) - otherwise, 0), len(days))


def _thresholds(runs: Sequence[PastRun], days: Column, start: datetime, athlete: Athlete) -> Thresholds:
    """Return the figures of the day: what the runner says of themselves first, then what the runs show."""
    return Thresholds(
        speed_mps=athlete.threshold_speed_mps or _threshold_speed(runs, days),
        easy_mps=_easy_speed(runs, days),
        top_hr=_top_heart_rate(runs) or _stated_top(athlete, start),
    )


def _threshold_speed(runs: Sequence[PastRun], days: Column) -> float | None:
    shown = np.array([run.features.get("performance", np.nan) for run in runs])
    known = np.flatnonzero(np.isfinite(shown))
    picked = known[_window(days[known], FORM_DAYS, FORM_LEAST, FORM_ELSE)]
    return threshold_speed(shown[picked], days[picked]) if len(picked) >= LEAST_RUNS else None


def _easy_speed(runs: Sequence[PastRun], days: Column) -> float | None:
    usual = _window(days, USUAL_DAYS, USUAL_LEAST, USUAL_ELSE)
    speeds = [speed for index in usual if (speed := runs[index].features.get("flat_speed"))]
    return float(np.percentile(speeds, EASY_PERCENTILE)) if len(speeds) >= LEAST_RANKED else None


def _top_heart_rate(runs: Sequence[PastRun]) -> float | None:
    tops = np.array([top for run in runs if (top := run.features.get("top_hr", 0.0)) and top < MOST_BELIEVED_HR])
    return top_heart_rate(tops) if len(tops) >= LEAST_RUNS else None


def as_known(athlete: Athlete, activity: Activity) -> Athlete:
    """Return the runner with the heart rates the run's platform knows of them, where they stated none themselves."""
    if athlete.max_hr is not None or athlete.threshold_hr is not None:
        return athlete
    return replace(athlete, max_hr=activity.runner_max_hr, threshold_hr=activity.runner_threshold_hr)


def _stated_top(athlete: Athlete, start: datetime) -> float | None:
    if athlete.max_hr is not None:
        return athlete.max_hr
    if athlete.threshold_hr is not None:
        return athlete.threshold_hr / THRESHOLD_SHARE
    return None if athlete.birth_year is None else top_heart_rate_by_age(start.year - athlete.birth_year)
