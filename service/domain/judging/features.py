"""The evidence: one run's figures set against the runner's own past. Every name here may have a ramp in points.py."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from service.domain.activity import Activity
from service.domain.judging.background import LEAST_RANKED, LEAST_RUNS, WEEK_DAYS, Background
from service.domain.judging.efforts import ABOVE_EASY, AT_THRESHOLD, Spans, find_spans
from service.domain.judging.samples import Samples

LEAST_SIMILAR = 6
SIMILAR = (0.6, 1.5)
FAST_SHARE = 1.02
REPEAT_SHARE = 1.0
LONGEST_REPEAT_S = 420.0
TEMPO_LEAST_S = 300.0
TEMPO_MOST_SHARE = 1.04
WARM_UP_GAP = timedelta(minutes=60)
WARM_UP_FASTER = 1.06


def relate(
    activity: Activity, samples: Samples | None, figures: Mapping[str, float], past: Background
) -> dict[str, float]:
    """Return the evidence by name, what cannot be told left out: shares, ranks (0 to 1), counts or seconds."""
    found = (
        _length(activity, past)
        | _pace(activity, figures, past)
        | _heart(figures, past)
        | _repeats(samples, past)
        | {name: figures[name] for name in OWN if name in figures}
    )
    for name in RANKED:
        rank = past.rank(name, found.get(name, figures.get(name)))
        if rank is not None:
            found[f"{name}_rank"] = rank
    return found


OWN = (
    "contrast",
    "ground_contrast",
    "effort_grade",
    "speed_spread",
    "standing_share",
    "rhythm",
    "middle_speed",
    "lap_repeats",
    "heart_spread",
    "heart_gap",
    "pause_share",
    "two_speeds",
    "climb",
)
RANKED = ("heart_gap", "fast_seconds", "heart_spread", "performance", "sustained", "climb")


def _length(activity: Activity, past: Background) -> dict[str, float]:
    found = {"minutes": activity.moving_s / 60.0}
    distance = activity.distance_m
    recent = past.distance_m[past.recent]
    if not distance or len(recent) < LEAST_RUNS:
        return found
    found["distance_over_p90"] = distance / float(np.percentile(past.distance_m[past.usual], 90))
    found["distance_over_median"] = distance / float(np.median(recent))
    week = past.distance_m[past.days <= WEEK_DAYS]
    if len(week):
        found["distance_over_week"] = distance / float(week.max())
    return found


def _pace(activity: Activity, figures: Mapping[str, float], past: Background) -> dict[str, float]:
    found: dict[str, float] = {}
    speed, thresholds = figures.get("flat_speed"), past.thresholds
    if thresholds.speed_mps and "performance" in figures:
        found["performance_over_threshold"] = figures["performance"] / thresholds.speed_mps
    if thresholds.speed_mps and "best_1200" in figures:
        found["best_20_min"] = figures["best_1200"] / thresholds.speed_mps
    if speed is None:
        return found
    if thresholds.easy_mps:
        found["speed_over_easy"] = speed / thresholds.easy_mps
    usual_speed, usual_distance = past.feature("flat_speed")[past.usual], past.distance_m[past.usual]
    known = np.isfinite(usual_speed)
    if known.sum() >= LEAST_RANKED:
        found["speed_rank"] = float(np.mean(usual_speed[known] < speed))
    share = usual_distance / (activity.distance_m or np.inf)
    alike = usual_speed[known & (share >= SIMILAR[0]) & (share <= SIMILAR[1])]
    if len(alike) >= LEAST_SIMILAR:
        found["speed_over_similar"] = speed / float(np.median(alike))
    found["after_warm_up"] = float(_after_warm_up(activity, speed, past))
    return found


def _after_warm_up(activity: Activity, speed: float, past: Background) -> bool:
    before = past.previous
    if before is None or before.moving_s <= 0:
        return False
    gap = activity.started_at - (before.started_at + timedelta(seconds=max(before.elapsed_s, before.moving_s)))
    return gap < WARM_UP_GAP and speed > WARM_UP_FASTER * before.distance_m / before.moving_s


def _heart(figures: Mapping[str, float], past: Background) -> dict[str, float]:
    found: dict[str, float] = {}
    top = past.thresholds.top_hr
    if top and "mean_hr" in figures:
        found["mean_heart_share"] = figures["mean_hr"] / top
    if top and "top_hr" in figures:
        found["top_heart_share"] = figures["top_hr"] / top
    rank = past.rank("top_hr", figures.get("top_hr"))
    if rank is not None:
        found["top_heart_rank"] = rank
    return found


def _repeats(samples: Samples | None, past: Background) -> dict[str, float]:
    found: dict[str, float] = {}
    if samples is None:
        return found
    if past.thresholds.easy_mps:
        found |= _above_easy(find_spans(samples, past.thresholds.easy_mps, ABOVE_EASY), past.thresholds.easy_mps)
    if past.thresholds.speed_mps:
        found |= _at_threshold(find_spans(samples, past.thresholds.speed_mps, AT_THRESHOLD), past.thresholds.speed_mps)
    return found


def _above_easy(spans: Spans, easy_mps: float) -> dict[str, float]:
    if not len(spans):
        return {}
    return {"hard_speed": float(np.average(spans.speed, weights=spans.seconds) / easy_mps)}


def _at_threshold(spans: Spans, threshold_mps: float) -> dict[str, float]:
    if not len(spans):
        return {"fast_seconds": 0.0, "fast_repeats": 0.0, "tempo_seconds": 0.0}
    relative, seconds = spans.speed / threshold_mps, spans.seconds
    return {
        "fast_seconds": float(seconds[relative >= FAST_SHARE].sum()),
        "fast_repeats": float(np.sum((relative >= REPEAT_SHARE) & (seconds <= LONGEST_REPEAT_S))),
        "tempo_seconds": float(seconds[(seconds >= TEMPO_LEAST_S) & (relative < TEMPO_MOST_SHARE)].sum()),
        "repeat_speed": float(np.average(relative, weights=seconds)),
    }
