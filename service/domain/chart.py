"""A run drawn with its verdict: speed and heart rate over time, the efforts found, the thresholds. No positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from service.domain.activity import Activity, Column
from service.domain.athlete import Units
from service.domain.judging.quantities import clock, pace, percent
from service.domain.judging.samples import sample
from service.domain.verdict import Classification

WIDTH, HEIGHT = 960, 460
LEFT, RIGHT, TOP, BOTTOM = 72, 56, 64, 120
MOST_POINTS = 600  # a line of more is no finer on a screen
SPEED_MARGIN, HEART_MARGIN = 0.1, 4.0
SLOWEST_SHARE = 2.0  # percentile of speed at the foot of the picture: standing would flatten the rest
TICKS = 4
TICK_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120)
MOST_TICKS = 9
LINE_HEIGHT = 16

STYLE = """
svg { background: #ffffff; font: 12px system-ui, sans-serif; }
text { fill: #3a4048; } .title { font-size: 18px; font-weight: 600; fill: #14181d; }
.grid { stroke: #e3e6ea; } .speed { stroke: #1f6fb2; } .heart { stroke: #c0392b; opacity: .75; }
.effort { fill: #f0a93b; opacity: .28; } .threshold { stroke: #6b7480; stroke-dasharray: 5 4; }
.speed, .heart { fill: none; stroke-width: 1.6; }
@media (prefers-color-scheme: dark) {
  svg { background: #14181d; } text { fill: #b9c1cb; } .title { fill: #f2f4f7; }
  .grid { stroke: #2a3038; } .speed { stroke: #6db7f2; } .heart { stroke: #ff8a7a; }
  .effort { fill: #f0a93b; opacity: .32; } .threshold { stroke: #98a2ae; }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Maps values from `low` to `high` onto the picture from `start` to `end` (pixels)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the pixel of a value, kept within the picture."""
        share = (min(max(value, self.low), self.high) - self.low) / max(self.high - self.low, 1e-9)
        return self.start + share * (self.end - self.start)


def draw(activity: Activity, verdict: Classification, units: Units = Units.KILOMETRES) -> str:
    """Return the picture of a run as SVG text (light and dark); without streams it holds the words alone."""
    samples = None if activity.streams is None else sample(activity.streams)
    parts = [_head(activity, verdict)]
    if samples is not None:
        along = Axis(low=0.0, high=float(samples.clock_s[-1]), start=LEFT, end=WIDTH - RIGHT)
        speed = _speed_axis(samples.smooth, verdict)
        parts += _efforts(verdict, along)
        parts += _grid(along, speed, units)
        parts.append(_line("speed", samples.clock_s, samples.smooth, along, speed))
        if samples.heart_rate is not None:
            parts += _heart(samples.clock_s, samples.heart_rate, along)
        parts += _thresholds(verdict, speed, units)
    parts += _receipt(verdict)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(_headline(verdict))}</title><style>{STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _headline(verdict: Classification) -> str:
    both = verdict.run_type.value + (f", with {verdict.secondary.value}" if verdict.secondary else "")
    flags = f" ({', '.join(sorted(flag.value for flag in verdict.flags))})" if verdict.flags else ""
    return f"{both}{flags}, {percent(verdict.confidence)} sure"


def _head(activity: Activity, verdict: Classification) -> str:
    began = (activity.started_at + (activity.utc_offset or (activity.started_at - activity.started_at))).date()
    return (
        f'<text class="title" x="{LEFT}" y="28">{escape(_headline(verdict))}</text>'
        f'<text x="{LEFT}" y="48">{began.isoformat()}, {clock(activity.elapsed_s)}</text>'
    )


def _receipt(verdict: Classification) -> list[str]:
    first = HEIGHT - BOTTOM + 44
    return [
        f'<text x="{LEFT}" y="{first + LINE_HEIGHT * row}">{escape(reason.text)}</text>'
        for row, reason in enumerate(verdict.reasons[:TICKS])
    ]


def _speed_axis(smooth: Column, verdict: Classification) -> Axis:
    low = float(np.percentile(smooth, SLOWEST_SHARE))
    high = max(float(smooth.max()), verdict.thresholds.get("threshold_speed_mps", 0.0))
    room = SPEED_MARGIN * max(high - low, 1.0)
    return Axis(low=max(low - room, 0.0), high=high + room, start=HEIGHT - BOTTOM, end=TOP)


def _line(name: str, clock_s: Column, values: Column, along: Axis, up: Axis) -> str:
    every = max(1, len(values) // MOST_POINTS)
    points = " ".join(
        f"{along.at(x):.1f},{up.at(y):.1f}" for x, y in zip(clock_s[::every], values[::every], strict=True)
    )
    return f'<polyline class="{name}" points="{points}"/>'


def _efforts(verdict: Classification, along: Axis) -> list[str]:
    boxes = []
    for effort in verdict.efforts:
        left, right = along.at(effort.start_s), along.at(effort.start_s + effort.duration_s)
        boxes.append(
            f'<rect class="effort" x="{left:.1f}" y="{TOP}" width="{max(right - left, 1.0):.1f}" '
            f'height="{HEIGHT - BOTTOM - TOP}"/>'
        )
    return boxes


def _grid(along: Axis, speed: Axis, units: Units) -> list[str]:
    lines = []
    for value in np.linspace(speed.low, speed.high, TICKS + 1)[1:]:
        y = speed.at(float(value))
        lines.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{pace(float(value), units)}</text>'
        )
    for second in _time_ticks(along.high):
        x = along.at(second)
        lines.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{clock(second)}</text>')
    return lines


def _time_ticks(seconds: float) -> Sequence[float]:
    step = next((minutes for minutes in TICK_MINUTES if seconds / 60.0 / minutes <= MOST_TICKS), TICK_MINUTES[-1])
    return [float(second) for second in np.arange(0.0, seconds, step * 60.0)]


def _heart(clock_s: Column, heart_rate: Column, along: Axis) -> list[str]:
    low, high = float(heart_rate.min()) - HEART_MARGIN, float(heart_rate.max()) + HEART_MARGIN
    up = Axis(low=low, high=high, start=HEIGHT - BOTTOM, end=TOP)
    marks = [
        f'<text x="{WIDTH - RIGHT + 8}" y="{up.at(value) + 4:.1f}">{value:.0f}</text>'
        for value in (float(heart_rate.min()), float(np.median(heart_rate)), float(heart_rate.max()))
    ]
    return [_line("heart", clock_s, heart_rate, along, up), *marks]


def _thresholds(verdict: Classification, speed: Axis, units: Units) -> list[str]:
    lines = []
    for name, words in (("threshold_speed_mps", "threshold"), ("easy_speed_mps", "easy")):
        value = verdict.thresholds.get(name)
        if value is None or not speed.low < value < speed.high:
            continue
        y = speed.at(value)
        lines.append(
            f'<line class="threshold" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{WIDTH - RIGHT - 4}" y="{y - 4:.1f}" text-anchor="end">{words} {pace(value, units)}</text>'
        )
    return lines
