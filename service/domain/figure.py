"""Figures: every movement drawn by our own geometry, moving, or as its key poses side by side.

Both come as SVG text without script, style or ids, so that any number of them may stand on one page, and the same
movement gives the same text every time. `config.figures` reads the motions.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from service.domain.drawing import svg
from service.domain.drawing.camera import Point
from service.domain.drawing.film import Film, Frame, film, floor
from service.domain.drawing.moving import Moment, moments
from service.domain.drawing.palette import FLOOR
from service.domain.drawing.part import Part
from service.domain.drawing.pose import Motion
from service.domain.drawing.skeleton import Skeleton, solve
from service.domain.movements import Movement

__all__ = ["Motion", "animated", "poses", "strip"]

MARGIN = 4.0  # hundredths of stature around what is drawn
LEAST_WIDTH = 120.0  # so that a figure standing and a figure lying are about as large
ASPECT = 4 / 3

type Box = tuple[float, float, float, float]  # left, top, width, height


def animated(movement: Movement, motion: Motion, *, mirrored: bool = False) -> str:
    """Return the movement as one moving picture of 4 : 3; `mirrored` shows the other side."""
    shown = film(movement, motion, mirrored=mirrored)
    ground = floor(shown.frames, motion, shown.camera)
    box = _as_wide(_around(shown.frames, ground, motion), LEAST_WIDTH if motion.crop is None else 0.0)
    return svg.document(movement.name, box, _drawn(shown.frames, ground, shown))


def strip(movement: Movement, motion: Motion, *, mirrored: bool = False) -> str:
    """Return the key poses side by side, for those who want nothing to move; `mirrored` shows the other side."""
    shown = film(movement, motion, mirrored=mirrored)
    body, across, tops, bottoms = "", 0.0, [], []
    for index in motion.stills:
        frame = shown.frame(Moment(_share(motion, index), solve(motion.cycle[index])))
        ground = floor([frame], motion, shown.camera)
        left, top, width, height = _around([frame], ground, motion)
        body += svg.group(_drawn([frame], ground, shown), shift=across - left)
        across += width
        tops.append(top)
        bottoms.append(top + height)
    return svg.document(movement.name, (0.0, min(tops), across, max(bottoms) - min(tops)), body)


def poses(motion: Motion) -> list[Skeleton]:
    """Return the skeleton at every moment that is looked at, one round from its first to the same again."""
    return [moment.skeleton for moment in moments(motion)]


def _drawn(frames: Sequence[Frame], ground: Part, shown: Film) -> str:
    shares = [frame.moment.share for frame in frames]
    body = svg.group(svg.element([ground]), opacity=FLOOR)
    for layer in shown.layers:
        ways = ([frame.parts[name] for frame in frames] for name in layer.names)
        inside = "".join(svg.element(way, shares, shown.motion.seconds) for way in ways)
        body += svg.group(inside, opacity=layer.opacity)
    return body


def _share(motion: Motion, index: int) -> float:
    """Return the share of the round that is gone when this key pose has been reached and held."""
    return sum(key.move + key.hold for key in motion.cycle[1 : index + 1]) / motion.seconds


def _around(frames: Sequence[Frame], ground: Part, motion: Motion) -> Box:
    """Return the box around all that is drawn, or around the heights of it that are to be seen."""
    edges = np.array([edge for frame in frames for part in (*frame.parts.values(), ground) for edge in _edges(part)])
    left, top = edges.min(axis=0) - MARGIN
    right, bottom = edges.max(axis=0) + MARGIN
    if motion.crop is not None:
        low, high = motion.crop
        top, bottom = -high, min(bottom, -low)
    return float(left), float(top), float(right - left), float(bottom - top)


def _edges(part: Part) -> Iterator[Point]:
    for point in part.points:
        yield point - part.pen / 2
        yield point + part.pen / 2


def _as_wide(box: Box, least: float) -> Box:
    """Return the box grown to its shape and least width; what was in it stands in the middle, at the foot."""
    left, top, width, height = box
    wide = max(width, least, height * ASPECT)
    high = wide / ASPECT
    return left - (wide - width) / 2, top + height - high, wide, high
