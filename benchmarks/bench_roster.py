"""What more athletes cost while nothing happens: reading the settings, and asking what there is to do.

    .venv/bin/python benchmarks/bench_roster.py [ATHLETES...]

For 100, 1,000 and 10,000 athletes, each with a source, a phone and a session to do, on SQLite: how long until the
application stands and what it holds in memory; what each duty's question takes, the fastest of some rounds; and the
share of a core that all of them take together, each as often as a worker asks. Nobody is due for anything. The ratios
are to a tenth of the athletes: nothing may grow much faster than their number.
"""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from benchmarks.bench_workers import to_do
from benchmarks.machine import best, resident
from config.settings import load
from service.application.sync import system
from service.bootstrap import App, build
from service.engine.duties import Duty
from service.ports import Standing

ATHLETES = (100, 1_000, 10_000)
ROUNDS = 5
# Below this a difference is chance; above it ten times the athletes may cost so many times as much.
NOISE_S, ALLOWED = 0.002, 15.0
SHOWN_S = 0.001


@dataclass(frozen=True, slots=True)
class Cost:
    """What some athletes cost: seconds until the application stands, bytes, and each duty's question in seconds."""

    stands: float
    memory: int
    questions: Mapping[Duty, float]

    @property
    def share(self) -> float:
        """The share of a core that all questions take."""
        return sum(took / duty.every.total_seconds() for duty, took in self.questions.items())

    def by_name(self) -> Mapping[str, float]:
        """Return everything that takes time."""
        return {"settings": self.stands} | {duty.name: took for duty, took in self.questions.items()}


def main() -> None:
    """Measure and print."""
    counts = [int(word) for word in sys.argv[1:]] or list(ATHLETES)
    costs = {athletes: cost(athletes) for athletes in counts}
    for athletes, one in costs.items():
        print(
            f"{athletes} athletes: stands after {one.stands:.1f} s, +{one.memory / 1e6:.0f} MB;"
            f" asking what is to do takes {100 * one.share:.2f} % of a core"
        )
    for fewer, more in pairwise(counts):
        _compare(costs[fewer].by_name(), costs[more].by_name(), more / fewer)


def _compare(few: Mapping[str, float], many: Mapping[str, float], times: float) -> None:
    for name, took in many.items():
        ratio = max(took, NOISE_S) / max(few[name], NOISE_S)
        if took > SHOWN_S:
            slow = "  TOO SLOW" if ratio > ALLOWED / 10 * times else ""
            print(f"  {name:<10} {1000 * few[name]:8.1f} ms {1000 * took:8.1f} ms {ratio:5.1f} x of {times:.0f}{slow}")


def cost(athletes: int) -> Cost:
    """Return what so many athletes cost."""
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home) / "afterrun.toml"
        settings.write_text("".join(_athlete(number) for number in range(athletes)))
        before, begun = resident(os.getpid()), time.perf_counter()
        app = build(load(settings, env={}))
        duties = app.rota.duties()
        stands = time.perf_counter() - begun
        _asked_and_to_do(app, athletes)
        questions = {duty: best(duty.due, ROUNDS) for duty in duties}
        memory = resident(os.getpid()) - before
        app.close()
    return Cost(stands, memory, questions)


def _athlete(number: int) -> str:
    return (
        f'[[athletes]]\nid = "r{number}"\ntimezone = "UTC"\n[athletes.sources.intervals]\napi_key = "k{number}"\n'
        f'[athletes.channels.ntfy]\nurl = "http://127.0.0.1:9/r{number}"\n'
    )


def _asked_and_to_do(app: App, athletes: int) -> None:
    """Have every source asked just now, every list of today made, and everybody have a session to do."""
    now = datetime.now(UTC)
    to_do(app.database, athletes)
    with app.database.writing() as store:
        for number in range(athletes):
            asked = Standing(last_success=now, next_try=now + timedelta(hours=1))
            store.set_standing(f"r{number}", system("intervals"), asked)
            store.add_digest(f"r{number}", now.date(), now)


if __name__ == "__main__":
    main()
