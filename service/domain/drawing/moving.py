"""Motion: the poses between the key poses. Numbers are eased, and the skeleton is solved anew for each moment."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.domain.drawing.pose import Motion, Pose
from service.domain.drawing.skeleton import Skeleton, solve

STEPS = 10  # moments looked at on the way from one key pose to the next; a drawing leaves out those it does not need

type Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moment:
    """A skeleton at a share of the round, 0 to 1."""

    share: float
    skeleton: Skeleton


class Track:
    """The poses of one round, which begins at the end of the first key's hold."""

    def __init__(self, motion: Motion) -> None:
        self.keys = motion.cycle
        self._flow = motion.flow
        self._numbers = np.array([list(_numbers(key)) for key in self.keys])
        self._next = [*self.keys[1:], self.keys[0]]
        self._ends = np.cumsum([key.move + key.hold for key in self._next])
        self.seconds = float(self._ends[-1])

    def at(self, seconds: float) -> Pose:
        """Return the pose at a time, round after round."""
        seconds %= self.seconds
        index = min(int(np.searchsorted(self._ends, seconds, side="right")), len(self.keys) - 1)
        coming = self._next[index]
        gone = seconds - (self._ends[index] - coming.move - coming.hold)
        share = min(gone / coming.move, 1.0) if coming.move else 1.0
        between = self._flowing(index, share) if self._flow else self._eased(index, share)
        pose: Pose = _filled(coming, iter(between.tolist()))
        return pose

    def times(self) -> Iterator[float]:
        """Yield the moments, in seconds from 0 to the end, that show all there is to see."""
        yield 0.0
        for coming, end in zip(self._next, self._ends.tolist(), strict=True):
            begin = end - coming.hold - coming.move
            if coming.move:
                yield from (begin + coming.move * step / STEPS for step in range(1, STEPS + 1))
            if coming.hold:
                yield end

    def _eased(self, index: int, share: float) -> Numbers:
        """Return the numbers on the way to the next key, slow at both ends."""
        start, end = self._numbers[index], self._numbers[(index + 1) % len(self.keys)]
        return np.asarray(start + (end - start) * (1 - np.cos(np.pi * share)) / 2)

    def _flowing(self, index: int, share: float) -> Numbers:
        """Return the numbers on a way that passes through the keys and never beyond them.

        A periodic cubic with the slopes of Fritsch and Butland (1984): what stands still between two keys does not
        swing past them, so that a foot on the floor stays there.
        """
        following = (index + 1) % len(self.keys)
        start, end = self._numbers[index], self._numbers[following]
        leaving, arriving = (self._slope(at) * self._next[index].move for at in (index, following))
        rest = 1 - share
        return np.asarray(
            start * (1 + 2 * share) * rest**2
            + leaving * share * rest**2
            + end * share**2 * (3 - 2 * share)
            - arriving * share**2 * rest
        )

    def _slope(self, at: int) -> Numbers:
        """Return the weighted harmonic mean of the slopes before and after a key, 0 where they disagree or it rests."""
        before, after = self.keys[at].move, self._next[at].move
        here, following = self._numbers[at], self._numbers[(at + 1) % len(self.keys)]
        if self.keys[at].hold:
            return np.zeros_like(here)
        if not before:  # a move of no time: the same pose, whole turns counted back
            return np.asarray((following - here) / after)
        slope_before = (here - self._numbers[at - 1]) / before
        if not after:
            return np.asarray(slope_before)
        slope_after = (following - here) / after
        agree = slope_before * slope_after > 0
        first, second = (np.where(agree, slope, 1.0) for slope in (slope_before, slope_after))
        mean = 3 * (before + after) / ((2 * after + before) / first + (after + 2 * before) / second)
        return np.where(agree, mean, 0.0)


def moments(motion: Motion) -> list[Moment]:
    """Return the skeletons of one round, from its first moment to the same again."""
    track = Track(motion)
    return [Moment(seconds / track.seconds, solve(track.at(seconds))) for seconds in track.times()]


def _numbers(value: object) -> Iterator[float]:
    """Yield every number of a pose, in a fixed order."""
    if isinstance(value, float | int):
        yield float(value)
    elif isinstance(value, tuple):
        yield from map(float, value)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _numbers(getattr(value, each.name))


def _filled(value: Any, given: Iterator[float]) -> Any:  # noqa: ANN401 - any part of a pose, and the same comes back
    """Return a pose with these numbers in place of its own, in the order of `_numbers`."""
    if isinstance(value, float | int):
        return next(given)
    if isinstance(value, tuple):
        return tuple(next(given) for _ in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _filled(getattr(value, each.name), given) for each in fields(value)})
    return value
