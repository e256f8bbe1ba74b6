"""The camera: joints in space become places on the paper."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from service.domain.drawing.skeleton import Frame, Vector

type Point = NDArray[np.float64]  # across, down


@dataclass(frozen=True)
class Camera:
    """Looks from afar: `around` degrees from the figure's right side towards its front, `above` degrees from above.

    At 0 the figure faces the right edge of the paper, at 90 it looks at us. `mirrored` shows it as in a mirror.
    """

    around: float
    above: float
    mirrored: bool = False

    def place(self, where: Vector) -> Point:
        """Return where on the paper a point is seen."""
        return np.asarray(self._axes[:2] @ where)

    def near(self, where: Vector) -> float:
        """Return how near a point is: greater is nearer."""
        return float(self._axes[2] @ where)

    @cached_property
    def _axes(self) -> Frame:
        """Rows: across the paper, down the paper, towards us."""
        around, above = np.radians(self.around), np.radians(self.above)
        cos, sin = np.cos(around), np.sin(around)
        across = np.array([cos, sin, 0.0]) * (-1 if self.mirrored else 1)
        down = np.array([np.sin(above) * sin, -np.sin(above) * cos, -np.cos(above)])
        towards = np.array([np.cos(above) * sin, -np.cos(above) * cos, np.sin(above)])
        return np.array([across, down, towards])
