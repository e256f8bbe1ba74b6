"""Putting records in order of time: one row a moment, nothing far off, one slice a session."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from integrations.fit.messages import Message, Recording, Records, moment_in
from integrations.fit.profile import FIRST_DATE
from service.domain.activity import Column

# Nobody pauses one recording for so long; a damaged or freshly set clock jumps further.
FAR_OFF_S = 24 * 3600.0

LOCAL_DATE = "The watch did not know the time zone: date and hour are its local time."
NO_DATE = "The watch's clock was not set: the date is not known."


@dataclass(frozen=True, slots=True)
class Clock:
    """What to add to a file's time stamps to get UTC, and what is odd about its clock ("" where nothing is)."""

    shift_s: float = 0.0
    oddity: str = ""


def clock(recording: Recording, first: float) -> Clock:
    """Return how a file's time stamps are to be taken; `first` is its earliest.

    Some watches count seconds since they were switched on. Their activity message may tell the local time of the same
    moment: then the date is right and the hour is local. Else the years around 1990 are left to speak for themselves.
    """
    if first >= FIRST_DATE:
        return Clock()
    told = recording.first("activity")
    counted, local = moment_in(told, "timestamp"), moment_in(told, "local_timestamp")
    if counted is None or local is None or not counted < FIRST_DATE <= local:
        return Clock(oddity=NO_DATE)
    return Clock(shift_s=local - counted, oddity=LOCAL_DATE)


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


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """One session's share: its message, its records, and the distance already covered when it began."""

    session: Message
    records: Records
    begins: float
    ends: float
    distance_before: float = 0.0


def slices(sessions: Sequence[Message], records: Records) -> tuple[Slice, ...]:
    """Return the records session by session; all of them where there is one session, or none.

    Each session reaches from its start to the next one's. Of two sessions with one start the later message counts.
    """
    by_start = {start: session for session in sessions if (start := moment_in(session, "start_time")) is not None}
    starts = sorted(by_start)
    if not starts:
        return (Slice(next(iter(sessions), {}), records, -np.inf, np.inf),)
    edges = [-np.inf, *starts[1:], np.inf]
    bounds = zip(starts, edges[:-1], edges[1:], strict=True)
    return tuple(_slice(by_start[start], records, begins, ends) for start, begins, ends in bounds)


def _slice(session: Message, records: Records, begins: float, ends: float) -> Slice:
    inside = records.take((records.time >= begins) & (records.time < ends))
    before = records.distance[(records.time < begins) & ~np.isnan(records.distance)]
    return Slice(session, inside, begins, ends, float(before[-1]) if len(before) else 0.0)
