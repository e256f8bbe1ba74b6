"""One session in figures: what its message says, where that can be, and what was sampled where it cannot."""

from datetime import timedelta

import numpy as np

from integrations.fit.messages import Message, Recording, moment_in, number, positive, word
from integrations.fit.timeline import Slice
from service.domain.activity import RUNNING, Column, Streams

# A session may begin so long before its first sample: waiting for satellites, or the first length of a pool.
_LONGEST_LEAD_S = 900.0
# Devices round; a sample later than this after the stated end shows that the recording went on.
_ROUNDING_S = 10.0
# Longer than any recording; what is stated beyond is a damaged number.
_LONGEST_S = 10 * 24 * 3600.0
# A stated distance below this share of the counted one is a field left at zero, or nearly.
_DISTANCE_SHARE = 0.5

_QUARTER_HOUR_S = 900.0
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)

_INDOOR_RUNS = frozenset({"treadmill", "indoor_running"})
_GYM = frozenset({"fitness_equipment", "training", "generic"})
_DEVICE_LENGTH = 60
_NO_MAKER = "development"


def start(part: Slice) -> float | None:
    """Return when a session began, as a FIT time stamp; None where nothing tells.

    The stated start counts unless the samples begin before it, or so much later that it must be another's.
    """
    stated = moment_in(part.session, "start_time")
    if not len(part.records):
        return stated
    first = float(part.records.time[0])
    return stated if stated is not None and 0 <= first - stated <= _LONGEST_LEAD_S else first


def elapsed_s(part: Slice, begins: float) -> float:
    """Return seconds from start to end, pauses included: as stated, or up to the last sample where that came later."""
    stated = positive(part.session, "total_elapsed_time")
    if stated is not None and stated > _LONGEST_S:
        stated = None
    if not len(part.records):
        ends = moment_in(part.session, "timestamp")
        return stated or positive(part.session, "total_timer_time") or max((ends or begins) - begins, 0.0)
    measured = float(part.records.time[-1]) - begins
    return stated if stated is not None and stated >= measured - _ROUNDING_S else measured


def moving_s(session: Message, elapsed: float, paused_s: float) -> float:
    """Return seconds the timer ran: as stated, at most `elapsed`; without a statement what the pauses leave of it."""
    stated = positive(session, "total_timer_time")
    return max(elapsed - paused_s, 0.0) if stated is None else min(stated, elapsed)


def distance_m(session: Message, streams: Streams | None) -> float | None:
    """Return metres: as stated (a runner may have corrected a treadmill), else as counted in the samples."""
    stated = positive(session, "total_distance")
    counted = None if streams is None else _last(streams.distance_m)
    if stated is None or (counted is not None and stated < _DISTANCE_SHARE * counted):
        return counted
    return stated


def _last(column: Column) -> float | None:
    return float(column[-1]) if column[-1] > 0 else None


def heart_rates(session: Message, streams: Streams | None) -> tuple[float | None, float | None]:
    """Return the average and the highest heart rate: as stated, else of the samples."""
    average, highest = positive(session, "avg_heart_rate"), positive(session, "max_heart_rate")
    if streams is None or (average and highest):
        return average, highest
    valid = streams.heart_rate[streams.timer_on & ~np.isnan(streams.heart_rate)]
    if len(valid):
        return average or float(valid.mean()), highest or float(valid.max())
    return average, highest


def climb_m(session: Message) -> float | None:
    """Return metres climbed as stated: without it the altitudes speak for themselves."""
    return number(session, "total_ascent")


def sport(session: Message, recording: Recording) -> tuple[str, str]:
    """Return sport and sub-sport by their FIT names, "generic" and "" where unknown.

    Without a session the sport's own message or a lap may tell. A treadmill in a gym is a run.
    """
    tellers = (session, recording.first("sport"), recording.first("lap"))
    teller = next((message for message in tellers if word(message, "sport")), {})
    name, sub = word(teller, "sport") or "generic", word(teller, "sub_sport")
    if name in _GYM and sub in _INDOOR_RUNS:
        name = RUNNING
    return name, "" if sub == "generic" else sub


def utc_offset(told: Message, session: Message, ends: float) -> timedelta | None:
    """Return local time less UTC from the activity message `told`, or None where it is no zone of this world.

    Some writers swap the two: the one that agrees with the session's own times is UTC.
    """
    utc, local = moment_in(told, "timestamp"), moment_in(told, "local_timestamp")
    if utc is None or local is None:
        return None
    known = [
        when for when in (moment_in(session, "timestamp"), moment_in(session, "start_time"), ends) if when is not None
    ]
    if _agrees(local, known) and not _agrees(utc, known):
        utc, local = local, utc
    quarters = round((local - utc) / _QUARTER_HOUR_S)
    offset = timedelta(seconds=quarters * _QUARTER_HOUR_S)
    if abs(local - utc - offset.total_seconds()) > _ROUNDING_S or not _WEST <= offset <= _EAST:
        return None
    return offset


def _agrees(moment: float, known: list[float]) -> bool:
    return any(abs(moment - other) < _QUARTER_HOUR_S / 2 for other in known)


def device(file_id: Message) -> str:
    """Return what recorded it: the product's own name, else maker and model; "" where unknown."""
    maker = word(file_id, "manufacturer")
    named = word(file_id, "product_name")
    model = next(
        (word(file_id, name) for name in ("garmin_product", "favero_product", "product") if word(file_id, name)), ""
    )
    if named[:1].isalnum():
        return named[:_DEVICE_LENGTH]
    return f"{'' if maker == _NO_MAKER else maker} {model}".strip()
