"""Writing SVG: whole numbers, relative steps, what rests told once, and of what moves only the moments that count."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.domain.drawing.camera import Point
from service.domain.drawing.palette import COLOURS
from service.domain.drawing.part import Part, Shape

GRAIN = 4  # units of the drawing to a hundredth of stature: finer than a screen shows at the size of a page
STRAY = 0.6  # by how much, in hundredths of stature, a point may be off between the moments that are told

type Grains = list[tuple[int, int]]


def document(title: str, box: tuple[float, float, float, float], body: str) -> str:
    """Return a drawing of this name that shows the box (left, top, width, height)."""
    view = " ".join(str(round(edge * GRAIN)) for edge in box)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" role="img" fill="currentColor" '
        'stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">'
        f"<title>{escape(title)}</title>{body}</svg>\n"
    )


def group(inside: str, *, opacity: float = 1.0, shift: float = 0.0) -> str:
    """Return elements drawn together: as one where they are faint, moved to the right by `shift`."""
    faint = f' opacity="{opacity:g}"' if opacity < 1 else ""
    moved = f' transform="translate({round(shift * GRAIN)})"' if shift else ""
    return f"<g{faint}{moved}>{inside}</g>" if faint or moved else inside


def element(parts: Sequence[Part], shares: Sequence[float] = (0.0,), seconds: float = 0.0) -> str:
    """Return a part as it is at each of these shares of a round of so many seconds, as one element."""
    first = parts[0]
    hollow = ' fill="none"' if first.shape is Shape.LINE else ""
    moments = needed(parts, shares)
    told = [path(parts[index]) for index in moments]
    head = f'<path color="{COLOURS[first.colour]}"{hollow} stroke-width="{round(first.pen * GRAIN)}" d="{told[0]}"'
    if len(set(told)) == 1:
        return f"{head}/>"
    times = ";".join(f"{shares[index]:.3f}".strip("0").rstrip(".") or "0" for index in moments)
    return (
        f'{head}><animate attributeName="d" dur="{seconds:g}s" repeatCount="indefinite" keyTimes="{times}" '
        f'values="{";".join(told)}"/></path>'
    )


def needed(parts: Sequence[Part], shares: Sequence[float]) -> list[int]:
    """Return the moments between which straight lines stay as near to every point's way as STRAY allows."""
    ways = np.array([part.points for part in parts])
    return sorted({0, len(parts) - 1, *_split(ways, np.array(shares), 0, len(parts) - 1)})


def _split(ways: NDArray[np.float64], shares: NDArray[np.float64], start: int, end: int) -> Iterator[int]:
    """Yield the moments to be told between two (Ramer, Douglas and Peucker, in time)."""
    if end - start < 2:  # noqa: PLR2004 - neighbours have nothing between them
        return
    share = ((shares[start:end] - shares[start]) / (shares[end] - shares[start]))[:, None, None]
    straight = ways[start] * (1 - share) + ways[end] * share
    off = np.hypot(*np.moveaxis(ways[start:end] - straight, -1, 0)).max(axis=1)
    worst = int(off.argmax())
    if off[worst] > STRAY:
        yield start + worst
        yield from _split(ways, shares, start, start + worst)
        yield from _split(ways, shares, start + worst, end)


def path(part: Part) -> str:
    """Return the path data of a part."""
    grains = [_grain(point) for point in part.points]
    if part.shape is Shape.SMOOTH:
        return _smooth(grains)
    if len(grains) == 1:
        return f"M{_pair(*grains[0])}h0"
    return f"M{_pair(*grains[0])}l{_steps(grains)}{'z' if part.shape is Shape.FILLED and len(grains) > 2 else ''}"  # noqa: PLR2004 - a line has nothing to close


def _smooth(corners: Grains) -> str:
    """Return a closed curve through the middles between corners, each of which bends it (a quadratic B-spline)."""
    middles = [((ax + bx) // 2, (ay + by) // 2) for (ax, ay), (bx, by) in pairwise([*corners, corners[0]])]
    way = [middles[-1]]
    for corner, middle in zip(corners, middles, strict=True):
        way += [corner, middle]
    steps = [
        _step(way[index - 1 if index % 2 else index - 2], way[index]) for index in range(1, len(way))
    ]  # both of a curve's points are told from where it begins
    return f"M{_pair(*way[0])}q{_joined(steps)}"


def _steps(grains: Grains) -> str:
    return _joined([_step(before, after) for before, after in pairwise(grains)])


def _step(before: tuple[int, int], after: tuple[int, int]) -> tuple[int, int]:
    return after[0] - before[0], after[1] - before[1]


def _joined(steps: Grains) -> str:
    """Return pairs of numbers as short as path data allow: a minus sign parts them too."""
    first, *rest = (_pair(*step) for step in steps)
    return first + "".join(pair if pair.startswith("-") else f" {pair}" for pair in rest)


def _pair(x: int, y: int) -> str:
    return f"{x}{y}" if y < 0 else f"{x} {y}"


def _grain(point: Point) -> tuple[int, int]:
    return round(float(point[0]) * GRAIN), round(float(point[1]) * GRAIN)
