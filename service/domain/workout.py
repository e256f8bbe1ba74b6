"""A workout recorded in parts (warm-up, work, cool-down), and the one activity they make for the classifier."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from itertools import pairwise

import numpy as np

from service.domain.activity import Activity, Column, Pause, Streams

# Long enough to change shoes, jog to the start and wait for it; a second run of the day is hours away.
PART_GAP = timedelta(minutes=20)
# Watches round their clocks: the next part may seem to begin a little before the last one ended.
ROUNDING = timedelta(seconds=5)
# No part of a workout is longer, so whoever looks for parts need look no further back.
LONGEST_PART = timedelta(hours=24)


def follows(later: Activity, earlier: Activity) -> bool:
    """Return whether `later` goes on with the workout of `earlier`: both dated runs, begun within 20 min of its end."""
    gap = later.started_at - earlier.ended_at
    dated_runs = all(run.is_run and run.is_dated and not run.hidden_start for run in (later, earlier))
    return dated_runs and -ROUNDING <= gap <= PART_GAP and earlier.started_at < later.started_at


def chain[T](recordings: Sequence[tuple[T, Activity]], about: T) -> list[T]:
    """Return the names of the recordings that make one workout with the one named `about`, in the order they were run.

    Each pair is a name and its recording, in any order; `about` is among them.
    """
    in_order = sorted(recordings, key=lambda pair: pair[1].started_at)
    chains: list[list[T]] = []
    for before, (name, activity) in zip([None, *in_order], in_order, strict=False):
        if before is not None and follows(activity, before[1]):
            chains[-1].append(name)
        else:
            chains.append([name])
    return next(names for names in chains if about in names)


def join(parts: Sequence[Activity]) -> Activity:
    """Return parts of one workout, in the order they were run, as one activity named by the first.

    The time between two parts is a pause. Sums where every part knows the figure, None where one does not; the
    average heart rate is weighted by moving time. Streams are joined where every part has them.
    """
    if len(parts) == 1:
        return parts[0]
    first, starts = parts[0], _starts(parts)
    return replace(
        first,
        elapsed_s=starts[-1] + parts[-1].elapsed_s,
        moving_s=sum(part.moving_s for part in parts),
        distance_m=_total([part.distance_m for part in parts]),
        avg_hr=_average_heart_rate(parts),
        max_hr=max((part.max_hr for part in parts if part.max_hr is not None), default=None),
        climb_m=_total([part.climb_m for part in parts]),
        streams=_joined_streams(parts, starts),
        laps=tuple(
            replace(lap, start_s=lap.start_s + start)
            for part, start in zip(parts, starts, strict=True)
            for lap in part.laps
        ),
        pauses=_pauses(parts, starts),
        title=" / ".join(dict.fromkeys(part.title for part in parts if part.title)),
        tags=tuple(dict.fromkeys(tag for part in parts for tag in part.tags)),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _starts(parts: Sequence[Activity]) -> list[float]:
    """Return when each part began, in seconds since the workout did; never before the last one ended."""
    starts = [0.0]
    for earlier, later in pairwise(parts):
        gap = (later.started_at - earlier.ended_at).total_seconds()
        starts.append(starts[-1] + earlier.elapsed_s + max(gap, 0.0))
    return starts


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _average_heart_rate(parts: Sequence[Activity]) -> float | None:
    known = [(part.avg_hr, part.moving_s) for part in parts if part.avg_hr is not None and part.moving_s > 0]
    seconds = sum(moving for _, moving in known)
    return sum(beats * moving for beats, moving in known) / seconds if seconds else None


def _pauses(parts: Sequence[Activity], starts: Sequence[float]) -> tuple[Pause, ...]:
    within = [
        Pause(start_s=pause.start_s + start, end_s=pause.end_s + start)
        for part, start in zip(parts, starts, strict=True)
        for pause in part.pauses
    ]
    between = [
        Pause(start_s=start + part.elapsed_s, end_s=following)
        for part, start, following in zip(parts, starts, starts[1:], strict=False)
        if following > start + part.elapsed_s
    ]
    return tuple(sorted(within + between, key=lambda pause: pause.start_s))


def _joined_streams(parts: Sequence[Activity], starts: Sequence[float]) -> Streams | None:
    streams = [part.streams for part in parts if part.streams is not None]
    if len(streams) < len(parts) or not all(map(len, streams)):
        return None
    columns = {
        column.name: np.concatenate([getattr(stream, column.name) for stream in streams]) for column in fields(Streams)
    }
    columns["time_s"] = np.concatenate([stream.time_s + start for stream, start in zip(streams, starts, strict=True)])
    columns["distance_m"] = np.concatenate(_carried_on([stream.distance_m for stream in streams]))
    kept = np.concatenate([[True], np.diff(np.maximum.accumulate(columns["time_s"])) > 0])
    return Streams(**{name: values[kept] for name, values in columns.items()})


def _carried_on(distances: Sequence[Column]) -> list[Column]:
    """Return each part's distance as going on from where the last one ended."""
    carried, so_far = [], 0.0
    for distance in distances:
        carried.append(distance + so_far)
        known = distance[np.isfinite(distance)]
        so_far += float(known[-1]) if len(known) else 0.0
    return carried
