"""How right the rules are: a replay of labelled runs in order of time, and what is measured of it.

    labelled runs -> replay (each run sees only what came before; titles and labels unseen) -> predictions -> report

The figures are defined once, here; `evaluate_text` writes them for people, `Report.as_dict` for machines.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from service.domain.athlete import Athlete
from service.domain.classification import Classification, PastRun, RunType, Tier, classify
from service.domain.judging.labelled import LabelledRun

TYPES = (RunType.EASY, RunType.TEMPO, RunType.INTERVAL, RunType.LONG)
SIZE = {RunType.EASY: "easy", RunType.TEMPO: "hard", RunType.INTERVAL: "hard", RunType.LONG: "long"}
WITH_STREAMS = (Tier.STREAMS, Tier.STREAMS_HR)
CONFIDENT = 0.8
BINS = 10
LEAST_LABELS = 20  # an athlete with fewer tells too little to stand in the mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What was said of one run. `label` is None where nobody said; `scored` is False for a run given as correction.

    `uncorrected` is the type called without the athlete's corrections, None where none were given.
    """

    run_id: str
    athlete: str
    run_type: RunType
    secondary: RunType | None
    confidence: float
    tier: Tier
    label: RunType | None
    certain: bool
    scored: bool
    uncorrected: RunType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Runs, the share called right, and F1 by type (types neither labelled nor called left out).

    `macro_f1` is the mean over these types, `labelled_f1` over those that have labels.
    """

    runs: int
    accuracy: float
    macro_f1: float
    labelled_f1: float
    f1: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Calls whose confidence lies from `low` up to `high`: how many, their mean confidence, the share right."""

    low: float
    high: float
    runs: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confident:
    """Calls at 0.8 or more: how many, their share of all, the share right."""

    runs: int
    share: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is measured.

    `confusion` is label -> call -> runs. `athlete_mean` is the mean macro-F1 of those with 20 labels or more, each over
    the types their labels hold; `athlete_mean_strict` also counts, as 0, types only called. `foremost` is the athlete
    with most scored recordings (the most labels, where nobody has streams), who could carry the pooled figures alone;
    `others` and `others_by_tier` leave that athlete out. `without_corrections` is the same runs with the corrections
    unknown.
    """

    runs: int
    athletes: int
    overall: Score
    athlete_mean: float
    athlete_mean_strict: float
    right_size: float
    certain: Score
    confusion: dict[str, dict[str, int]]
    by_athlete: dict[str, Score]
    by_tier: dict[str, Score]
    foremost: str
    others: Score
    others_by_tier: dict[str, Score]
    reliability: tuple[Bin, ...]
    confident: Confident
    confident_by_type: dict[str, Confident]
    corrections: int = 0
    without_corrections: Score | None = None
    athlete_mean_without: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return asdict(self)


def evaluate(
    runs: Iterable[LabelledRun], *, corrections: int = 0, told: Callable[[Prediction], None] | None = None
) -> Report:
    """Replay labelled runs (athlete by athlete, each in order of time) and return what was measured.

    The first `corrections` labelled runs of each athlete are given as the runner's own word, the rest scored. `told`
    hears of each prediction as it is made. Raise ValueError where no run has a label to score.
    """
    made = []
    for prediction in replay(runs, corrections=corrections):
        made.append(prediction)
        if told is not None:
            told(prediction)
    return measure(made, corrections=corrections)


def replay(runs: Iterable[LabelledRun], *, corrections: int = 0) -> Iterator[Prediction]:
    """Yield a prediction for each run, made from what the athlete had run (and corrected) before."""
    for athlete, own in groupby(runs, key=lambda run: run.athlete):
        yield from _replay_athlete(Athlete(id=athlete), own, corrections)


def _replay_athlete(athlete: Athlete, runs: Iterable[LabelledRun], corrections: int) -> Iterator[Prediction]:
    past: list[PastRun] = []
    bare: list[PastRun] = []
    left = corrections
    for run in runs:
        given = run.label if left > 0 else None
        left -= given is not None
        activity = replace(run.activity, title="", tags=())
        verdict = classify(activity, past, athlete)
        scored = run.label is not None and given is None
        uncorrected = classify(activity, bare, athlete).run_type if corrections and scored else None
        bare.append(verdict.remembered)
        past.append(replace(verdict.remembered, corrected=given))
        yield _prediction(run, verdict, uncorrected, scored=scored)


def _prediction(run: LabelledRun, verdict: Classification, uncorrected: RunType | None, *, scored: bool) -> Prediction:
    return Prediction(
        run_id=run.run_id,
        athlete=run.athlete,
        run_type=verdict.run_type,
        secondary=verdict.secondary,
        confidence=verdict.confidence,
        tier=verdict.tier,
        label=run.label,
        certain=run.certain,
        scored=scored,
        uncorrected=uncorrected,
    )


def measure(predictions: Sequence[Prediction], *, corrections: int = 0) -> Report:
    """Return the report of predictions; raise ValueError where none can be scored."""
    scored = [made for made in predictions if made.scored]
    if not scored:
        raise ValueError("no labelled run is left to score: give a data set with labels, or fewer corrections")
    by_athlete = _grouped(scored, lambda made: made.athlete)
    foremost = _foremost(scored)
    others = [made for made in scored if made.athlete != foremost]
    bare = [replace(made, run_type=made.uncorrected or made.run_type) for made in scored] if corrections else None
    return Report(
        runs=len(predictions),
        athletes=len({made.athlete for made in predictions}),
        overall=score(scored),
        athlete_mean=_athlete_mean(by_athlete),
        athlete_mean_strict=_mean([one.macro_f1 for one in _well_known(by_athlete)]),
        right_size=_share(scored, lambda made: SIZE[made.run_type] == SIZE[_label(made)]),
        certain=score([made for made in scored if made.certain]),
        confusion=_confusion(scored),
        by_athlete=by_athlete,
        by_tier=_grouped(scored, lambda made: made.tier.value),
        foremost=foremost,
        others=score(others),
        others_by_tier=_grouped(others, lambda made: made.tier.value),
        reliability=_reliability(scored),
        confident=_confident(scored, scored),
        confident_by_type={
            kind.value: _confident([made for made in scored if made.run_type is kind], scored) for kind in TYPES
        },
        corrections=corrections,
        without_corrections=None if bare is None else score(bare),
        athlete_mean_without=None if bare is None else _athlete_mean(_grouped(bare, lambda made: made.athlete)),
    )


def score(scored: Sequence[Prediction]) -> Score:
    """Return how right predictions are; all zero where there are none."""
    calls, labels = Counter(made.run_type for made in scored), Counter(made.label for made in scored)
    hits = Counter(made.run_type for made in scored if _right(made))
    f1 = {kind: 2.0 * hits[kind] / (calls[kind] + labels[kind]) for kind in TYPES if calls[kind] + labels[kind]}
    return Score(
        runs=len(scored),
        accuracy=_share(scored, _right),
        macro_f1=_mean(f1.values()),
        labelled_f1=_mean([value for kind, value in f1.items() if labels[kind]]),
        f1={kind.value: value for kind, value in f1.items()},
    )


def _mean(values: Collection[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _label(made: Prediction) -> RunType:
    if made.label is None:
        raise ValueError(f"run {made.run_id} has no label to be scored by")
    return made.label


def _right(made: Prediction) -> bool:
    return made.run_type is made.label


def _share(made: Sequence[Prediction], holds: Callable[[Prediction], bool]) -> float:
    return sum(map(holds, made)) / len(made) if made else 0.0


def _grouped(scored: Sequence[Prediction], key: Callable[[Prediction], str]) -> dict[str, Score]:
    names = sorted({key(made) for made in scored})
    return {name: score([made for made in scored if key(made) == name]) for name in names}


def _foremost(scored: Sequence[Prediction]) -> str:
    recorded = [made for made in scored if made.tier in WITH_STREAMS] or scored
    return max(sorted({made.athlete for made in recorded}), key=[made.athlete for made in recorded].count)


def _athlete_mean(by_athlete: dict[str, Score]) -> float:
    return _mean([one.labelled_f1 for one in _well_known(by_athlete)])


def _well_known(by_athlete: dict[str, Score]) -> list[Score]:
    return [one for one in by_athlete.values() if one.runs >= LEAST_LABELS]


def _confusion(scored: Sequence[Prediction]) -> dict[str, dict[str, int]]:
    return {
        label.value: {
            call.value: sum(made.label is label and made.run_type is call for made in scored) for call in TYPES
        }
        for label in TYPES
    }


def _reliability(scored: Sequence[Prediction]) -> tuple[Bin, ...]:
    bins = []
    for index in range(BINS):
        inside = [made for made in scored if min(int(made.confidence * BINS), BINS - 1) == index]
        if inside:
            mean = sum(made.confidence for made in inside) / len(inside)
            low = index / BINS
            bins.append(
                Bin(low=low, high=low + 1 / BINS, runs=len(inside), confidence=mean, right=_share(inside, _right))
            )
    return tuple(bins)


def _confident(of: Sequence[Prediction], all_scored: Sequence[Prediction]) -> Confident:
    sure = [made for made in of if made.confidence >= CONFIDENT]
    return Confident(runs=len(sure), share=len(sure) / len(all_scored), right=_share(sure, _right))
