"""How long a run waits to be asked for: at learned moments, against asking evenly with as many requests.

    .venv/bin/python benchmarks/bench_polling.py [DATASET]

Each athlete's last weeks are lived through: the habit is learned anew each midnight from what came before, a run is
there a few minutes after it ended, and the first asking after that finds it. Without DATASET (or the data beside the
project) a made-up runner's weeks stand in.
"""

import csv
import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from integrations import sample
from service.domain.polling import FORGOTTEN_AFTER, habit, next_asking

BESIDE = Path("../shared/data/runs")
REQUESTS_A_DAY = (100, 200, 400)
LIVED_THROUGH = timedelta(days=120)
# Fewer runs are no habit yet: the first weeks are asked nearly evenly.
LEAST_RUNS = 60
UTC_ZONE = ZoneInfo("UTC")
DAY = timedelta(days=1)
# From the watch's stop to the platform's list: two minutes at the median, ten for one in a hundred.
UPLOAD_LOG_MEAN, UPLOAD_LOG_SPREAD = 4.8, 0.7


def main() -> None:
    """Measure and print."""
    runners = ends_of_runs()
    print(f"{len(runners)} runners, {sum(map(len, runners.values()))} runs, the last {LIVED_THROUGH.days} days of each")
    for a_day in REQUESTS_A_DAY:
        lives = [live(ends, DAY / a_day) for ends in runners.values()]
        waits = np.array([wait for waits, _ in lives for wait in waits])
        spent = float(np.mean([asked for _, asked in lives]))
        even = np.array([np.median(waits) for waits, _ in lives])
        print(
            f"{a_day} a day ({spent:.0f} used): {told(waits)}; evenly {told(evenly(waits, spent))};"
            f" {np.median(evenly(waits, spent)) / np.median(waits):.1f} x shorter at the median"
            f" ({np.median(720 / spent / even):.1f} x for the median runner)"
        )


def told(waits: np.ndarray) -> str:
    """Return the median and the 90th percentile of waits in minutes."""
    return f"median {np.median(waits):.2f} min, 90 % within {np.percentile(waits, 90):.1f} min"


def evenly(waits: np.ndarray, a_day: float) -> np.ndarray:
    """Return as many waits as asking evenly gives: anything up to one interval, in minutes."""
    return (np.arange(len(waits)) + 0.5) / len(waits) * 1440 / a_day


def live(ends: Sequence[datetime], every: timedelta) -> tuple[list[float], float]:
    """Return the minutes each run of the last weeks waited, and the askings a day."""
    until = ends[-1] + DAY
    now = until - LIVED_THROUGH
    lags = random.Random(len(ends))  # noqa: S311 - made-up upload times
    there = [end + timedelta(seconds=lags.lognormvariate(UPLOAD_LOG_MEAN, UPLOAD_LOG_SPREAD)) for end in ends]
    arriving = sorted((came, end) for came, end in zip(there, ends, strict=True) if came > now)
    known = [end for end in ends if end not in {end for _, end in arriving}]
    waits, asked, learned_on, begun = [], 0, None, now
    while now < until:
        asked += 1
        found = [arrival for arrival in arriving if arrival[0] <= now]
        arriving = arriving[len(found) :]
        waits += [(now - came) / timedelta(minutes=1) for came, _ in found]
        known += [end for _, end in found]
        if found or learned_on != now.date():
            learned_on = now.date()
            learned = habit([end for end in known if now - end < FORGOTTEN_AFTER], UTC_ZONE, now, every)
        now = next_asking(learned, now)
    return waits, asked / ((until - begun) / DAY)


def ends_of_runs() -> Mapping[str, Sequence[datetime]]:
    """Return when each athlete's runs ended, oldest first."""
    table = (Path(sys.argv[1]) if len(sys.argv) > 1 else BESIDE) / "runs.csv"
    if not table.exists():
        made = sample.history(datetime(2026, 6, 15, tzinfo=UTC), weeks=30)
        return {"made up": [run.ended_at for run in made]}
    ends: defaultdict[str, list[datetime]] = defaultdict(list)
    with table.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            start = datetime.fromisoformat(row["start"])
            aware = start if start.tzinfo else start.replace(tzinfo=UTC)
            ends[row["athlete"]].append(aware + timedelta(seconds=float(row["elapsed_s"] or 0)))
    return {athlete: sorted(times) for athlete, times in ends.items() if len(times) >= LEAST_RUNS}


if __name__ == "__main__":
    main()
