"""Measure what corrections bring an athlete whom the points table never saw.

    .venv/bin/python tools/weigh_corrections.py ../shared/data/runs

`afterrun evaluate --corrections N` asks the same of the shipped table, which has seen every athlete's labels and
leaves their corrections less to teach. Here each athlete's runs are judged by a table fitted without them, with and
without the vote of their first N labelled runs; the rest are scored. The constants of the vote are scoring.py's.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.application.evaluate import Report
from service.domain.judging.scoring import MOST_CORRECTIONS, chances, vote
from tools.fit_points import Labelled, Matrix, Table, calibrate, fit, gather, held_out, report

type Chosen = NDArray[np.bool_]

AMOUNTS = (10, 20, 40, 60, 200)


def tables(labelled: Labelled) -> dict[str, Table]:
    """Return for each athlete the table fitted without them."""
    return {str(name): fit(labelled, without=name) for name in np.unique(labelled.athletes)}


def learned(labelled: Labelled, fitted: dict[str, Table], totals: Matrix, first: int) -> tuple[Matrix, Chosen]:
    """Return the totals with the vote of each athlete's first labels, and which runs are left to be scored."""
    with_vote, left = totals.copy(), np.zeros(len(totals), dtype=np.bool_)
    for name, table in fitted.items():
        own = np.flatnonzero(labelled.athletes == name)
        told, rest = own[:first][-MOST_CORRECTIONS:], own[first:]
        left[rest] = True
        known = np.array([chances(totals[one])[labelled.types[one]] for one in told])
        risen = np.where(np.isfinite(labelled.risen), labelled.risen, table.centres)
        importance = (table.points**2).sum(axis=1)
        for one in rest:
            apart = (risen[told] - risen[one]) ** 2 @ importance
            with_vote[one] += vote(apart, labelled.types[told], known)
    return with_vote, left


def told_of(labelled: Labelled, totals: Matrix, left: Chosen) -> Report:
    """Return the report on the runs left."""
    part = Labelled(
        runs=[run for run, kept in zip(labelled.runs, left, strict=True) if kept],
        tiers=[tier for tier, kept in zip(labelled.tiers, left, strict=True) if kept],
        risen=labelled.risen[left],
        types=labelled.types[left],
        athletes=labelled.athletes[left],
        usual=labelled.usual,
    )
    return report(part, totals[left], calibrate(part, totals[left]).confidence(totals[left]))


def main() -> None:
    """Print one line for each number of corrections."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the data set: a folder with runs.csv")
    labelled = gather(parser.parse_args().folder)
    fitted, totals = tables(labelled), held_out(labelled)
    print("each athlete held out; without -> with their corrections, on the same runs")
    for first in AMOUNTS:
        with_vote, left = learned(labelled, fitted, totals, first)
        before, after = told_of(labelled, totals, left), told_of(labelled, with_vote, left)
        print(
            f"{first:>4} corrections, {after.overall.runs} runs: "
            f"macro-F1 {before.overall.macro_f1:.3f} -> {after.overall.macro_f1:.3f}, "
            f"all but {after.foremost} {before.others.macro_f1:.3f} -> {after.others.macro_f1:.3f}, "
            f"mean per athlete {before.athlete_mean:.3f} -> {after.athlete_mean:.3f}, "
            f"right size {before.right_size:.3f} -> {after.right_size:.3f}"
        )


if __name__ == "__main__":
    main()
