"""A run with its verdict: speed and heart rate over time, the efforts found, the thresholds. No positions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from service.domain.activity import Activity, Column
from service.domain.athlete import Units
from service.domain.chart import MOST_POINTS, SLOWEST_SHARE
from service.domain.judging.quantities import METRES, clock, pace
from service.domain.judging.samples import sample
from service.domain.verdict import Classification
from service.web.pictures.scale import BOX, Scale, below, left_of, picture, rule

HEART_SHARE = 0.36  # of the height, for the heart rate below the speed
BETWEEN = 60  # of the box, between the two
MARGIN = 0.12  # of the speeds' range, above and below them
HEART_MARGIN = 4.0
FOOT_SHARE = 0.55  # of the usual speed of this run: what is slower is a stop, and would flatten all the rest
SLOWEST_MPS = 0.3  # slower is standing, and has no pace
# Paces stand at round times, so many seconds apart: at the coarsest of these steps that gives enough of them.
PACE_STEPS_S = (60, 30, 15, 10, 5)
ENOUGH_PACES = 3
APART = 110  # of the box, between two words beside it
HEART_STEPS = (10, 20, 40)
TICKS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200)
MOST_TICKS = 5
THRESHOLDS = {"threshold_speed_mps": ("threshold", "threshold"), "easy_speed_mps": ("usual", "usual easy pace")}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPicture:
    """A picture, and which lines across it mean what: each line's class with its words."""

    svg: str
    lines: Sequence[tuple[str, str]]


def run_picture(activity: Activity, verdict: Classification, units: Units) -> RunPicture | None:
    """Return the picture of a run; None for one without streams."""
    samples = None if activity.streams is None else sample(activity.streams)
    if samples is None:
        return None
    times, beats = samples.clock_s, samples.heart_rate
    foot = BOX * (1 - HEART_SHARE) - BETWEEN / 2 if beats is not None else BOX
    along, speed = Scale(0.0, float(times[-1])), _speed_scale(samples.smooth, verdict, foot)
    line, paces, thresholds = _points(times, samples.smooth, along, speed), _paces(speed, units), _shown(verdict, speed)
    lines = [*_efforts(verdict, along), *(rule("rule", speed.at(value)) for value in paces), _ground(line, foot)]
    lines += [rule(THRESHOLDS[name][0], speed.at(value)) for name, value in thresholds.items()]
    words = [*(left_of(pace(value, units), speed.at(value)) for value in paces), *_times(along)]
    if beats is not None:
        heart = Scale(float(beats.min()) - HEART_MARGIN, float(beats.max()) + HEART_MARGIN, BOX, foot + BETWEEN)
        lines.append(f'<polyline class="heart" points="{_points(times, beats, along, heart)}"/>')
        words += [left_of(f"{value:.0f}", heart.at(value), "heart") for value in _beats(heart)]
    return RunPicture(
        svg=picture("run-picture", lines, words, _told(verdict, float(times[-1]), has_heart=beats is not None)),
        lines=[
            (THRESHOLDS[name][0], f"{THRESHOLDS[name][1]} {pace(value, units)}") for name, value in thresholds.items()
        ],
    )


def _told(verdict: Classification, seconds: float, *, has_heart: bool) -> str:
    efforts = "one effort" if len(verdict.efforts) == 1 else f"{len(verdict.efforts) or 'no'} efforts"
    return f"Speed {'and heart rate ' if has_heart else ''}over {clock(seconds)}, with {efforts}"


def _speed_scale(smooth: Column, verdict: Classification, foot: float) -> Scale:
    low = max(float(np.percentile(smooth, SLOWEST_SHARE)), FOOT_SHARE * float(np.median(smooth)))
    high = max(float(smooth.max()), verdict.thresholds.get("threshold_speed_mps", 0.0))
    room = MARGIN * max(high - low, 1.0)
    lowest = max(low - room, SLOWEST_MPS)
    return Scale(lowest, max(high + room, lowest + 1.0), foot, 0.0)


def _points(times: Column, values: Column, along: Scale, up: Scale) -> str:
    every = max(1, len(values) // MOST_POINTS)
    pairs = zip(times[::every], values[::every], strict=True)
    return " ".join(f"{along.at(float(x)):.0f},{up.at(float(y)):.0f}" for x, y in pairs)


def _ground(line: str, foot: float) -> str:
    return (
        f'<polygon class="ground" points="0,{foot:.0f} {line} {BOX},{foot:.0f}"/>'
        f'<polyline class="speed" points="{line}"/>'
    )


def _efforts(verdict: Classification, along: Scale) -> Iterator[str]:
    for effort in verdict.efforts:
        left, right = along.at(effort.start_s), along.at(effort.start_s + effort.duration_s)
        yield f'<rect class="effort" x="{left:.0f}" y="0" width="{max(right - left, 2):.0f}" height="{BOX}"/>'


def _shown(verdict: Classification, speed: Scale) -> dict[str, float]:
    """Return the thresholds that lie within the picture, by name."""
    known = {name: verdict.thresholds[name] for name in THRESHOLDS if name in verdict.thresholds}
    return {name: value for name, value in known.items() if speed.low < value < speed.high}


def _paces(speed: Scale, units: Units) -> list[float]:
    """Return the speeds of round paces, far enough apart to be read, the fastest first."""
    found: list[float] = []
    for step in PACE_STEPS_S:
        found = _apart(speed, [METRES[units] / time for time in _multiples(METRES[units], speed, step)])
        if len(found) >= ENOUGH_PACES:
            break
    return found


def _multiples(metres: float, speed: Scale, step: int) -> range:
    return range(ceil(metres / speed.high / step) * step, int(metres / speed.low) + 1, step)


def _beats(heart: Scale) -> list[float]:
    """Return round heart rates, far enough apart to be read."""
    tens = range(ceil(heart.low / HEART_STEPS[0]) * HEART_STEPS[0], int(heart.high) + 1, HEART_STEPS[0])
    stepped = ([float(value) for value in tens if value % step == 0] for step in HEART_STEPS)
    return next((values for values in stepped if values == _apart(heart, values)), [])


def _apart(scale: Scale, values: Sequence[float]) -> list[float]:
    """Return those of some values, in order, that keep their distance from the one before."""
    kept: list[float] = []
    for value in values:
        if not kept or abs(scale.at(value) - scale.at(kept[-1])) >= APART:
            kept.append(value)
    return kept


def _times(along: Scale) -> Iterator[str]:
    step = next((step for step in TICKS_S if along.high / step <= MOST_TICKS), TICKS_S[-1])
    for second in np.arange(step, along.high, step):
        if along.at(float(second)) < BOX - 30:  # the last one would hang over the edge
            yield below(clock(float(second)), along.at(float(second)))
