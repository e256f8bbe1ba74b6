"""Making streams of a session's records: steps of both feet, no heart rate of zero, values held over short gaps."""

from collections.abc import Sequence

import numpy as np

from integrations._samples.distance import MAX_SPEED_MPS, covered
from integrations._samples.records import Records
from integrations._samples.timer import timer_on
from service.domain.activity import Column, Pause, Streams

# Some apps write each quantity at its own rhythm, heart rate every 5 to 9 s: the last value holds this long.
HOLD_S = 15.0
# FIT keeps heart rate and cadence in a byte; a damaged definition may claim more.
_BYTE = 255.0
# The Dead Sea and Everest, with room for a barometer's mood.
_LOWEST_M, _HIGHEST_M = -600.0, 9500.0
# Nobody makes more strides a minute (220 steps): a faster cadence counts steps already.
MAX_STRIDES_PM = 110.0

ON_FOOT = frozenset({"running", "walking", "hiking", "mountaineering", "snowshoeing"})


def streams(
    records: Records,
    start: float,
    *,
    sport: str = "",
    stopped: Sequence[Pause] = (),
    beats: tuple[Column, Column] | None = None,
    distance_before: float = 0.0,
) -> Streams | None:
    """Return the streams of records in order of time, from `start` (a FIT time stamp) on; None where there are none.

    `distance_before` is what the distance counter showed then. `beats` is heart rate from a strap's memory: it fills
    in where the records have none.
    """
    records = records.take(records.time >= start)
    if not len(records):
        return None
    time_s = records.time - start
    return Streams(
        time_s=time_s,
        distance_m=covered(records, time_s, stopped, distance_before),
        speed_mps=held(time_s, within(records.speed, 0.0, MAX_SPEED_MPS)),
        heart_rate=held(time_s, _heart_rate(records, beats)),
        cadence_spm=held(time_s, _steps(within(records.cadence, 0.0, _BYTE), sport)),
        altitude_m=held(time_s, within(records.altitude, _LOWEST_M, _HIGHEST_M)),
        timer_on=timer_on(time_s, stopped),
    )


def within(values: Column, least: float, most: float) -> Column:
    """Return the values with NaN in place of what lies beyond the limits."""
    return np.where((values >= least) & (values <= most), values, np.nan)


def held(time_s: Column, values: Column, limit_s: float = HOLD_S) -> Column:
    """Return the values, each one holding over the gap behind it for up to `limit_s`."""
    valid = ~np.isnan(values)
    if valid.all() or not valid.any():
        return values
    last = np.maximum.accumulate(np.where(valid, np.arange(len(values)), 0))
    return np.where(time_s - time_s[last] <= limit_s, values[last], np.nan)


def _heart_rate(records: Records, beats: tuple[Column, Column] | None) -> Column:
    recorded = within(records.heart_rate, 1.0, _BYTE)
    if beats is None or not len(beats[0]):
        return recorded
    times, rates = beats
    last = np.maximum(np.searchsorted(times, records.time, side="right") - 1, 0)
    age = records.time - times[last]
    return np.where(np.isnan(recorded) & (age >= 0) & (age <= HOLD_S), rates[last], recorded)


def _steps(cadence: Column, sport: str) -> Column:
    """Return steps a minute of both feet. FIT counts strides, one foot's; a few apps count steps all the same."""
    if sport not in ON_FOOT:
        return np.full(len(cadence), np.nan)
    moving = cadence[cadence > 0]
    counts_steps = len(moving) > 0 and float(np.median(moving)) > MAX_STRIDES_PM
    return cadence if counts_steps else cadence * 2
