"""Assembling: plain messages -> activities. Pure: the same recording always makes the same activities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from integrations._samples.order import in_order
from integrations._samples.streams import streams
from integrations.fit import summary
from integrations.fit.laps import laps
from integrations.fit.messages import Message, Recording, moment_in, word
from integrations.fit.pauses import pauses
from integrations.fit.profile import moment
from integrations.fit.strap import beats
from integrations.fit.timeline import Clock, Slice, clock, slices
from service.domain.activity import Activity, Column, Ref, Streams

# Samples of less than this share of a session tell of its beginning only, and mislead about the rest.
_TELLING_SHARE = 0.5
NO_SUMMARY = "The file has no summary: the figures are those of its samples."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Whole:
    """What the sessions of one file share."""

    recording: Recording
    ref: Ref
    clock: Clock
    beats: tuple[Column, Column]
    notes: tuple[str, ...]


def activities(recording: Recording, ref: Ref) -> tuple[Activity, ...]:
    """Return an activity for each session of a recording, in order of time, all under one `ref`.

    A recording without a session message is one session, worked out from its records. A session without a length
    (no statement and less than two samples) makes none.
    """
    records, left_out = in_order(recording.records)
    parts = slices(recording.all("session"), records)
    starts = [begins for part in parts if (begins := summary.start(part)) is not None]
    if not starts:
        return ()
    ticking = clock(recording, min(starts))
    no_summary = "" if recording.all("session") else NO_SUMMARY
    notes = tuple(filter(None, (*recording.trouble, ticking.oddity, no_summary, left_out)))
    whole = _Whole(recording=recording, ref=ref, clock=ticking, beats=beats(recording.all("hr")), notes=notes)
    return tuple(made for part in parts if (made := _activity(whole, part)) is not None)


def _activity(whole: _Whole, part: Slice) -> Activity | None:
    start = summary.start(part)
    elapsed = 0.0 if start is None else summary.elapsed_s(part, start)
    if start is None or elapsed <= 0:
        return None
    recording, session = whole.recording, part.session
    sport, sub_sport = summary.sport(session, recording)
    stopped = pauses(recording.all("event"), start, elapsed)
    sampled = streams(
        part.records, start, sport=sport, stopped=stopped, beats=whole.beats, distance_before=part.distance_before
    )
    sampled, partial = _telling(sampled, elapsed, recording)
    average, highest = summary.heart_rates(session, sampled)
    return Activity(
        ref=whole.ref,
        sport=sport,
        sub_sport=sub_sport,
        started_at=moment(start + whole.clock.shift_s),
        utc_offset=_utc_offset(whole, session, start + elapsed),
        elapsed_s=elapsed,
        moving_s=summary.moving_s(session, elapsed, sum(pause.end_s - pause.start_s for pause in stopped)),
        distance_m=summary.distance_m(session, sampled),
        avg_hr=average,
        max_hr=highest,
        climb_m=summary.climb_m(session),
        streams=sampled,
        laps=laps(_within(recording.all("lap"), part), start, elapsed),
        pauses=stopped,
        device=summary.device(recording.first("file_id")),
        title=word(recording.first("workout"), "wkt_name"),
        notes=whole.notes + partial,
    )


def _telling(sampled: Streams | None, elapsed: float, recording: Recording) -> tuple[Streams | None, tuple[str, ...]]:
    """Return the streams, and why there are none where a damaged file holds too little of what its summary states."""
    if sampled is None or not recording.trouble or sampled.time_s[-1] >= _TELLING_SHARE * elapsed:
        return sampled, ()
    read = f"Only {sampled.time_s[-1] / 60:.0f} of {elapsed / 60:.0f} minutes of samples could be read"
    return None, (f"{read}: the summary is used alone.",)


def _utc_offset(whole: _Whole, session: Message, ends: float) -> timedelta | None:
    if whole.clock.oddity:
        return None
    return summary.utc_offset(whole.recording.first("activity"), session, ends)


def _within(messages: Sequence[Message], part: Slice) -> Sequence[Message]:
    """Return the messages that begin in a session's share of time; one without a start belongs to the first."""
    begun = ((moment_in(message, "start_time"), message) for message in messages)
    return [message for start, message in begun if part.begins <= (-np.inf if start is None else start) < part.ends]
