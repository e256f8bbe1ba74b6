"""Fit the points table on a data set of labelled runs, and print it as service/domain/judging/points.py holds it.

    .venv/bin/python tools/fit_points.py ../shared/data/runs            # measure, each athlete held out in turn
    .venv/bin/python tools/fit_points.py ../shared/data/runs --table    # and print the table and the confidence

A multinomial logistic regression on the ramps, easy being 0. Every sign is fixed beforehand, and every point starts at
what a coach would give it: one point for evidence of the effort's shape, a little over half for the rest. The data has
to argue it away (L2 towards that start), because few athletes record streams and one of them would decide alone.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from integrations.dataset import read
from service.application.evaluate import LEAST_LABELS, Prediction, Report, measure
from service.application.evaluate_text import report_lines
from service.domain.athlete import Athlete
from service.domain.classification import PastRun, RunType, Tier, classify
from service.domain.judging.labelled import LabelledRun
from service.domain.judging.scoring import MARGIN_EDGES, MOST_SURE, TYPES

type Matrix = NDArray[np.float64]

SHAPE_START, OTHER_START = 1.0, 0.6  # points a coach would give before the data speaks
PULL = 16.0  # L2 towards the start
ATHLETE_POWER, TYPE_POWER = 0.4, 0.55  # weight of a run = labels of its athlete ^ -0.4 x mass of its type ^ -0.55
STEPS = 500
ROUNDING = 0.05
CALIBRATION_STEPS, CALIBRATION_PULL = 6000, 0.5
CALIBRATION_POWER = 0.15  # two athletes hold most labels: the curve is to be honest for a new one too


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ramp to be fitted: its ends, and the sign allowed for tempo, interval and long ("+", "-" or "0")."""

    evidence: str
    low: float
    high: float
    signs: str
    shape: bool = False


CANDIDATES = (
    # how long
    Candidate("distance_over_p90", 0.9, 1.5, "00+"),
    Candidate("distance_over_week", 0.8, 1.3, "00+"),
    Candidate("distance_over_median", 1.1, 2.0, "--+"),
    Candidate("minutes", 55, 100, "00+"),
    Candidate("minutes", 20, 40, "+0+"),
    # how fast, on average
    Candidate("performance_over_threshold", 0.85, 1.0, "++0"),
    Candidate("performance_rank", 0.6, 1.0, "++0"),
    Candidate("speed_over_similar", 0.97, 1.12, "++0"),
    Candidate("speed_rank", 0.5, 1.0, "++0"),
    Candidate("climb", 8, 25, "-00"),
    Candidate("climb_rank", 0.5, 0.95, "-00"),
    Candidate("after_warm_up", 0, 1, "++0"),
    Candidate("pause_share", 0.05, 0.3, "0+-"),
    # how hard, by the heart
    Candidate("heart_gap", 14, 32, "+00"),
    Candidate("heart_gap_rank", 0.5, 1.0, "0+0"),
    Candidate("top_heart_rank", 0.4, 0.95, "0+0"),
    Candidate("top_heart_share", 0.88, 1.0, "++0"),
    # the shape of the effort
    Candidate("heart_spread", 7, 16, "++-", shape=True),
    Candidate("heart_spread_rank", 0.5, 1.0, "++0", shape=True),
    Candidate("hard_speed", 1.25, 1.55, "++0", shape=True),
    Candidate("best_20_min", 0.88, 1.0, "+-0", shape=True),
    Candidate("tempo_seconds", 300, 1500, "+00", shape=True),
    Candidate("fast_seconds", 100, 600, "0+0", shape=True),
    Candidate("fast_seconds_rank", 0.5, 1.0, "+00", shape=True),
    Candidate("fast_repeats", 2, 9, "0+0", shape=True),
    Candidate("repeat_speed", 1.0, 1.25, "-+-", shape=True),
    Candidate("contrast", 1.3, 1.8, "++-", shape=True),
    Candidate("ground_contrast", 1.0, 1.4, "++0", shape=True),
    Candidate("effort_grade", 0.02, 0.08, "--0"),
    Candidate("sustained_rank", 0.5, 0.95, "+-0", shape=True),
    Candidate("two_speeds", 0.55, 0.85, "0+0", shape=True),
    Candidate("rhythm", 0.2, 0.6, "0+0", shape=True),
    Candidate("rhythm", 0.5, 1.1, "0+0", shape=True),
    Candidate("middle_speed", 1.0, 1.2, "++0", shape=True),
    Candidate("lap_repeats", 1, 5, "-+0", shape=True),
)
SIGN = {"+": 1.0, "-": -1.0, "0": 0.0}


