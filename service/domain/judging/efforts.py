"""Efforts: the stretches of a run that were harder than the rest, from streams and from laps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.domain.activity import Lap
from service.domain.judging.samples import STEP_S, Samples
from service.domain.verdict import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """When an effort begins and ends, as shares of a reference speed; shorter gaps bridged, shorter efforts dropped."""

    begin: float
    end: float
    gap_s: float
    least_s: float


AT_THRESHOLD = Bounds(begin=0.94, end=0.88, gap_s=15.0, least_s=16.0)  # of threshold speed
ABOVE_EASY = Bounds(begin=1.14, end=1.06, gap_s=15.0, least_s=15.0)  # of easy speed
WITHIN_RUN = Bounds(begin=1.12, end=1.04, gap_s=10.0, least_s=16.0)  # of the run's own median

LEAST_LAP_S = 8.0
STANDING_M = 30.0
AUTOMATIC_SHARE = 0.7
AUTOMATIC_M = (500.0, 1000.0, 1609.34, 2000.0, 5000.0)
AUTOMATIC_REACH = 0.012
REPEATED_REACH = 0.006
SLOWEST_LAP = 0.4  # of the mean: a standing lap must not pull the two groups apart by itself
FAST_OVER_SLOW = 1.12
MOST_REPEATS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spans:
    """Efforts as half-open index ranges into the samples, with their mean grade-adjusted speed in m/s."""

    start: NDArray[np.intp]
    stop: NDArray[np.intp]
    speed: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.start)

    @property
    def seconds(self) -> NDArray[np.float64]:
        """How long each lasted."""
        return np.asarray((self.stop - self.start) * STEP_S)

    @property
    def rests(self) -> NDArray[np.float64]:
        """How long it was from the end of each to the start of the next."""
        return np.asarray((self.start[1:] - self.stop[:-1]) * STEP_S)


def find_spans(samples: Samples, reference_mps: float, bounds: Bounds) -> Spans:
    """Return the efforts against a reference speed: they begin at `bounds.begin` of it and end below `bounds.end`."""
    relative = samples.smooth / reference_mps
    mark = np.where(relative >= bounds.begin, 1, np.where(relative < bounds.end, -1, 0))
    latest = np.maximum.accumulate(np.where(mark != 0, np.arange(len(mark)), 0))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (mark[latest] == 1).astype(int), [0]))))
    start, stop = edges[::2], edges[1::2]
    if len(start) > 1:
        apart = (start[1:] - stop[:-1]) * STEP_S >= bounds.gap_s
        start, stop = start[np.concatenate(([True], apart))], stop[np.concatenate((apart, [True]))]
    kept = (stop - start) * STEP_S >= bounds.least_s
    start, stop = start[kept], stop[kept]
    total = np.concatenate(([0.0], np.cumsum(samples.effort_speed)))
    return Spans(start=start, stop=stop, speed=(total[stop] - total[start]) / np.maximum(stop - start, 1))


def as_efforts(samples: Samples, spans: Spans, threshold_mps: float | None) -> tuple[Effort, ...]:
    """Return the spans as efforts in the recording's own time."""
    last = len(samples) - 1
    return tuple(
        Effort(
            start_s=float(samples.clock_s[start]),
            duration_s=float(seconds),
            distance_m=float(samples.distance_m[min(stop, last)] - samples.distance_m[start]),
            speed_mps=float(speed),
            relative=None if threshold_mps is None else float(speed / threshold_mps),
        )
        for start, stop, seconds, speed in zip(spans.start, spans.stop, spans.seconds, spans.speed, strict=True)
    )


def longest_best(samples: Samples, seconds: float) -> float | None:
    """Return the best mean grade-adjusted speed (m/s) over `seconds` in a row, None where the run is shorter."""
    width = round(seconds / STEP_S)
    if len(samples) < width:
        return None
    total = np.concatenate(([0.0], np.cumsum(samples.effort_speed)))
    return float((total[width:] - total[:-width]).max() / width)


def lap_repeats(laps: tuple[Lap, ...]) -> float | None:
    """Return how many groups of fast laps stand between slow ones (8 at most), None without two laps.

    Automatic laps are no structure: nearly all of one distance, or of one time, and hardly any of them standing.
    """
    told = [lap for lap in laps if lap.elapsed_s >= LEAST_LAP_S and lap.distance_m is not None]
    if len(told) < 2:  # noqa: PLR2004 - one lap is the whole run
        return None
    seconds = np.array([lap.elapsed_s for lap in told])
    metres = np.array([lap.distance_m for lap in told], dtype=np.float64)
    if _automatic(seconds, metres, laps):
        return 0.0
    return float(min(_fast_groups(metres / seconds, seconds), MOST_REPEATS))


def _automatic(seconds: NDArray[np.float64], metres: NDArray[np.float64], laps: tuple[Lap, ...]) -> bool:
    if sum((lap.distance_m or 0.0) < STANDING_M for lap in laps) >= 2:  # noqa: PLR2004 - someone stopped between repeats
        return False
    inner_m, inner_s = metres[:-1], seconds[:-1]
    near = [np.mean(np.abs(inner_m / size - 1.0) <= AUTOMATIC_REACH) for size in AUTOMATIC_M]
    near.append(np.mean(np.abs(inner_m / max(np.median(inner_m), 1.0) - 1.0) <= REPEATED_REACH))
    near.append(np.mean(np.abs(inner_s / np.median(inner_s) - 1.0) <= REPEATED_REACH))
    return bool(max(near) >= AUTOMATIC_SHARE)


def _fast_groups(speed: NDArray[np.float64], seconds: NDArray[np.float64]) -> int:
    """Split laps into fast and slow (two means, weighted by time) and count the groups of fast ones."""
    floor = SLOWEST_LAP * float(np.average(speed, weights=seconds))
    held = np.maximum(speed, floor)
    fast = held > np.average(held, weights=seconds)
    for _ in range(10):
        if fast.all() or not fast.any():
            return 0
        middle = (np.average(held[fast], weights=seconds[fast]) + np.average(held[~fast], weights=seconds[~fast])) / 2
        fast = held > middle
    if fast.all() or not fast.any():
        return 0
    quick, slow = np.average(held[fast], weights=seconds[fast]), np.average(held[~fast], weights=seconds[~fast])
    if quick / slow <= FAST_OVER_SLOW:
        return 0
    return int(np.sum(np.diff(np.concatenate(([0], fast.astype(int)))) == 1))
