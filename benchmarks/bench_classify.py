"""How long the verdict takes: one hour at 1 Hz against a year of history, and a replay of that year.

    .venv/bin/python benchmarks/bench_classify.py [DATASET]

Ratios are to what must be beaten: 15 ms for the hour, 5 minutes for the whole of DATASET (a folder with runs.csv).
"""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from integrations.dataset import read
from service.application.evaluate import evaluate
from service.domain.classification import PastRun, classify
from tests.domain.made_runs import EASY_RUN, INTERVALS, RUNNER, TODAY, made

ALLOWED_S, ALLOWED_REPLAY_S = 0.015, 300.0
ROUNDS = 30
HOUR = (*INTERVALS, (300, 3.0))


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """Return the fastest of some rounds in seconds: the one least disturbed."""
    times = []
    for _ in range(rounds):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return min(times)


def year() -> list[PastRun]:
    """Return a year of runs, five a week."""
    past: list[PastRun] = []
    for day in range(365, 0, -1):
        if day % 7 < 5:  # noqa: PLR2004 - five days of seven
            run = made(EASY_RUN if day % 5 else INTERVALS, start=TODAY - timedelta(days=day), seed=day)
            past.append(classify(run, past[-60:], RUNNER).remembered)
    return past


def main() -> None:
    """Measure and print."""
    past, run = year(), made(HOUR)
    seconds = best_of(ROUNDS, lambda: classify(run, past, RUNNER))
    print(
        f"one hour at 1 Hz, {len(past)} runs before it: {1000 * seconds:.1f} ms, {seconds / ALLOWED_S:.2f} of allowed"
    )
    if len(sys.argv) > 1:
        began = perf_counter()
        report = evaluate(read(Path(sys.argv[1])))
        took = perf_counter() - began
        print(f"replay of {report.runs} runs: {took:.0f} s, {took / ALLOWED_REPLAY_S:.2f} of allowed")


if __name__ == "__main__":
    main()
