"""Pauses: where the runner (or auto-pause) stopped the timer. A gap between samples is not one."""

from collections.abc import Sequence

from integrations.fit.messages import Message, moment_in, word
from service.domain.activity import Pause

# Time stamps are whole seconds, so a stop within one second of the end is the end.
_AT_THE_END_S = 1.0


def pauses(events: Sequence[Message], start: float, elapsed_s: float) -> tuple[Pause, ...]:
    """Return the pauses of a session of `elapsed_s` begun at `start` (a FIT time stamp), in seconds since then.

    A stop lasts until the next start, whatever was recorded meanwhile; the last one until the end, unless that is at
    hand. Several stops in a row are one, markers say nothing.
    """
    found: list[Pause] = []
    stopped: float | None = None
    for when, kind in _timer_events(events, start):
        if kind == "start" and stopped is not None:
            found.extend(_pause(stopped, when, elapsed_s))
            stopped = None
        elif kind.startswith("stop") and stopped is None:
            stopped = when
    if stopped is not None and elapsed_s - stopped > _AT_THE_END_S:
        found.extend(_pause(stopped, elapsed_s, elapsed_s))
    return tuple(found)


def _timer_events(events: Sequence[Message], start: float) -> list[tuple[float, str]]:
    timed = ((moment_in(event, "timestamp"), event) for event in events if event.get("event") == "timer")
    told = [(when - start, word(event, "event_type")) for when, event in timed if when is not None]
    return sorted(told, key=lambda pair: pair[0])


def _pause(stopped: float, resumed: float, elapsed_s: float) -> tuple[Pause, ...]:
    begins, ends = max(stopped, 0.0), min(resumed, elapsed_s)
    return (Pause(start_s=begins, end_s=ends),) if ends > begins else ()
