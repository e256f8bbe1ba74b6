"""The receipt: what spoke for the verdict, in the runner's words and with their numbers.

Pieces of evidence that say the same thing share a topic; a topic is told by one sentence of facts, and weighs what its
evidence put between the type called and the runner-up.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from service.domain.athlete import Units
from service.domain.judging.efforts import MOST_REPEATS, Spans
from service.domain.judging.points import POINTS
from service.domain.judging.quantities import clock, distance, pace, percent
from service.domain.judging.scoring import TYPES, Tally
from service.domain.judging.shades import Scene
from service.domain.verdict import Reason, RunType

MOST_REASONS = 4
LEAST_WEIGHT = 0.1
ABOUT_EASY = 0.03  # within this share of easy speed a pace is "about" it
ONE_LENGTH = 2.0  # efforts whose longest is under twice the shortest are "of about" one length
NEAR_ONE = 0.05
STEADY = 0.5  # from this rhythm on a period is worth telling
EVEN_HEART = 12.0  # beats (ours)
SLIGHT_CONTRAST = 1.3  # where contrast begins to give points
PAUSED = 0.05  # of the time: where pauses begin to give points
STEEP = 0.02  # grade from which a slope begins to explain an effort
HARDLY_FASTER = 1.15
SLIGHTLY_FASTER = 1.05
TWO_LEVELS = 0.65  # of the spread of speed: three in four labelled intervals are above, three in four easy runs below
FEWEST_REASONS = 2
HARD = (RunType.TEMPO, RunType.INTERVAL)

type Sentence = Callable[[Scene, Units], str | None]

OF_RUN = {RunType.EASY: "easy", RunType.TEMPO: "tempo", RunType.INTERVAL: "intervals", RunType.LONG: "long"}


def reasons(scene: Scene, tally: Tally, call: RunType, units: Units) -> tuple[Reason, ...]:
    """Return what spoke for the type called, the weightiest first; at least two lines also for a first run."""
    second = next(kind for kind in tally.ranked if kind is not call)
    lead = tally.shares[:, TYPES.index(call)] - tally.shares[:, TYPES.index(second)]
    weights: dict[str, float] = {}
    for ramp, points in zip(POINTS, lead, strict=True):
        if ramp.evidence in scene.evidence:
            weights[TOPIC_OF[ramp.evidence]] = weights.get(TOPIC_OF[ramp.evidence], 0.0) + float(points)
    told = [_learned(tally, call)] if tally.alike[call] else []
    for topic, weight in sorted(weights.items(), key=lambda item: -item[1]):
        text = SENTENCES[topic](scene, units) if weight >= LEAST_WEIGHT else None
        if text is not None:
            told.append(Reason(text=text, weight=round(weight, 2)))
    if call in HARD and scene.spans is not None and len(scene.spans) and weights.get("efforts", 0.0) < LEAST_WEIGHT:
        told.insert(0, Reason(text=_told_efforts(scene.spans, scene.thresholds.speed_mps, units)))
    if call is RunType.EASY and scene.spans is not None and not len(scene.spans):
        none = Reason(text=_told_efforts(scene.spans, scene.thresholds.speed_mps, units))
        told = [none, *(reason for reason in told if reason.text != none.text)]
    if len(told) < FEWEST_REASONS:
        known = {reason.text for reason in told}
        told += [fact for fact in _plain_facts(scene, units) if fact.text not in known]
    return tuple(told[:MOST_REASONS])


def _learned(tally: Tally, call: RunType) -> Reason:
    times = "once" if (count := tally.alike[call]) == 1 else f"{count} times"
    return Reason(
        text=f"you called runs like this {OF_RUN[call]} {times}", weight=float(tally.learned[TYPES.index(call)])
    )


def _plain_facts(scene: Scene, units: Units) -> tuple[Reason, ...]:
    """Return what little there is to say where no evidence stands out."""
    return tuple(Reason(text=text) for tell in (_length, _pace) if (text := tell(scene, units)) is not None)[
        :MOST_REASONS
    ]


def _length(scene: Scene, units: Units) -> str | None:
    metres = scene.activity.distance_m
    if not metres:
        return f"{clock(scene.activity.moving_s)} on the move"
    size = f"{distance(metres, units)} in {clock(scene.activity.moving_s)}"
    times = scene.evidence.get("distance_over_median")
    if times is None:
        return size
    if abs(times - 1.0) <= NEAR_ONE:
        return f"{size}, about your usual length"
    return f"{size}, {times:.1f} × your usual"


def _pace(scene: Scene, units: Units) -> str | None:
    speed, share = scene.figures.get("flat_speed"), scene.evidence.get("speed_over_easy")
    if speed is None:
        return None
    average = f"{pace(speed, units)} on average"
    if share is not None and abs(share - 1.0) <= ABOUT_EASY:
        return f"about your easy pace ({pace(speed, units)})"
    rank = scene.evidence.get("speed_rank")
    if rank is None:
        return average
    if rank >= 0.5:  # noqa: PLR2004 - the half
        return f"{average}, faster than {percent(rank)} of your runs"
    return f"{average}, slower than {percent(1.0 - rank)} of your runs"


def _efforts(scene: Scene, units: Units) -> str | None:
    return None if scene.spans is None else _told_efforts(scene.spans, scene.thresholds.speed_mps, units)


def _told_efforts(spans: Spans, threshold: float | None, units: Units) -> str:
    if not len(spans):
        return "no stretch near your threshold speed" if threshold else "no stretch much faster than the rest"
    seconds, speed = spans.seconds, float(np.average(spans.speed, weights=spans.seconds))
    how_fast = f"at {percent(speed / threshold)} of your threshold speed" if threshold else f"at {pace(speed, units)}"
    if len(spans) == 1:
        return f"{clock(float(seconds[0]))} {how_fast}"
    if seconds.max() < ONE_LENGTH * seconds.min():
        return f"{len(spans)} efforts of about {clock(float(np.median(seconds)))} {how_fast}"
    return f"{len(spans)} efforts of {clock(float(seconds.min()))} to {clock(float(seconds.max()))} {how_fast}"


def _best(scene: Scene, units: Units) -> str | None:
    best, threshold = scene.figures.get("best_1200"), scene.thresholds.speed_mps
    if best is not None and threshold is not None:
        return f"fastest 20 min at {percent(best / threshold)} of your threshold speed ({pace(best, units)})"
    performance = scene.evidence.get("performance_over_threshold")
    return None if performance is None else f"the best stretch is worth {percent(performance)} of your threshold speed"


def _heart(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - beats have no other unit
    mean, top = scene.evidence.get("mean_heart_share"), scene.evidence.get("top_heart_share")
    if mean is None and top is None:
        return None
    parts = []
    if mean is not None:
        parts.append(f"{scene.figures['mean_hr']:.0f} on average ({percent(mean)} of your highest)")
    if top is not None:
        parts.append(f"up to {scene.figures['top_hr']:.0f} ({percent(top)})")
    return "heart rate " + ", ".join(parts)


def _heart_swing(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - beats have no other unit
    gap = scene.figures.get("heart_gap")
    if gap is None:
        return None
    if gap < EVEN_HEART:
        return f"an even heart rate, never more than {gap:.0f} beats above its average"
    return f"heart rate peaked {gap:.0f} beats above its average"


def _measured(scene: Scene, units: Units, *, name: str, text: str) -> str | None:  # noqa: ARG001 - bare shares
    value = scene.evidence.get(name)
    return None if value is None else text.format(value)


def _laps(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - a count
    repeats = int(scene.evidence.get("lap_repeats", 0.0))
    if repeats <= 1:
        return "no fast laps between slow ones"
    return f"{repeats}{' or more' if repeats == MOST_REPEATS else ''} fast laps with slower ones between"


def _rhythm(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - seconds have no other unit
    strength, period = scene.evidence.get("rhythm"), scene.figures.get("rhythm_s")
    if strength is None or period is None:
        return None
    if strength < STEADY:
        return "your speed did not rise and fall in a pattern, as it does in repeats"
    return f"your speed rose and fell about every {clock(period)}, as it does in repeats"


def _middle(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - a ratio
    times = scene.evidence.get("middle_speed")
    if times is None:
        return None
    if times < 1.0 + NEAR_ONE:
        return "no harder part between the start and the end"
    return f"the fastest parts were {times:.2f} × as fast as the start and the end"


def _contrast(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - a ratio
    times = scene.evidence.get("contrast")
    if times is None:
        return None
    grade = scene.evidence.get("effort_grade", 0.0)
    if grade >= STEEP and scene.evidence.get("ground_contrast", times) < HARDLY_FASTER:
        return f"your harder stretches were climbs of {percent(grade)}, hardly faster than the rest"
    only = "only " if times < SLIGHT_CONTRAST else ""
    return f"your faster stretches were {only}{times:.2f} × as fast as the rest"


def _pauses(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - a share
    share = scene.evidence.get("pause_share", 0.0)
    return f"paused for {percent(share)} of the time" if share >= PAUSED else "hardly a pause"


def _sustained(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - a ratio
    times = scene.figures.get("sustained")
    if times is None:
        return None
    only = "only " if times < SLIGHTLY_FASTER else ""
    return f"your fastest 10 min were {only}{times:.2f} × as fast as this run usually went"


def _two_speeds(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - a share
    """Return that the run had two speeds; that it had not says no more than that it had no efforts."""
    explained = scene.evidence.get("two_speeds", 0.0)
    return "your speed fell into two levels, fast and slow" if explained >= TWO_LEVELS else None


def _warm_up(scene: Scene, units: Units) -> str | None:  # noqa: ARG001 - no number
    return (
        "it began within the hour after a slower run, as after a warm-up"
        if scene.evidence.get("after_warm_up")
        else None
    )


SENTENCES: Mapping[str, Sentence] = {
    "length": _length,
    "pace": _pace,
    "efforts": _efforts,
    "best": _best,
    "heart": _heart,
    "heart swing": _heart_swing,
    "laps": _laps,
    "warm-up": _warm_up,
    "contrast": _contrast,
    "rhythm": _rhythm,
    "middle": _middle,
    "two speeds": _two_speeds,
    "sustained": _sustained,
    "climb": partial(_measured, name="climb", text="{:.0f} m of climbing a kilometre"),
    "pauses": _pauses,
}

TOPIC_OF: Mapping[str, str] = {
    "distance_over_p90": "length",
    "distance_over_week": "length",
    "distance_over_median": "length",
    "minutes": "length",
    "performance_over_threshold": "best",
    "performance_rank": "best",
    "best_20_min": "best",
    "speed_over_similar": "pace",
    "speed_rank": "pace",
    "climb": "climb",
    "climb_rank": "climb",
    "after_warm_up": "warm-up",
    "pause_share": "pauses",
    "heart_gap": "heart swing",
    "heart_gap_rank": "heart swing",
    "heart_spread": "heart swing",
    "heart_spread_rank": "heart swing",
    "top_heart_rank": "heart",
    "top_heart_share": "heart",
    "hard_speed": "efforts",
    "tempo_seconds": "efforts",
    "fast_seconds": "efforts",
    "fast_seconds_rank": "efforts",
    "fast_repeats": "efforts",
    "repeat_speed": "efforts",
    "contrast": "contrast",
    "ground_contrast": "contrast",
    "effort_grade": "contrast",
    "sustained_rank": "sustained",
    "two_speeds": "two speeds",
    "rhythm": "rhythm",
    "middle_speed": "middle",
    "lap_repeats": "laps",
}
