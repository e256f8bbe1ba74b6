"""Half an hour of a bad day: a club at four platforms, everything going wrong at random, and what came of it.

    .venv/bin/python benchmarks/soak.py [MINUTES] [--sqlite] [--seed N]

Two workers and the pages, the real program each, on PostgreSQL; with --sqlite the one process of a household. While
runs come home (tests/a_club.py), platforms and receivers fail at random, and processes are killed and started again.
Then all faults stop, and what is under way has time to arrive. Platforms are asked as often as in real life, and at the
end by `afterrun sync`, as somebody impatient would.

Prints what went in and what came out; exits with 1 where a run, a verdict, a session or a message was lost.
"""

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from service.bootstrap import App
from tests.a_club import Club, a_club, names_of
from tests.peers.postgresql import server


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out: how many of the runs became what, and what is in the outbox."""

    runs: int
    recorded: int
    with_samples: int
    judged: int
    sessions: int
    arrived: Mapping[str, int]
    doubled: Mapping[str, int]
    others: Mapping[str, int]
    outbox: Mapping[str, Mapping[str, int]]

    @property
    def lost(self) -> int:
        """How many runs, verdicts, sessions and messages are missing."""
        came = (self.recorded, self.with_samples, self.judged, self.sessions, *self.arrived.values())
        return sum(max(self.runs - one, 0) for one in came)

    @property
    def is_whole(self) -> bool:
        """Whether each run became one recording and one session, told everywhere, and nothing is on its way."""
        each_once = self.recorded == self.sessions == self.runs
        return each_once and not self.lost and not any(counts["waiting"] for counts in self.outbox.values())


def outcome(club: Club, app: App) -> Outcome:
    """Count what came out."""
    received = club.received()
    wanted = [names_of(one, ran) for one in club.runners for ran in one.ran]
    expected = frozenset().union(*wanted)
    recorded, with_samples, judged, sessions = 0, 0, 0, 0
    with app.database.reading() as store:
        for one in club.runners:
            runs = store.runs_of(one.name)
            recorded += len(runs)
            with_samples += sum(store.activity(number).streams_name is not None for number in runs)
            judged += sum(store.classification(number) is not None for number in runs)
            earned = store.sessions_between(one.name, club.began - timedelta(days=1), club.began + timedelta(days=1))
            sessions += len({session.activity for session in earned} - {None})
        outbox = store.outbox_counts()
    return Outcome(
        runs=len(wanted),
        recorded=recorded,
        with_samples=with_samples,
        judged=judged,
        sessions=sessions,
        arrived={name: sum(bool(one & came.keys()) for one in wanted) for name, came in received.items()},
        doubled={name: sum(count > 1 for count in came.values()) for name, came in received.items()},
        others={name: len(came.keys() - expected) for name, came in received.items()},
        outbox=outbox,
    )


def report(club: Club, came: Outcome, drained: timedelta) -> Iterator[str]:
    """Yield what is to be told."""
    yield f"runners {len(club.runners)}; runs uploaded {came.runs}; drained in {drained}"
    yield (
        f"recordings {came.recorded}, with samples {came.with_samples}, judged {came.judged}, "
        f"runs with a session {came.sessions}"
    )
    for name, arrived in came.arrived.items():
        counts = came.outbox.get(name, {})
        told = ", ".join(f"{count} {fate.replace('_', ' ')}" for fate, count in counts.items())
        doubled, others = came.doubled[name], came.others[name]
        yield f"{name}: {arrived} of {came.runs} arrived, {doubled} more than once, {others} others; outbox: {told}"
    yield "  (a phone shows what comes twice once: the same sequence; a calendar's entry has one address)"
    kills = Counter[str]()
    for one in club.programs:
        kills[one.command] += one.kills
    yield f"kill -9: {kills.total()} ({', '.join(f'{count} of {name}' for name, count in kills.items())})"
    yield f"faults: {club.weather.faults.total()}; webhooks told twice: {club.strava.doubled}"
    yield from (f"  {count:>4} {kind}" for kind, count in sorted(club.weather.faults.items()))
    for one in club.programs:
        lived = (time.monotonic() - one.since) / 60
        held = f"{one.at_a_minute} MB after a minute of its last life, {one.memory()} MB after {lived:.0f}"
        yield f"memory of {one.log.stem}: {held}"
    tracebacks = sum(one.log.read_text(errors="replace").count("Traceback") for one in club.programs)
    yield f"tracebacks in the logs: {tracebacks}"
    yield f"lost: {came.lost}"


def soaked(place: Path, database: str, lasts: timedelta, seed: int) -> bool:
    """Soak, tell of it, and return whether nothing was lost."""
    say = partial(print, flush=True)
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    with a_club(place, database, lasts, dice, say) as (club, app):
        club.tell(f"{lasts.total_seconds() / 60:.0f} min to go on {database.partition(':')[0]}, seed {seed}")
        club.goes_by(lasts)
        drained = club.drains(lambda: outcome(club, app).is_whole)
        came = outcome(club, app)
        print(*report(club, came, drained), sep="\n", flush=True)
    return came.is_whole


def main() -> None:
    """Soak for so long."""
    parser = argparse.ArgumentParser(description="A club's bad day: counts in, counts out, nothing lost.")
    parser.add_argument("minutes", type=float, nargs="?", default=30.0)
    parser.add_argument("--sqlite", action="store_true", help="one process on a file")
    parser.add_argument("--seed", type=int, default=1)
    wish = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="afterrun-soak-"))
    run = partial(soaked, place, lasts=timedelta(minutes=wish.minutes), seed=wish.seed)
    if wish.sqlite:
        well = run(database=f"sqlite:///{place}/afterrun.db")
    else:
        with server(careful=True) as found:
            if found is None:
                raise SystemExit("no PostgreSQL here: --sqlite does without")
            with found.ready() as url:
                well = run(database=url)
    if not well:
        raise SystemExit(f"something was lost or is still on its way: {place} is kept")
    shutil.rmtree(place)


if __name__ == "__main__":
    main()
