"""Stretches of samples between which the timer stood still, as the formats of the XML kind write a recording."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from integrations._samples.order import in_order
from integrations._samples.records import Records
from integrations._samples.streams import streams
from service.domain.activity import Pause, Streams

# Whoever stops a watch stops it for longer; a new stretch may also begin for the sake of a new lap.
_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampled:
    """What a recording's stretches tell: its first moment (seconds, as the records count), its length, and samples."""

    begins: float
    elapsed_s: float
    pauses: tuple[Pause, ...]
    streams: Streams
    left_out: str

    @property
    def moving_s(self) -> float:
        """Seconds the timer ran."""
        return self.elapsed_s - sum(pause.end_s - pause.start_s for pause in self.pauses)

    @property
    def distance_m(self) -> float | None:
        """Metres covered, None where they are not known."""
        counted = float(self.streams.distance_m[-1])
        return counted if counted > 0 else None

    @property
    def heart_rates(self) -> tuple[float | None, float | None]:
        """The average and the highest heart rate while the timer ran."""
        valid = self.streams.heart_rate[self.streams.timer_on & ~np.isnan(self.streams.heart_rate)]
        return (float(valid.mean()), float(valid.max())) if len(valid) else (None, None)


def sampled(stretches: Sequence[Records], sport: str) -> Sampled | None:
    """Return what stretches in order of time tell; None where fewer than two samples have a time."""
    timed = [stretch.take(~np.isnan(stretch.time)) for stretch in stretches]
    filled = [stretch for stretch in timed if len(stretch)]
    if not filled:
        return None
    whole, left_out = in_order(_joined(filled))
    if len(whole) <= 1:
        return None
    begins, ends = float(whole.time[0]), float(whole.time[-1])
    stopped = _pauses(filled, begins, ends)
    found = streams(whole, begins, sport=sport, stopped=stopped)
    if found is None:
        return None
    return Sampled(begins=begins, elapsed_s=ends - begins, pauses=stopped, streams=found, left_out=left_out)


def _joined(stretches: Sequence[Records]) -> Records:
    whole, *others = stretches
    for stretch in others:
        whole = whole.followed_by(stretch)
    return whole


def _pauses(stretches: Sequence[Records], begins: float, ends: float) -> tuple[Pause, ...]:
    spans = sorted((float(stretch.time.min()), float(stretch.time.max())) for stretch in stretches)
    found: list[Pause] = []
    running_until = begins
    for first, last in spans:
        if begins <= running_until and first - running_until >= _PAUSE_S and first <= ends:
            found.append(Pause(start_s=running_until - begins, end_s=first - begins))
        running_until = max(running_until, last)
    return tuple(found)
