"""What a file's clock is worth, and which records belong to which session."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from integrations._samples.records import Records
from integrations.fit.messages import Message, Recording, moment_in
from integrations.fit.profile import FIRST_DATE

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
