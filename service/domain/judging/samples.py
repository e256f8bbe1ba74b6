"""Streams made clean and even: one sample every two seconds, without spikes, long gaps or a false heart rate.

Every figure measured in a stream is measured here, so that the recording's own rate (1 s, 5 s, smart recording)
does not matter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.domain.activity import Column, Streams
from service.domain.judging.physiology import grade_factor

STEP_S = 2.0
LONGEST_GAP_S = 120.0  # a longer gap is a stop at a café, not a recovery: it counts as this much standing
SPEED_REACH_S = 6.0  # speed is the distance covered from 6 s before to 6 s after: steadier than a device's own
GRADE_REACH_S = 30.0
STEEPEST = 0.20  # Minetti's curve is not used beyond; barometers drift
FASTEST_CLIMB_MPS = 0.8  # over a minute; the fastest vertical kilometres are run at 0.6: a phone's altitude wandering
FASTEST_MPS = 8.5  # nobody holds more for 12 s in training: a jump of the position
SMOOTHING_S = 10.0
ALTITUDE_SMOOTHING_S = 30.0
SHORTEST_S = 120.0
RUNNING_MPS = 1.6
MOVING_MPS = 1.0
HEART_RATES = (40.0, 225.0)  # outside of these a strap is off or reading noise
HEART_COVER = 0.2  # a watch may write heart rate only when it changes
LOCK_REACH = 2.0  # steps a minute: an optical sensor that counts steps follows them this closely
LOCK_SHARE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """A run every `STEP_S` seconds.

    `clock_s` is the recording's own time, `speed` m/s, `effort_speed` m/s on the flat for the same cost, `smooth` its
    10 s mean, `heart_rate` beats a minute or None where there is none to trust.
    """

    clock_s: Column
    distance_m: Column
    speed: Column
    grade: Column
    effort_speed: Column
    smooth: Column
    heart_rate: Column | None

    def __len__(self) -> int:
        return len(self.clock_s)

    @property
    def running(self) -> NDArray[np.bool_]:
        """Where the runner ran."""
        return self.speed > RUNNING_MPS

    @property
    def moving(self) -> NDArray[np.bool_]:
        """Where the runner at least walked."""
        return self.speed > MOVING_MPS


def moving_mean(values: Column, seconds: float) -> Column:
    """Return the centred mean over `seconds`; at the ends over what there is."""
    half = max(1, round(seconds / STEP_S / 2))
    total = np.concatenate(([0.0], np.cumsum(values)))
    index = np.arange(len(values))
    low, high = np.maximum(index - half, 0), np.minimum(index + half + 1, len(values))
    return np.asarray((total[high] - total[low]) / (high - low))


def sample(streams: Streams) -> Samples | None:
    """Return the clean, even samples of a recording, or None where it tells no distance or lasts under 2 min."""
    on = streams.timer_on & np.isfinite(streams.time_s)
    time = streams.time_s[on]
    if len(time) < 2:  # noqa: PLR2004 - an interval needs two ends
        return None
    clock = np.concatenate(([0.0], np.cumsum(np.clip(np.diff(time), 0.0, LONGEST_GAP_S))))
    distance = _distance(streams, on, clock)
    if distance is None or clock[-1] < SHORTEST_S:
        return None
    grid = np.arange(0.0, clock[-1], STEP_S)
    travelled = _without_jumps(grid, np.interp(grid, clock, distance))
    speed = _slope(travelled, SPEED_REACH_S)
    grade = _grade(grid, clock, streams.altitude_m[on], travelled)
    effort_speed = speed * grade_factor(grade)
    return Samples(
        clock_s=np.interp(grid, clock, time),
        distance_m=travelled,
        speed=speed,
        grade=grade,
        effort_speed=effort_speed,
        smooth=moving_mean(effort_speed, SMOOTHING_S),
        heart_rate=_heart_rate(streams, on, clock, grid),
    )


def _distance(streams: Streams, on: NDArray[np.bool_], clock: Column) -> Column | None:
    distance, speed = streams.distance_m[on], streams.speed_mps[on]
    known = np.isfinite(distance)
    if known.sum() > 1 and np.ptp(distance[known]) > 0:
        return np.maximum.accumulate(np.interp(clock, clock[known], distance[known]))
    known = np.isfinite(speed)
    if known.sum() < 2:  # noqa: PLR2004 - an interval needs two ends
        return None
    even = np.interp(clock, clock[known], speed[known])
    return np.concatenate(([0.0], np.cumsum(np.diff(clock) * (even[1:] + even[:-1]) / 2)))


def _slope(values: Column, reach_s: float) -> Column:
    """Return the change a second from `reach_s` before to `reach_s` after each sample."""
    reach = round(reach_s / STEP_S)
    index = np.arange(len(values))
    low, high = np.maximum(index - reach, 0), np.minimum(index + reach, len(values) - 1)
    return np.asarray((values[high] - values[low]) / ((high - low) * STEP_S))


def _without_jumps(grid: Column, travelled: Column) -> Column:
    """Return the distance with impossible stretches bridged at the speed around them."""
    pace = np.diff(travelled) / STEP_S
    jump = _slope(travelled, SPEED_REACH_S)[1:] > FASTEST_MPS
    if not jump.any() or jump.all():
        return travelled
    pace[jump] = np.interp(grid[1:][jump], grid[1:][~jump], pace[~jump])
    return np.concatenate(([travelled[0]], travelled[0] + np.cumsum(pace * STEP_S)))


def _grade(grid: Column, clock: Column, altitude: Column, travelled: Column) -> Column:
    """Return rise over run; level where no altitude is told, or one that once climbs faster than anybody can."""
    known = np.isfinite(altitude)
    if known.sum() < len(altitude) / 2:
        return np.zeros(len(grid))
    climb = _slope(moving_mean(np.interp(grid, clock[known], altitude[known]), ALTITUDE_SMOOTHING_S), GRADE_REACH_S)
    if climb.max() > FASTEST_CLIMB_MPS:
        return np.zeros(len(grid))
    along = _slope(travelled, GRADE_REACH_S)
    grade = climb / np.maximum(along, MOVING_MPS)
    return np.where(along > MOVING_MPS, np.clip(grade, -STEEPEST, STEEPEST), 0.0)


def _heart_rate(streams: Streams, on: NDArray[np.bool_], clock: Column, grid: Column) -> Column | None:
    heart, steps = streams.heart_rate[on], streams.cadence_spm[on]
    known = (heart >= HEART_RATES[0]) & (heart <= HEART_RATES[1])
    if known.sum() < max(2, HEART_COVER * len(heart)) or _locked(heart[known], steps[known]):
        return None
    return np.interp(grid, clock[known], heart[known])


def _locked(heart: Column, steps: Column) -> bool:
    """Whether an optical sensor took the steps for the pulse (both may meet by chance in a hard run, not for long)."""
    both = np.isfinite(steps) & (steps > 0)
    if both.sum() < len(heart) / 2:
        return False
    return bool(np.mean(np.abs(heart[both] - steps[both]) <= LOCK_REACH) > LOCK_SHARE)
