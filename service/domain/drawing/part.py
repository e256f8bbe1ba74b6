"""The pieces that a drawing is made of."""

from dataclasses import dataclass
from enum import Enum

from service.domain.drawing.camera import Point


class Shape(Enum):
    """How the points of a part are joined."""

    FILLED = "a closed outline, a line of two points or a dot of one"
    SMOOTH = "a closed curve that the points pull at"
    LINE = "an open line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the drawing, by a name that it has at every moment, and the group that it is drawn with.

    `colour` is a name of the palette. The outline is drawn with a round pen of width `pen`, which rounds its corners.
    """

    name: str
    group: str
    colour: str
    points: tuple[Point, ...]
    pen: float
    shape: Shape = Shape.FILLED
