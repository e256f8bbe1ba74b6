"""A run with its verdict: speed and heart rate over time, the efforts found, the thresholds. No positions."""

from collections.abc import Iterator

import numpy as np

from service.domain.activity import Activity, Column
from service.domain.athlete import Units
from service.domain.chart import MOST_POINTS, SLOWEST_SHARE
from service.domain.judging.quantities import clock, pace
from service.domain.judging.samples import sample
from service.domain.verdict import Classification
from service.web.pictures.scale import BOX, Scale, below, beside, picture, rule

HEART_SHARE = 0.36  # of the height, for the heart rate below the speed
BETWEEN = 60  # of the box, between the two
MARGIN = 0.12  # of the speeds' range, above and below them
HEART_MARGIN = 4.0
SLOWEST_MPS = 0.3  # slower is standing, and has no pace
PACES_SHOWN = 4
TICKS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200)
MOST_TICKS = 5
THRESHOLDS = (("threshold_speed_mps", "threshold"), ("easy_speed_mps", "usual easy"))


def run_picture(activity: Activity, verdict: Classification, units: Units) -> str:
    """Return the picture of a run; nothing for one without streams."""
    samples = None if activity.streams is None else sample(activity.streams)
    if samples is None:
        return ""
    times, beats = samples.clock_s, samples.heart_rate
    foot = BOX * (1 - HEART_SHARE) - BETWEEN / 2 if beats is not None else BOX
    along, speed = Scale(0.0, float(times[-1])), _speed_scale(samples.smooth, verdict, foot)
    line = _points(times, samples.smooth, along, speed)
    lines = [*_efforts(verdict, along), *_rules(speed), _ground(line, foot), *_threshold_lines(verdict, speed)]
    words = [*_paces(speed, units), *_threshold_words(verdict, speed, units), *_times(along)]
    if beats is not None:
        heart = Scale(float(beats.min()) - HEART_MARGIN, float(beats.max()) + HEART_MARGIN, BOX, foot + BETWEEN)
        lines.append(f'<polyline class="heart" points="{_points(times, beats, along, heart)}"/>')
        words += [beside(f"{value}", heart.at(value) + 40, "heart", right=True) for value in _marks(beats)]
    return picture("run-picture", lines, words, _told(verdict, float(times[-1])))


def _told(verdict: Classification, seconds: float) -> str:
    efforts = "one effort" if len(verdict.efforts) == 1 else f"{len(verdict.efforts) or 'no'} efforts"
    return f"Speed and heart rate over {clock(seconds)}, with {efforts}"


def _speed_scale(smooth: Column, verdict: Classification, foot: float) -> Scale:
    low = float(np.percentile(smooth, SLOWEST_SHARE))
    high = max(float(smooth.max()), verdict.thresholds.get("threshold_speed_mps", 0.0))
    room = MARGIN * max(high - low, 1.0)
    return Scale(max(low - room, SLOWEST_MPS), high + room, foot, 0.0)


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


def _shown(speed: Scale) -> list[float]:
    return [float(value) for value in np.linspace(speed.low, speed.high, PACES_SHOWN + 1)[1:-1]]


def _rules(speed: Scale) -> Iterator[str]:
    return (rule("rule", speed.at(value)) for value in _shown(speed))


def _paces(speed: Scale, units: Units) -> Iterator[str]:
    return (beside(pace(value, units), speed.at(value)) for value in _shown(speed))


def _thresholds(verdict: Classification, speed: Scale) -> Iterator[tuple[str, float]]:
    for name, words in THRESHOLDS:
        value = verdict.thresholds.get(name)
        if value is not None and speed.low < value < speed.high:
            yield words, value


def _threshold_lines(verdict: Classification, speed: Scale) -> Iterator[str]:
    return (rule("threshold", speed.at(value)) for _, value in _thresholds(verdict, speed))


def _threshold_words(verdict: Classification, speed: Scale, units: Units) -> Iterator[str]:
    for words, value in _thresholds(verdict, speed):
        yield beside(f"{words} {pace(value, units)}", speed.at(value), "threshold", right=True)


def _marks(beats: Column) -> list[int]:
    return sorted({round(float(beats.min())), round(float(np.median(beats))), round(float(beats.max()))})


def _times(along: Scale) -> Iterator[str]:
    step = next((step for step in TICKS_S if along.high / step <= MOST_TICKS), TICKS_S[-1])
    for second in np.arange(step, along.high, step):
        if along.at(float(second)) < BOX - 30:  # the last one would hang over the edge
            yield below(clock(float(second)), along.at(float(second)))
