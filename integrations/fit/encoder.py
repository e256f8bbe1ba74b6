"""Writing an activity as a FIT file: what a watch would have written, read back as the same activity.

Times are whole seconds, distances centimetres, heart rates whole beats: the resolution of the format.
"""

from collections.abc import Iterator

import numpy as np

from integrations.fit.profile import (
    ACTIVITY,
    EVENT,
    EVENT_TIMER,
    EVENT_TYPES,
    FILE_ID,
    FILE_TYPES,
    INTENSITIES,
    LAP,
    LAP_TRIGGERS,
    MANUFACTURER_DEVELOPMENT,
    RECORD,
    SESSION,
    SPORTS,
    SUB_SPORTS,
    WORKOUT,
    seconds,
)
from integrations.fit.writer import fit_file, message, table
from service.domain.activity import Activity, Lap, Streams

_RECORDS = 1  # the local number of records; everything else is written under 0


def encode(activity: Activity) -> bytes:
    """Return the activity as a FIT file: streams, laps, pauses, summary and local time.

    Its ref, tags and notes are not part of the format. A sport without a number here becomes "generic".
    """
    start = round(seconds(activity.started_at))
    return fit_file(
        _identity(activity, start),
        message(WORKOUT, num_valid_steps=0, wkt_name=activity.title) if activity.title else b"",
        *_as_it_went(activity, start),
        _session(activity, start),
        _closing(activity, start),
    )


def _identity(activity: Activity, start: int) -> bytes:
    return message(
        FILE_ID,
        type=FILE_TYPES["activity"],
        manufacturer=MANUFACTURER_DEVELOPMENT,
        product=0,
        time_created=start,
        product_name=activity.device,
    )


def _as_it_went(activity: Activity, start: int) -> Iterator[bytes]:
    """Yield samples, timer events and laps in order of time, as a device writes them."""
    between = sorted((*_timer(activity, start), *_laps(activity, start)), key=lambda pair: pair[0])
    if activity.streams is None or not len(activity.streams):
        yield from (written for _, written in between)
        return
    definition, rows = _records(activity.streams, start)
    places = np.searchsorted(rows["timestamp"], [when for when, _ in between], side="left")
    yield definition
    done = 0
    for place, (_, written) in zip(places, between, strict=True):
        yield rows[done:place].tobytes()
        yield written
        done = place
    yield rows[done:].tobytes()


def _records(streams: Streams, start: int) -> tuple[bytes, np.ndarray]:
    turns = np.rint(streams.cadence_spm / 2 * 128)
    columns = {
        "timestamp": np.rint(start + streams.time_s),
        "distance": streams.distance_m,
        "enhanced_speed": streams.speed_mps,
        "heart_rate": streams.heart_rate,
        "cadence": np.floor(turns / 128),
        "fractional_cadence": turns % 128 / 128,
        "enhanced_altitude": streams.altitude_m,
    }
    definition, rows = table(
        RECORD, {name: column for name, column in columns.items() if not np.isnan(column).all()}, local=_RECORDS
    )
    _, first = np.unique(rows["timestamp"], return_index=True)
    return definition, rows[first]


def _timer(activity: Activity, start: int) -> Iterator[tuple[float, bytes]]:
    yield _timer_event("start", start)
    for pause in activity.pauses:
        yield _timer_event("stop_all", start + pause.start_s)
        if pause.end_s < activity.elapsed_s:
            yield _timer_event("start", start + pause.end_s)
    yield _timer_event("stop_all", start + activity.elapsed_s)


def _timer_event(kind: str, when: float) -> tuple[float, bytes]:
    return when, message(EVENT, timestamp=when, event=EVENT_TIMER, event_type=EVENT_TYPES[kind])


def _laps(activity: Activity, start: int) -> Iterator[tuple[float, bytes]]:
    for place, lap in enumerate(activity.laps):
        ends = start + lap.start_s + lap.elapsed_s
        yield ends, _lap(lap, place, start, ends, SPORTS.get(activity.sport, 0))


def _lap(lap: Lap, place: int, start: int, ends: float, sport: int) -> bytes:
    return message(
        LAP,
        timestamp=ends,
        message_index=place,
        start_time=start + lap.start_s,
        total_elapsed_time=lap.elapsed_s,
        total_timer_time=lap.elapsed_s,
        total_distance=lap.distance_m,
        avg_heart_rate=lap.avg_hr,
        intensity=INTENSITIES.get(lap.intensity),
        lap_trigger=LAP_TRIGGERS.get(lap.trigger),
        sport=sport,
    )


def _session(activity: Activity, start: int) -> bytes:
    return message(
        SESSION,
        timestamp=start + activity.elapsed_s,
        start_time=start,
        sport=SPORTS.get(activity.sport, 0),
        sub_sport=SUB_SPORTS.get(activity.sub_sport, 0),
        total_elapsed_time=activity.elapsed_s,
        total_timer_time=activity.moving_s,
        total_distance=activity.distance_m,
        avg_heart_rate=activity.avg_hr,
        max_heart_rate=activity.max_hr,
        total_ascent=activity.climb_m,
        first_lap_index=0,
        num_laps=len(activity.laps),
    )


def _closing(activity: Activity, start: int) -> bytes:
    end = round(start + activity.elapsed_s)
    offset = activity.utc_offset
    return message(
        ACTIVITY,
        timestamp=end,
        total_timer_time=activity.moving_s,
        num_sessions=1,
        local_timestamp=None if offset is None else end + offset.total_seconds(),
    )
