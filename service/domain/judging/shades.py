"""Shades of a run: they change the routine or the wording, never the type by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from service.domain.activity import Activity
from service.domain.judging.detection import are_strides
from service.domain.judging.efforts import Spans
from service.domain.judging.physiology import Thresholds
from service.domain.judging.samples import STEP_S, Samples
from service.domain.verdict import Flag, RunType

HILLY_M_A_KM = 15.0
HILL_GRADE = 0.04  # efforts on average this steep are hill repeats
FAST_SHARE = 1.0  # of threshold speed, held for five minutes
FAST_EFFORT = 1.03
RACE_PERFORMANCE = 1.0  # of what the best earlier runs show
RACE_SHARE = 0.9  # of the run at about the same speed
RACE_SPREAD = 0.12
RECOVERY_SPEED, RECOVERY_DISTANCE = 1.0, 0.8  # of easy speed, of the usual distance
HARD_EFFORT_S, HILLS_LEAST = 30.0, 3
PROGRESSION_GAIN, PROGRESSION_END = 1.05, 0.88
LEAST_PROGRESSION_S = 1200.0
WALK_MPS = (0.6, 2.1)
WALK_BOUT_S, WALK_BOUTS, WALK_SHARE, WALK_RUN_MPS = 20.0, 4, 0.1, 2.2
UNEVEN = 0.5  # sd / mean of effort lengths: played with speed rather than run by the clock
FARTLEK_LEAST = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A run with everything known of it, for shades and reasons. `spans` are its efforts."""

    activity: Activity
    samples: Samples | None
    spans: Spans | None
    evidence: Mapping[str, float]
    figures: Mapping[str, float]
    thresholds: Thresholds


def shades(scene: Scene, call: RunType) -> frozenset[Flag]:
    """Return the flags of a run called `call`."""
    found = {
        Flag.TREADMILL: scene.activity.sub_sport in {"treadmill", "indoor_running"},
        Flag.TRAIL: scene.activity.sub_sport == "trail",
        Flag.HILLY: _hilly(scene),
        Flag.FAST: _fast(scene),
        Flag.RACE: _raced(scene),
        Flag.RECOVERY: call is RunType.EASY and _recovery(scene),
        Flag.STRIDES: call in {RunType.EASY, RunType.LONG} and scene.spans is not None and are_strides(scene.spans),
        Flag.PROGRESSION: _progression(scene),
        Flag.RUN_WALK: call in {RunType.EASY, RunType.LONG} and _run_walk(scene),
        Flag.FARTLEK: call is RunType.INTERVAL and _fartlek(scene),
    }
    return frozenset(flag for flag, there in found.items() if there)


def _hilly(scene: Scene) -> bool:
    climb, distance = scene.activity.climb_m, scene.activity.distance_m
    if climb and distance and climb / (distance / 1000.0) >= HILLY_M_A_KM:
        return True
    if scene.samples is None or scene.spans is None or len(scene.spans) < HILLS_LEAST:
        return False
    grades = [scene.samples.grade[a:b].mean() for a, b in zip(scene.spans.start, scene.spans.stop, strict=True)]
    return bool(np.median(grades) >= HILL_GRADE)


def _fast(scene: Scene) -> bool:
    threshold = scene.thresholds.speed_mps
    if threshold is None:
        return False
    repeats = scene.spans is not None and np.any(
        (scene.spans.speed >= FAST_EFFORT * threshold) & (scene.spans.seconds >= HARD_EFFORT_S)
    )
    return bool(repeats) or scene.figures.get("best_300", 0.0) >= FAST_SHARE * threshold


def _raced(scene: Scene) -> bool:
    """Whether one near-best effort was held for the whole run."""
    best = scene.evidence.get("performance_over_threshold", 0.0) >= RACE_PERFORMANCE
    steady = scene.evidence.get("speed_spread", 1.0) <= RACE_SPREAD
    if scene.thresholds.speed_mps is None or scene.spans is None or scene.samples is None or not len(scene.spans):
        return False
    return best and steady and float(scene.spans.seconds.max()) >= RACE_SHARE * len(scene.samples) * STEP_S


def _recovery(scene: Scene) -> bool:
    return (
        scene.evidence.get("speed_over_easy", np.inf) <= RECOVERY_SPEED
        and scene.evidence.get("distance_over_median", np.inf) <= RECOVERY_DISTANCE
    )


def _progression(scene: Scene) -> bool:
    samples, threshold = scene.samples, scene.thresholds.speed_mps
    if samples is None or threshold is None or len(samples) * STEP_S < LEAST_PROGRESSION_S:
        return False
    first, middle, last = (float(np.median(part)) for part in np.array_split(samples.effort_speed, 3))
    return first < middle < last and last >= PROGRESSION_GAIN * first and last >= PROGRESSION_END * threshold


def _run_walk(scene: Scene) -> bool:
    samples = scene.samples
    if samples is None or scene.figures.get("own_median", 0.0) < WALK_RUN_MPS:
        return False
    walking = (samples.speed >= WALK_MPS[0]) & (samples.speed <= WALK_MPS[1])
    edges = np.flatnonzero(np.diff(np.concatenate(([0], walking.astype(int), [0]))))
    bouts = int(np.sum((edges[1::2] - edges[::2]) * STEP_S >= WALK_BOUT_S))
    return bouts >= WALK_BOUTS and float(walking.mean()) >= WALK_SHARE


def _fartlek(scene: Scene) -> bool:
    if scene.spans is None or len(scene.spans) < FARTLEK_LEAST or scene.evidence.get("lap_repeats", 0.0) > 1.0:
        return False
    return bool(scene.spans.seconds.std() >= UNEVEN * scene.spans.seconds.mean())
