"""From evidence to points: the tally of the table, what the runner's corrections add, and how sure that makes us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.domain.activity import Column
from service.domain.judging.points import POINTS, START
from service.domain.verdict import PastRun, RunType

TYPES = (RunType.EASY, RunType.TEMPO, RunType.INTERVAL, RunType.LONG)
WEIGHTS = np.array([(0.0, ramp.tempo, ramp.interval, ramp.long) for ramp in POINTS])
STARTS = np.array((0.0, *START))
CENTRES = np.array([ramp.centre for ramp in POINTS])
IMPORTANCE = (WEIGHTS**2).sum(axis=1)

# Corrections: a vote of the runner's own corrected runs, each counting by how alike it is in the table's own measure,
# and by how much it taught: what the table was sure of already counts half. A type often corrected counts less a run
# (its number ^ -0.75): a runner's one tempo must not drown in their easy runs. The numbers are those that did best over
# 10 to 80 corrections an athlete, each held out; their neighbours do nearly as well (docs/classification.md).
LIKENESS_WIDTH = 1.0
VOTE_POINTS = 1.0
VOTE_PRIOR = 0.5
VOTE_POWER = 0.75
VOTE_BASE = 3.0  # a type with so many corrections counts them fully
KNOWN = 0.5  # what a correction loses that the table would have called the same with certainty
MOST_CORRECTIONS = 100
ALIKE = 0.5  # from this likeness on a correction is named as "a run like this"

# Confidence: a logistic curve over the margin, fitted to how often calls on athletes held out were right
# (tools/fit_points.py): a slope between each two edges, easy calls apart, then an offset by the type called.
MARGIN_EDGES = (0.0, 0.5, 1.5, 4.0)
EASY_SLOPES = (1.77, 1.34, 0.34)
OTHER_SLOPES = (1.46, 1.00, 0.73)
TYPE_OFFSET = {RunType.EASY: 0.41, RunType.TEMPO: -0.92, RunType.INTERVAL: -0.03, RunType.LONG: -1.05}
# Calls of long are right 8 times in 10 at best, tempo calls too rare to vouch for more.
MOST_SURE = {RunType.TEMPO: 0.78, RunType.LONG: 0.75}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """The points of one run: `shares` has a row for each ramp and a column for each type, `learned` a value a type."""

    shares: Column
    learned: Column
    prior: Column
    alike: Mapping[RunType, int]

    @property
    def totals(self) -> Column:
        """Return the points of each type in the order of TYPES."""
        return np.asarray(STARTS + self.shares.sum(axis=0) + self.learned + self.prior)

    @property
    def ranked(self) -> tuple[RunType, RunType]:
        """Return the type with the most points and the runner-up."""
        order = np.argsort(-self.totals, kind="stable")
        return TYPES[order[0]], TYPES[order[1]]

    @property
    def margin(self) -> float:
        """Return how many points the first is ahead of the second."""
        first, second = np.sort(self.totals)[::-1][:2]
        return float(first - second)


def rises(evidence: Mapping[str, float]) -> Column:
    """Return where the evidence lies on each ramp, at the ramp's centre where it is missing."""
    return np.array(
        [ramp.centre if (value := evidence.get(ramp.evidence)) is None else ramp.rise(value) for ramp in POINTS]
    )


def tally(evidence: Mapping[str, float], corrected: Sequence[PastRun], prior: Column) -> Tally:
    """Return the points that the table, the runner's corrections and a platform's tag give a run."""
    risen = rises(evidence)
    told = [(rises(run.features), run.corrected) for run in corrected[-MOST_CORRECTIONS:] if run.corrected is not None]
    kinds = np.array([TYPES.index(kind) for _, kind in told], dtype=np.intp)
    apart = np.array([IMPORTANCE @ (risen - theirs) ** 2 for theirs, _ in told])
    known = np.array([chances(STARTS + _shares(theirs).sum(axis=0))[TYPES.index(kind)] for theirs, kind in told])
    alike = np.bincount(kinds[likeness(apart) >= ALIKE], minlength=len(TYPES))
    return Tally(
        shares=_shares(risen),
        learned=vote(apart, kinds, known),
        prior=prior,
        alike=dict(zip(TYPES, alike.tolist(), strict=True)),
    )


def vote(apart: Column, kinds: NDArray[np.intp], known: Column) -> Column:
    """Return the points that corrected runs give each type.

    For each of them: `apart`, how far it lies from this run (sum of importance x squared difference of rises), `kinds`,
    the index of the type the runner said, and `known`, the chance that the table gave that type.
    """
    given = np.bincount(kinds, minlength=len(TYPES))
    votes = np.bincount(kinds, likeness(apart) * (1.0 - KNOWN * known), minlength=len(TYPES))
    votes = votes * (VOTE_BASE / np.maximum(given, 1)) ** VOTE_POWER
    return np.asarray(VOTE_POINTS * np.log((votes + VOTE_PRIOR) / VOTE_PRIOR))


def likeness(apart: Column) -> Column:
    """Return how alike runs are that lie so far apart: 1 for the same, 0.5 at a width and a bit."""
    return np.asarray(np.exp(-apart / (2.0 * LIKENESS_WIDTH**2)))


def chances(points: Column) -> Column:
    """Return how likely points hold each type to be (softmax)."""
    raised = np.exp(points - points.max())
    return np.asarray(raised / raised.sum())


def _shares(risen: Column) -> Column:
    """Return the points that each ramp gives each type."""
    return np.asarray((risen - CENTRES)[:, None] * WEIGHTS)


def confidence(call: RunType, margin: float, cap: float) -> float:
    """Return the share of calls like this that are right, no more than `cap`."""
    slopes = EASY_SLOPES if call is RunType.EASY else OTHER_SLOPES
    steps = [min(max(margin, low), high) - low for low, high in pairwise(MARGIN_EDGES)]
    logit = TYPE_OFFSET[call] + sum(slope * step for slope, step in zip(slopes, steps, strict=True))
    return float(min(cap, MOST_SURE.get(call, 1.0), 1.0 / (1.0 + np.exp(-logit))))