@dataclass(frozen=True, slots=True)
class Table:
    """What was fitted: the centre of each ramp, points by ramp and type (easy left out), and the start points."""

    centres: Matrix
    points: Matrix
    start: Matrix

    def totals(self, risen: Matrix) -> Matrix:
        """Return the points of the four types for each run; a missing rise (NaN) adds nothing."""
        shares = np.nan_to_num(risen - self.centres) @ self.points + self.start
        return np.column_stack([np.zeros(len(risen)), shares])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Slopes of the log-odds over the margin, for easy calls and then for others, then an offset for each type."""

    weights: Matrix

    def confidence(self, totals: Matrix) -> Matrix:
        """Return the share of calls like each of these that are right."""
        most = np.array([MOST_SURE.get(kind, 1.0) for kind in TYPES])[totals.argmax(axis=1)]
        return np.asarray(np.minimum(most, 1.0 / (1.0 + np.exp(-_margin_inputs(totals) @ self.weights))))


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labelled runs as columns: rises by ramp, the type's index, the athlete, and what the report needs.

    `usual` is the mean rise on each ramp over all runs of each athlete, labelled or not, and how many runs it is of.
    """

    runs: Sequence[LabelledRun]
    tiers: Sequence[Tier]
    risen: Matrix
    types: NDArray[np.intp]
    athletes: NDArray[np.str_]
    usual: Mapping[str, tuple[Matrix, Matrix]]

    def centres(self, without: str = "") -> Matrix:
        """Return the mean rise over the runs of all athletes but one."""
        kept = [pair for name, pair in self.usual.items() if name != without]
        total, runs = (np.sum([pair[part] for pair in kept], axis=0) for part in (0, 1))
        return np.asarray(total / np.maximum(runs, 1.0), dtype=np.float64)


def gather(folder: Path) -> Labelled:
    """Replay the data set and return the evidence of its labelled runs."""
    kept: list[LabelledRun] = []
    tiers: list[Tier] = []
    rows: list[Matrix] = []
    usual: dict[str, tuple[Matrix, Matrix]] = {}
    for name, runs in groupby(read(folder), key=lambda run: run.athlete):
        past: list[PastRun] = []
        for run in runs:
            verdict = classify(run.activity, past, Athlete(id=name))
            past.append(verdict.remembered)
            if run.label is not None:
                kept.append(run)
                tiers.append(verdict.tier)
                rows.append(_rises(verdict.remembered))
        every = np.array([_rises(run) for run in past])
        usual[name] = np.nansum(every, axis=0), np.isfinite(every).sum(axis=0).astype(np.float64)
    return Labelled(
        runs=kept,
        tiers=tiers,
        risen=np.array(rows),
        types=np.array([TYPES.index(run.label) for run in kept if run.label is not None]),
        athletes=np.array([run.athlete for run in kept]),
        usual=usual,
    )


def _rises(run: PastRun) -> Matrix:
    values = np.array([run.features.get(one.evidence, np.nan) for one in CANDIDATES])
    low, high = (np.array([getattr(one, end) for one in CANDIDATES]) for end in ("low", "high"))
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0), dtype=np.float64)


def fit(labelled: Labelled, without: str = "") -> Table:
    """Return the table that explains the runs of all but one athlete best: projected gradient steps with momentum."""
    used = labelled.athletes != without
    risen, types, athletes = labelled.risen[used], labelled.types[used], labelled.athletes[used]
    signs = np.array([[SIGN[sign] for sign in one.signs] for one in CANDIDATES])
    coach = signs * np.array([[SHAPE_START if one.shape else OTHER_START] for one in CANDIDATES])
    centres = labelled.centres(without)
    inputs = np.nan_to_num(risen - centres)
    weights, wanted = _weights(types, athletes), np.eye(len(TYPES))[types][:, 1:]
    stride = 1.0 / (0.5 * np.linalg.norm(inputs * np.sqrt(weights)[:, None], 2) ** 2 + 0.5 * weights.sum() + PULL)
    points, start = coach.copy(), np.array([-1.5, -1.0, -2.0])
    ahead, ahead_start = points, start
    for step in range(1, STEPS):
        wrong = weights[:, None] * (_chances(inputs @ ahead + ahead_start) - wanted)
        moved = ahead - stride * (inputs.T @ wrong + PULL * (ahead - coach))
        moved = np.where(signs == 0.0, 0.0, np.where(moved * signs < 0.0, 0.0, moved))
        moved_start = ahead_start - stride * wrong.sum(axis=0)
        momentum = step / (step + 3.0)
        ahead, ahead_start = moved + momentum * (moved - points), moved_start + momentum * (moved_start - start)
        points, start = moved, moved_start
    return Table(centres, points, start)


def _weights(types: NDArray[np.intp], athletes: NDArray[np.str_]) -> Matrix:
    _, index, labels = np.unique(athletes, return_inverse=True, return_counts=True)
    weights = labels[index].astype(np.float64) ** -ATHLETE_POWER
    mass = np.maximum(np.bincount(types, weights, minlength=len(TYPES)), 1e-9)
    weights *= mass[types] ** -TYPE_POWER
    return np.asarray(weights * len(types) / weights.sum())


