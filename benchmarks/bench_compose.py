"""How long composing a routine takes: median and worst over 1,000 wishes, against reading one back from JSON.

A stored session is read back as JSON every time a page shows it, so that is what composing is measured in.
"""

import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict

from config import catalogue
from service.domain.classification import Flag, RunType
from service.domain.movements import BodyArea, Kit, Position, Site
from service.domain.routine import Routine, Unmet, Wish, compose

WISHES = 1000
TARGET_MS = 2.0  # issue 3

CATALOGUE, POLICY = catalogue.load()


def wishes() -> list[Wish]:
    """Return wishes of every kind, the same ones each time; about a third ask for minutes."""
    chance = random.Random(3)  # noqa: S311 - made-up wishes, not secrets

    def some[T](members: type[T], share: float) -> frozenset[T]:
        return frozenset(member for member in list(members) if chance.random() < share)  # type: ignore[call-overload]

    return [
        Wish(
            run_type=chance.choice(list(RunType)),
            flags=some(Flag, 0.15),
            duration_s=chance.uniform(1200, 9000),
            minutes=chance.choice([None, None, chance.randint(5, 25)]),
            kit=some(Kit, 0.6),
            positions=chance.choice([frozenset(Position), frozenset({Position.STANDING})]),
            tight=some(BodyArea, 0.05),
            pain=some(Site, 0.03),
            seed=seed,
        )
        for seed in range(WISHES)
    ]


def composed(wish: Wish) -> Routine | None:
    """Return the routine, None where the wish cannot be met (which takes longer: the nearest is looked for)."""
    try:
        return compose(wish, CATALOGUE, POLICY)
    except Unmet:
        return None


def milliseconds[T](work: Callable[[T], object], given: T) -> float:
    """Return how long one call took."""
    begun = time.perf_counter()
    work(given)
    return 1000 * (time.perf_counter() - begun)


def main() -> None:
    """Print the figures."""
    asked = wishes()
    routines = [routine for wish in asked if (routine := composed(wish))]
    stored = [json.dumps(asdict(routine), default=list) for routine in routines]
    made = [milliseconds(composed, wish) for wish in asked]
    read = [milliseconds(json.loads, text) for text in stored]
    median = statistics.median(made)
    print(f"compose: median {median:.2f} ms, 99th percentile {statistics.quantiles(made, n=100)[-1]:.2f} ms")
    print(f"  over {WISHES} wishes, {WISHES - len(routines)} of them refused; target {TARGET_MS} ms")
    print(f"  ratio to reading a stored routine back from JSON: {median / statistics.median(read):.0f}")


if __name__ == "__main__":
    main()
