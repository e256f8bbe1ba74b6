"""From points to a call: the table decides, but for three shapes that a coach names at sight.

The labelled runs hold too few of these to judge them; they are taken from the design instead. Strides at the end of an
easy run leave it easy. A long run that holds tempo blocks is long. For someone with no history, 75 minutes
are long, and a middle much faster than both ends is a tempo run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from service.domain.judging.efforts import Spans
from service.domain.judging.scoring import TYPES, Tally, confidence
from service.domain.verdict import RunType, Tier

# Confidence at most, by what there was to judge by. Only a newcomer's is held down by rule: the others' is what the
# labelled runs say (docs/classification.md).
CAPS = {Tier.NEWCOMER: 0.5}
MOST = 0.95

# Strides of about 20 s as the 10 s mean shows them, seven at most: half the labelled runs with longer ones, and all
# seven with more of them, were meant as intervals.
STRIDE_S, STRIDES_TOTAL_S, STRIDES_LEAST = 26.0, 150.0, 3
STRIDE_REST = 2.0  # times the stride: strides are run fresh
BOTH_AXES = 0.5  # points by which length alone must speak for long
NEWCOMER_LONG_MIN = 75.0
# A middle this much faster than both ends is a warm-up, work and a cool-down. Judged without any history, the 1,164
# labelled recordings have tempo at F1 .31 with this rule and the next instead of .17, macro-F1 .62 instead of .59.
NEWCOMER_HARD_MIDDLE = 1.25
REPEATS_LEAST = 3  # fewer efforts are no repeats
UNSURE = 0.5  # a shape against the table
STRIDES = "short strides with long rests: easy all the same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """The call, what else the run was, how sure, and why where a shape overruled the table."""

    run_type: RunType
    secondary: RunType | None
    confidence: float
    overruled: str = ""


def detect(points: Tally, tier: Tier, spans: Spans | None, evidence: Mapping[str, float]) -> Detected:
    """Return the call on a run from its points, its efforts (None without streams) and its evidence."""
    call, _ = points.ranked
    sure = confidence(call, points.margin, CAPS.get(tier, MOST))
    ahead = dict(zip(TYPES, points.totals - points.totals[TYPES.index(RunType.EASY)], strict=True))
    if call is RunType.INTERVAL and spans is not None and are_strides(spans):
        return Detected(run_type=RunType.EASY, secondary=None, confidence=UNSURE, overruled=STRIDES)
    if call is RunType.TEMPO and ahead[RunType.LONG] >= BOTH_AXES:
        text = "long as well as hard: counted as long"
        return Detected(run_type=RunType.LONG, secondary=call, confidence=min(sure, UNSURE), overruled=text)
    without_repeats = call is RunType.INTERVAL and spans is not None and len(spans) < REPEATS_LEAST
    if tier is Tier.NEWCOMER and (call is RunType.EASY or without_repeats):
        return _newcomer(sure, evidence)
    return Detected(run_type=call, secondary=_secondary(call, ahead), confidence=sure)


def _newcomer(sure: float, evidence: Mapping[str, float]) -> Detected:
    """Return the call on a run that the table, which compares, has nothing to compare with."""
    if evidence["minutes"] >= NEWCOMER_LONG_MIN:
        text = "75 minutes or more count as long until your usual length is known"
        return Detected(run_type=RunType.LONG, secondary=None, confidence=min(sure, UNSURE), overruled=text)
    if (times := evidence.get("middle_speed", 0.0)) >= NEWCOMER_HARD_MIDDLE:
        text = f"a middle part {times:.2f} × as fast as the start and the end, as in a tempo run"
        return Detected(run_type=RunType.TEMPO, secondary=None, confidence=min(sure, UNSURE), overruled=text)
    return Detected(run_type=RunType.EASY, secondary=None, confidence=sure)


def are_strides(spans: Spans) -> bool:
    """Whether the efforts are strides: at least three of about 20 s, two minutes and a half in all, long rests."""
    if len(spans) < STRIDES_LEAST or spans.seconds.sum() > STRIDES_TOTAL_S:
        return False
    stride = float(np.median(spans.seconds))
    return stride <= STRIDE_S and float(np.median(spans.rests)) >= STRIDE_REST * stride


def beside(told: RunType, points: Tally) -> RunType | None:
    """Return what else the points say of a run whose type was told."""
    return _secondary(told, dict(zip(TYPES, points.totals - points.totals[TYPES.index(RunType.EASY)], strict=True)))


def _secondary(call: RunType, ahead: dict[RunType, float]) -> RunType | None:
    """Return what else it was: hard work within a long run, length behind a hard one; None for an easy run."""
    others = {
        RunType.LONG: (RunType.TEMPO, RunType.INTERVAL),
        RunType.TEMPO: (RunType.LONG,),
        RunType.INTERVAL: (RunType.LONG,),
        RunType.EASY: (),
    }[call]
    best = max(others, key=lambda kind: ahead[kind], default=None)
    return best if best is not None and ahead[best] > 0.0 else None
