"""Pauses: where the runner (or auto-pause) stopped the timer. A gap between samples is not one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from integrations.fit.messages import Message, moment_in, word
from service.domain.activity import Column, Pause

# Time stamps are whole seconds, so a stop within one second of the end is the end.
_AT_THE_END_S = 1.0


def pauses(events: Sequence[Message], start: float, end: float) -> tuple[Pause, ...]:
    """Return the pauses between `start` and `end` (FIT time stamps), in seconds since `start`.

    A stop lasts until the next start, whatever was recorded meanwhile; the last one until the end, unless that is at
    hand. Several stops in a row are one, markers say nothing.
    """
    found: list[Pause] = []
    stopped: float | None = None
    for when, kind in _timer_events(events):
        if kind == "start" and stopped is not None:
            found.extend(_pause(stopped, when, start, end))
            stopped = None
        elif kind.startswith("stop") and stopped is None:
            stopped = when
    if stopped is not None and end - stopped > _AT_THE_END_S:
        found.extend(_pause(stopped, end, start, end))
    return tuple(found)


def _timer_events(events: Sequence[Message]) -> list[tuple[float, str]]:
    told = [
        (moment_in(event, "timestamp"), word(event, "event_type")) for event in events if event.get("event") == "timer"
    ]
    return sorted(((when, kind) for when, kind in told if when is not None), key=lambda pair: pair[0])


def _pause(stopped: float, resumed: float, start: float, end: float) -> tuple[Pause, ...]:
    begins, ends = max(stopped, start), min(resumed, end)
    return (Pause(start_s=begins - start, end_s=ends - start),) if ends > begins else ()


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
