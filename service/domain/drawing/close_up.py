"""A foot from near by, for what only toes do. The left one, seen from its inner side, where the big toe is in front.

Its proportions are our own reading of a foot: the big toe is about a quarter of its length.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from service.domain.drawing.camera import Camera, Point
from service.domain.drawing.part import Part
from service.domain.drawing.pose import Pose, Triple

ENLARGED = 4.6

# Balls that the foot is wrapped around: forward, inward, up, radius.
WRAPPED = (
    (-3.0, 0.0, 1.9, 1.9),
    (-2.2, 0.0, 4.2, 1.7),
    (-0.4, 0.1, 6.2, 2.0),
    (2.6, 0.5, 4.4, 1.7),
    (8.2, 1.5, 1.45, 1.35),
    (7.0, -1.9, 1.1, 1.1),
    (2.0, -1.4, 1.1, 1.1),
)
# Toes, the big one last because it is nearest: where they begin (forward, inward), length, thickness.
TOES = (
    (7.0, -2.1, 2.3, 1.25),
    (7.7, -1.2, 2.9, 1.35),
    (8.2, -0.4, 3.3, 1.45),
    (8.5, 0.5, 3.8, 1.55),
    (8.5, 1.75, 4.2, 2.3),
)
CREASE, NAIL = 0.3, 0.42
SHIN, SHIN_PEN = ((-0.9, 0.0, 6.0), (-1.2, 0.0, 13.5)), 4.4
CUFF, CUFF_PEN = ((-1.2, 0.0, 10.5), (-1.3, 0.0, 16.5)), 5.3
ARCH, ARCH_PEN = ((-1.6, 1.0, 1.6), (7.4, 2.2, 1.5)), 1.4
ROUND = 12  # corners of a wrapped ball
FLOOR = ((-5.5, -4.5), (14.0, -4.5), (14.0, 4.5), (-5.5, 4.5))  # what is seen of it


def parts(pose: Pose, camera: Camera) -> Iterator[Part]:
    """Yield the foot with its toes lifted as far as the pose says."""
    yield _line("shin", "skin", camera, SHIN, SHIN_PEN)
    yield _line("cuff", "tights", camera, CUFF, CUFF_PEN)
    yield _wrapped(camera)
    yield _line("arch", "tint", camera, ARCH, ARCH_PEN)
    for index, toe in enumerate(TOES):
        lifted = pose.big_toe if index == len(TOES) - 1 else pose.toes
        yield from _toe(index, toe, lifted, camera)


def floor() -> list[Triple]:
    """Return the corners of the floor that is seen."""
    return [(x * ENLARGED, y * ENLARGED, 0.0) for x, y in FLOOR]


def _toe(index: int, toe: tuple[float, float, float, float], lifted: float, camera: Camera) -> Iterator[Part]:
    forward, inward, length, thick = toe
    cos, sin = np.cos(np.radians(lifted)), np.sin(np.radians(lifted))
    along, upward = np.array([cos, 0.0, sin]), np.array([-sin, 0.0, cos])
    root = np.array([forward, inward, thick / 2])
    tip = root + length * along
    nail = tip + NAIL * thick * upward - 0.2 * along
    yield _line(f"crease{index}", "crease", camera, (root, tip), thick + CREASE)
    yield _line(f"toe{index}", "skin", camera, (root - [0.5, 0.0, 0.0], tip), thick)
    yield _line(f"nail{index}", "nail", camera, (nail, nail + 0.15 * length * along), NAIL * thick)


def _line(name: str, colour: str, camera: Camera, ends: Sequence[Triple | Point], pen: float) -> Part:
    places = tuple(camera.place(np.asarray(end) * ENLARGED) for end in ends)
    return Part(name=name, group="foot", colour=colour, points=places, pen=pen * ENLARGED)


def _wrapped(camera: Camera) -> Part:
    """Return the outline around all the balls, less the roundness of the smallest."""
    least = min(radius for *_, radius in WRAPPED)
    turns = np.arange(ROUND) * 2 * np.pi / ROUND
    rim = np.column_stack((np.cos(turns), np.sin(turns)))
    spots = [
        spot
        for *centre, radius in WRAPPED
        for spot in camera.place(np.array(centre) * ENLARGED) + (radius - least) * ENLARGED * rim
    ]
    return Part(name="foot", group="foot", colour="skin", points=tuple(_hull(spots)), pen=2 * least * ENLARGED)


def _hull(spots: Sequence[Point]) -> list[Point]:
    """Return the convex hull (Andrew's monotone chain, 1979)."""
    order = sorted(spots, key=lambda spot: (spot[0], spot[1]))
    return [*_lower_rim(order), *_lower_rim(order[::-1])]


def _lower_rim(order: Sequence[Point]) -> list[Point]:
    rim: list[Point] = []
    for spot in order:
        while len(rim) > 1 and not _turns_left(rim[-2], rim[-1], spot):
            rim.pop()
        rim.append(spot)
    return rim[:-1]


def _turns_left(a: Point, b: Point, c: Point) -> bool:
    return bool((b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0]))
