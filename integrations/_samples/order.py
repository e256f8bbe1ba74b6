"""Putting samples in order of time: one row a moment, nothing far off."""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from integrations._samples.records import Records
from service.domain.activity import Column

# Nobody pauses one recording for so long; a damaged or freshly set clock jumps further.
FAR_OFF_S = 24 * 3600.0


def in_order(records: Records) -> tuple[Records, str]:
    """Return the records by time, one row a moment, and a note on what was left out ("" where nothing was).

    A record without a time of its own belongs to the one before it. Of several rows of one moment each value is the
    first valid one: some apps write heart rate, distance and place in rows of their own.
    """
    timed = _with_times(records)
    timed = timed.take(np.argsort(timed.time, kind="stable"))
    near = _one_recording(timed.time)
    note = ""
    if not near.all():
        note = f"Samples dated a day or more from the others were left out ({np.count_nonzero(~near)})."
    return _merged(timed.take(near)), note


def _with_times(records: Records) -> Records:
    place = np.maximum.accumulate(np.where(np.isnan(records.time), -1, np.arange(len(records))))
    known = records.take(place >= 0)
    columns = {column.name: getattr(known, column.name) for column in fields(Records)}
    return Records(**{**columns, "time": records.time[place[place >= 0]]})


def _one_recording(time: Column) -> NDArray[np.bool_]:
    """Return which of the sorted times belong to the largest group without a gap of a day."""
    if not len(time):
        return np.ones(0, dtype=np.bool_)
    group = np.concatenate([[0], np.cumsum(np.diff(time) >= FAR_OFF_S)])
    largest: NDArray[np.bool_] = group == np.argmax(np.bincount(group))
    return largest


def _merged(records: Records) -> Records:
    times, place = np.unique(records.time, return_inverse=True)
    if len(times) == len(records):
        return records
    columns = {
        column.name: _first_valid(getattr(records, column.name), place, len(times)) for column in fields(Records)
    }
    return Records(**{**columns, "time": times})


def _first_valid(values: Column, place: NDArray[np.intp], size: int) -> Column:
    merged = np.full(size, np.nan)
    valid = np.flatnonzero(~np.isnan(values))[::-1]
    merged[place[valid]] = values[valid]
    return merged
