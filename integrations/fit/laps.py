"""Laps of a session, in the names the domain uses."""

from collections.abc import Sequence

from integrations.fit.messages import Message, moment_in, positive, word
from service.domain.activity import Lap

# Laps may begin or end so long beside the session (whole seconds, a late button): more, and they are another's.
_SLACK_S = 60.0

_TRIGGERS = {
    "manual": "manual",
    "time": "time",
    "distance": "distance",
    "position_start": "distance",  # made at a place along the way, with no press of a button
    "position_lap": "distance",
    "position_waypoint": "distance",
    "position_marked": "distance",
    "session_end": "session_end",
}
_INTENSITIES = {
    "active": "active",
    "interval": "active",
    "rest": "rest",
    "recovery": "rest",
    "warmup": "warmup",
    "cooldown": "cooldown",
}


def laps(messages: Sequence[Message], start: float, elapsed_s: float) -> tuple[Lap, ...]:
    """Return the laps that lie within a session of `elapsed_s` begun at `start` (a FIT time stamp), in order of time.

    A lap without a length, or beside the session, is left out. One without a start begins where the one before ended.
    """
    found: list[Lap] = []
    cursor = start
    for message in messages:
        begins = moment_in(message, "start_time")
        lap = _lap(message, cursor if begins is None else begins, start, elapsed_s)
        if lap is not None:
            cursor = start + lap.start_s + lap.elapsed_s
            found.append(lap)
    return tuple(sorted(found, key=lambda lap: lap.start_s))


def _lap(message: Message, begins: float, start: float, session_s: float) -> Lap | None:
    length = _length(message, begins)
    after = begins - start
    if length is None or after < -_SLACK_S or after + length > session_s + _SLACK_S:
        return None
    return Lap(
        start_s=max(after, 0.0),
        elapsed_s=length,
        distance_m=positive(message, "total_distance"),
        avg_hr=positive(message, "avg_heart_rate"),
        trigger=_TRIGGERS.get(word(message, "lap_trigger"), ""),
        intensity=_INTENSITIES.get(word(message, "intensity"), ""),
    )


def _length(message: Message, begins: float) -> float | None:
    told = positive(message, "total_elapsed_time") or positive(message, "total_timer_time")
    ends = moment_in(message, "timestamp")
    if told is None and ends is not None and ends > begins:
        return ends - begins
    return told
