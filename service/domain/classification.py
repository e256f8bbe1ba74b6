"""What kind of run it was.

    activity -> samples -> figures ----> evidence -> tally of points -> detection --> verdict
                             past ------^                 corrections --^          ^
                             correction > plan in the laps > title  ---------------+

The first decisive evidence wins; all of it is kept and shown. Two axes, how hard and how long, compete in one tally: a
long run with tempo blocks is long, secondary tempo.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from service.domain.activity import Activity, Column
from service.domain.athlete import Athlete
from service.domain.judging.background import (
    LEAST_RUNS,
    Background,
    as_known,
    look_back,
    reaches_back_to,
    reaches_no_further,
)
from service.domain.judging.detection import beside, detect
from service.domain.judging.efforts import AT_THRESHOLD, WITHIN_RUN, Spans, as_efforts, find_spans
from service.domain.judging.features import relate
from service.domain.judging.figures import measure
from service.domain.judging.physiology import Thresholds
from service.domain.judging.quantities import clock
from service.domain.judging.reasons import reasons
from service.domain.judging.samples import Samples, sample
from service.domain.judging.scoring import TYPES, Tally, tally
from service.domain.judging.shades import Scene, shades
from service.domain.judging.structure import read_laps
from service.domain.judging.titles import read_title
from service.domain.verdict import Classification, Effort, Flag, PastRun, Reason, RunType, Tier

__all__ = [
    "RULESET",
    "Classification",
    "Effort",
    "Flag",
    "PastRun",
    "Reason",
    "RunType",
    "Tier",
    "classify",
    "reaches_back_to",
    "reaches_no_further",
]

# Change it with every change that can change a verdict, so that `reclassify` knows what is old.
RULESET = "5"

# How far to trust what was told: the runner, the plan in the laps, the title.
CORRECTED, PLANNED, TITLED = 1.0, 0.95, 0.9

CLEAR_CONTRAST = 1.3  # repeats this much faster than the rest are efforts, also below threshold speed

# A platform's tag is a prior: points added before the evidence is read (about 0.75 = one good piece of evidence).
TAG_POINTS = {
    "long_run": {RunType.LONG: 1.5},
    "long": {RunType.LONG: 1.5},
    "workout": {RunType.TEMPO: 0.75, RunType.INTERVAL: 0.75},
    "race": {RunType.TEMPO: 1.0},
    "tempo": {RunType.TEMPO: 1.0},
    "threshold": {RunType.TEMPO: 1.0},
    "interval": {RunType.INTERVAL: 1.0},
    "intervals": {RunType.INTERVAL: 1.0},
    "easy": {RunType.EASY: 1.0},
    "recovery": {RunType.EASY: 1.0},
}

FIRST_GUESS = (Reason(text="a first guess: there are too few earlier runs to compare this one with"),)


def classify(
    activity: Activity, history: Sequence[PastRun], athlete: Athlete, *, correction: RunType | None = None
) -> Classification:
    """Return the verdict on a run. `history` is the same runner's runs in any order; later ones are not seen.

    `correction` is the runner's own word for this run: it decides, and is remembered as evidence for runs like it.
    """
    samples = None if activity.streams is None else sample(activity.streams)
    figures = measure(activity, samples)
    past = look_back(history, activity.started_at, as_known(athlete, activity))
    evidence = relate(activity, samples, figures, past)
    points = tally(evidence, past.corrected, _prior(activity.tags))
    spans = None if samples is None else _efforts(samples, figures, past.thresholds)
    scene = Scene(
        activity=activity, samples=samples, spans=spans, evidence=evidence, figures=figures, thresholds=past.thresholds
    )
    call, secondary, sure, tier, told = _decide(scene, points, _tier(samples, past), correction)
    return Classification(
        run_type=call,
        confidence=round(sure, 3),
        reasons=told + reasons(scene, points, call, athlete.units) + (FIRST_GUESS if tier is Tier.NEWCOMER else ()),
        tier=tier,
        ruleset=RULESET,
        remembered=_remember(activity, dict(evidence) | figures, correction),
        secondary=secondary,
        flags=shades(scene, call) | _told_flags(activity),
        efforts=() if samples is None or spans is None else as_efforts(samples, spans, past.thresholds.speed_mps),
        thresholds=_as_mapping(past.thresholds),
    )


def _decide(
    scene: Scene, points: Tally, tier: Tier, correction: RunType | None
) -> tuple[RunType, RunType | None, float, Tier, tuple[Reason, ...]]:
    """Return type, secondary type, confidence, tier and what was told: correction, plan, title, then points."""
    if correction is not None:
        return correction, None, CORRECTED, Tier.TOLD, (Reason(text=f"you said it was {correction}"),)
    plan, title = read_laps(scene.activity.laps), read_title(scene.activity.title)
    if plan is not None:
        text = f"the laps were planned: {plan.repeats} work laps of about {clock(plan.median_s)}"
        long = RunType.LONG if title.run_type is RunType.LONG else beside(plan.run_type, points)
        return plan.run_type, long, PLANNED, Tier.TOLD, (Reason(text=text),)
    if title.run_type is not None:
        secondary = title.secondary or beside(title.run_type, points)
        return title.run_type, secondary, TITLED, Tier.TOLD, (Reason(text=f"its title says {title.run_type}"),)
    found = detect(points, tier, scene.spans, scene.evidence)
    overruled = (Reason(text=found.overruled),) if found.overruled else ()
    return found.run_type, found.secondary, found.confidence, tier, overruled


def _tier(samples: Samples | None, past: Background) -> Tier:
    if len(past.runs) < LEAST_RUNS:
        return Tier.NEWCOMER
    if samples is None:
        return Tier.SUMMARY
    return Tier.STREAMS if samples.heart_rate is None else Tier.STREAMS_HR


def _prior(tags: Sequence[str]) -> Column:
    points = np.zeros(len(TYPES))
    for tag in tags:
        for kind, value in TAG_POINTS.get(tag.casefold().replace(" ", "_"), {}).items():
            points[TYPES.index(kind)] += value
    return points


def _efforts(samples: Samples, figures: Mapping[str, float], thresholds: Thresholds) -> Spans | None:
    """Return the efforts to show: at threshold speed where it is known, else (or for slow repeats) within the run."""
    spans = None if thresholds.speed_mps is None else find_spans(samples, thresholds.speed_mps, AT_THRESHOLD)
    slow_repeats = spans is not None and not len(spans) and figures.get("contrast", 0.0) >= CLEAR_CONTRAST
    if (spans is None or slow_repeats) and "own_median" in figures:
        return find_spans(samples, figures["own_median"], WITHIN_RUN)
    return spans


def _told_flags(activity: Activity) -> frozenset[Flag]:
    tagged = {Flag.RACE} if "race" in {tag.casefold() for tag in activity.tags} else set()
    return read_title(activity.title).flags | tagged


def _remember(activity: Activity, measured: Mapping[str, float], correction: RunType | None) -> PastRun:
    return PastRun(
        started_at=activity.started_at,
        elapsed_s=activity.elapsed_s,
        moving_s=activity.moving_s,
        distance_m=activity.distance_m or 0.0,
        avg_hr=activity.avg_hr,
        max_hr=activity.max_hr,
        climb_m=activity.climb_m,
        features={name: round(float(value), 5) for name, value in measured.items()},
        corrected=correction,
    )


def _as_mapping(thresholds: Thresholds) -> dict[str, float]:
    named = {
        "threshold_speed_mps": thresholds.speed_mps,
        "easy_speed_mps": thresholds.easy_mps,
        "hr_top": thresholds.top_hr,
    }
    return {name: round(value, 4) for name, value in named.items() if value is not None}