def _chances(totals: Matrix) -> Matrix:
    raised = np.exp(np.column_stack([np.zeros(len(totals)), totals]) - np.maximum(totals.max(axis=1), 0.0)[:, None])
    return np.asarray((raised / raised.sum(axis=1, keepdims=True))[:, 1:])


def held_out(labelled: Labelled) -> Matrix:
    """Return the totals of each run by a table fitted without its athlete."""
    totals = np.zeros((len(labelled.types), len(TYPES)))
    for name in np.unique(labelled.athletes):
        own = labelled.athletes == name
        totals[own] = fit(labelled, without=name).totals(labelled.risen[own])
    return totals


def report(labelled: Labelled, totals: Matrix, sure: Matrix) -> Report:
    """Return the usual report of calls made by these totals with this confidence."""
    calls = totals.argmax(axis=1)
    return measure(
        [
            Prediction(
                run_id=run.run_id,
                athlete=run.athlete,
                run_type=TYPES[call],
                secondary=None,
                confidence=float(confidence),
                tier=tier,
                label=run.label,
                certain=run.certain,
                scored=True,
            )
            for run, tier, call, confidence in zip(labelled.runs, labelled.tiers, calls, sure, strict=True)
        ]
    )


def calibrate(labelled: Labelled, totals: Matrix) -> Calibration:
    """Return the curve that says how often calls by these totals were right: logistic, slopes never below zero."""
    inputs = _margin_inputs(totals)
    right = totals.argmax(axis=1) == labelled.types
    _, index, labels = np.unique(labelled.athletes, return_inverse=True, return_counts=True)
    weights = labels[index] ** -CALIBRATION_POWER
    weights *= len(weights) / weights.sum()
    curve, stride = np.zeros(inputs.shape[1]), 4.0 / np.linalg.norm(inputs * np.sqrt(weights)[:, None], 2) ** 2
    for _ in range(CALIBRATION_STEPS):
        wrong = weights * (1.0 / (1.0 + np.exp(-inputs @ curve)) - right)
        curve -= stride * (inputs.T @ wrong + CALIBRATION_PULL * curve)
        curve[: -len(TYPES)] = np.maximum(curve[: -len(TYPES)], 0.0)
    return Calibration(curve)


def _margin_inputs(totals: Matrix) -> Matrix:
    ranked = np.sort(totals, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    steps = np.column_stack([np.clip(margin, low, high) - low for low, high in pairwise(MARGIN_EDGES)])
    easy = (totals.argmax(axis=1) == TYPES.index(RunType.EASY))[:, None]
    return np.column_stack([steps * easy, steps * ~easy, np.eye(len(TYPES))[totals.argmax(axis=1)]])


def main() -> None:
    """Fit, measure with each athlete held out, and print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the data set: a folder with runs.csv")
    parser.add_argument("--table", action="store_true", help="print the fitted table as points.py holds it")
    options = parser.parse_args()
    labelled = gather(options.folder)
    totals = held_out(labelled)
    curve = calibrate(labelled, totals)
    found = report(labelled, totals, curve.confidence(totals))
    print(f"each athlete held out ({LEAST_LABELS} labels or more stand in the mean):\n")
    print("\n".join(report_lines(found)))
    if options.table:
        print("\n".join(["", *_table_lines(fit(labelled)), *_curve_lines(curve)]))


def _table_lines(table: Table) -> list[str]:
    tempo, interval, long = (round_points(value) for value in table.start)
    lines = [f"START = ({tempo:g}, {interval:g}, {long:g})", "", "POINTS = ("]
    for one, centre, points in zip(CANDIDATES, table.centres, table.points, strict=True):
        ends = f'"{one.evidence}", {one.low:g}, {one.high:g}, {centre:.2f}'
        lines.append(f"    Ramp({ends}, {', '.join(f'{round_points(value):g}' for value in points)}),")
    return [*lines, ")"]


def _curve_lines(curve: Calibration) -> list[str]:
    easy, others = np.split(curve.weights[: -len(TYPES)], 2)
    named = [
        f"RunType.{kind.name}: {value:.2f}" for kind, value in zip(TYPES, curve.weights[-len(TYPES) :], strict=True)
    ]
    return [
        "",
        f"EASY_SLOPES = ({', '.join(f'{value:.2f}' for value in easy)})",
        f"OTHER_SLOPES = ({', '.join(f'{value:.2f}' for value in others)})",
        f"TYPE_OFFSET = {{{', '.join(named)}}}",
    ]


def round_points(value: float) -> float:
    """Return points rounded to the table's step, never a negative zero."""
    return round(round(value / ROUNDING) * ROUNDING, 2) + 0.0


if __name__ == "__main__":
    main()
