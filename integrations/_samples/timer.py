"""The timer: when it ran, between the pauses of a recording."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.domain.activity import Column, Pause


def timer_on(time_s: Column, stopped: Sequence[Pause]) -> NDArray[np.bool_]:
    """Return for each moment whether the timer ran; it did at the very moments it was stopped and started."""
    running = np.ones(len(time_s), dtype=np.bool_)
    for pause in stopped:
        running &= (time_s <= pause.start_s) | (time_s >= pause.end_s)
    return running


def active_s(time_s: Column, stopped: Sequence[Pause]) -> Column:
    """Return for each moment how long the timer had run."""
    active = time_s.copy()
    for pause in stopped:
        active -= np.clip(time_s - pause.start_s, 0.0, pause.end_s - pause.start_s)
    return active
