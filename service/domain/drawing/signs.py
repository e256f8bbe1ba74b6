"""Signs beside the figure: arrows, and the counters of breathing."""

from collections.abc import Iterator, Sequence

import numpy as np

from service.domain.drawing.camera import Camera, Point
from service.domain.drawing.part import Part, Shape
from service.domain.drawing.pose import Motion

PEN, DOT_PEN, HEAD = 1.3, 6.0, 3.2
ARC_STEP = 20.0  # degrees

# A counter is a line that a dot walks along: corners in hundredths of stature, and the share of the round at each.
COUNTERS: dict[str, tuple[Sequence[tuple[float, float]], Sequence[float]]] = {
    "box": (((0, 0), (0, -26), (26, -26), (26, 0), (0, 0)), (0.0, 0.25, 0.5, 0.75, 1.0)),
    "wave": (((0, 0), (16, -22), (40, 0)), (0.0, 0.4, 1.0)),
}


def signs(motion: Motion, share: float, camera: Camera) -> Iterator[Part]:
    """Yield the arrows, and the counter with its dot where it is at this share of the round."""
    for index, (x, y, z, radius, start, end) in enumerate(motion.arrows):
        arc = _arc(camera.place(np.array([x, y, z])), radius, start, end, mirrored=camera.mirrored)
        yield _sign(f"arc{index}", "sign", arc, PEN, Shape.LINE)
        yield _sign(f"head{index}", "sign", _head(*arc[-2:]), PEN)
    if motion.counter:
        corners, shares = COUNTERS[motion.counter]
        corner = camera.place(np.array(motion.beside))
        line = [corner + np.array(each) for each in corners]
        yield _sign("counter", "sign", line, PEN, Shape.LINE)
        yield _sign("dot", "tint", [_along(line, shares, share)], DOT_PEN)


def _sign(name: str, colour: str, points: Sequence[Point], pen: float, shape: Shape = Shape.FILLED) -> Part:
    return Part(name=name, group="sign", colour=colour, points=tuple(points), pen=pen, shape=shape)


def _along(line: Sequence[Point], shares: Sequence[float], share: float) -> Point:
    return np.array([np.interp(share, shares, [point[axis] for point in line]) for axis in (0, 1)])


def _arc(middle: Point, radius: float, start: float, end: float, *, mirrored: bool) -> list[Point]:
    """Return an arc as points; degrees clockwise from the right as seen."""
    angles = np.radians(np.linspace(start, end, max(2, round(abs(end - start) / ARC_STEP))))
    flip = np.array([-1.0 if mirrored else 1.0, 1.0])
    return [middle + radius * flip * np.array([np.cos(angle), np.sin(angle)]) for angle in angles]


def _head(before: Point, tip: Point) -> list[Point]:
    along = (tip - before) / np.hypot(*(tip - before)) * HEAD
    across = np.array([-along[1], along[0]]) / 2
    return [tip + across, tip + along, tip - across]
