"""How much more several workers do on PostgreSQL, and how soon a club of 10,000 has its morning lists.

    .venv/bin/python benchmarks/bench_workers.py [ATHLETES]

First the same recordings in the folders of several runners are taken in and judged by 1, 2 and 4 workers, the real
program each: activities a second from the first one recorded to the last one judged, and the ratio to one worker. A
worker reads recordings in processes of its own, so that few cores are soon all busy: beside the ratio stands what an
activity costs in seconds of a core, which says how far more cores would take more workers.

Then the morning lists of ATHLETES (10,000), each with a session to do, come due at once: how long two workers take from
the first to the last list made and queued. It is quiet hours, so that nothing is sent meanwhile.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import Engine

from config import catalogue
from integrations import sample
from integrations.fit.encoder import encode
from integrations.folder import STILL
from service.domain.classification import RunType
from service.domain.routine import Part, Wish, compose
from service.domain.sessions import Offer, Window
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.tables import metadata
from service.ports import NewSession
from tests.peers.postgresql import Server, server

AFTERRUN = Path(sys.executable).with_name("afterrun")
WORKERS = (1, 2, 4)
NAMES, RUNS_EACH = [f"r{number}" for number in range(16)], 60
ATHLETES, LIST_WORKERS = 10_000, 2
# Nothing here takes longer unless it gets nowhere.
PATIENCE_S = 900.0
NOW_AND_QUIET = '[digest]\nat = "00:00"\nwhen = "always"\n[quiet]\nfrom = "00:00"\nto = "23:59"\n'
NEVER = f'[digest]\nat = "{datetime.now(UTC) + timedelta(hours=12):%H:%M}"\n'


@contextmanager
def working(place: Path, count: int) -> Iterator[Sequence[int]]:
    """Have so many workers work, and give the numbers of their processes."""
    log = (place / "log").open("wb")
    workers = [
        subprocess.Popen([AFTERRUN, "worker"], cwd=place, stdout=log, stderr=log)  # noqa: S603 - our own
        for _ in range(count)
    ]
    try:
        yield [worker.pid for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        log.close()


def settle(place: Path, url: str, head: str, athletes: list[str]) -> None:
    """Write the settings."""
    tables = "\n".join(f"[[athletes]]\ntimezone = 'UTC'\n{table}" for table in athletes)
    top = f'database = "{url}"\nengine = "procrastinate"\n'
    (place / "afterrun.toml").write_text(f"{top}{head}\n{tables}", encoding="utf-8")


def count(engine: Engine, table: str) -> int:
    """Return how many rows a table has."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one())


def until(holds: Callable[[], bool], what: str) -> float:
    """Wait until something holds, and return when that was."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {PATIENCE_S:.0f} s for {what}")
        time.sleep(0.05)
    return time.monotonic()


def core_seconds(workers: Sequence[int]) -> float:
    """Return what workers and the processes that read for them have used of cores so far."""
    all_of_them = [*workers, *(reader for worker in workers for reader in _children(worker))]
    stats = [Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split() for pid in all_of_them]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _children(worker: int) -> list[int]:
    lists = Path(f"/proc/{worker}/task").glob("*/children")
    return [int(pid) for listed in lists for pid in listed.read_text(encoding="ascii").split()]


def taken_in(postgresql: Server, recordings: Sequence[bytes], workers: int) -> tuple[float, float]:
    """Return how many activities a second so many workers take in and judge, and what one costs of a core.

    All lie in the folders, whole, before the workers start: what is measured is work, not waiting for the next look.
    """
    runs = len(NAMES) * len(recordings)
    with tempfile.TemporaryDirectory() as folder, postgresql.ready() as url:
        place, engine = Path(folder), create_engine(url)
        settle(place, url, NEVER, [f"id = '{name}'\n[athletes.sources.folder]\npath = '{name}'" for name in NAMES])
        come_home(place, recordings)
        with working(place, workers) as pids:
            first = until(lambda: count(engine, "activities") > 0, "the first recording")
            before = core_seconds(pids)
            last = until(lambda: count(engine, "classifications") >= runs, "the last verdict")
            used = core_seconds(pids) - before
        engine.dispose()
    return runs / (last - first), used / runs


def come_home(place: Path, recordings: Sequence[bytes]) -> None:
    """Put recordings into every runner's folder, and wait until they count as whole."""
    for name in NAMES:
        (place / name).mkdir()
        for number, recording in enumerate(recordings):
            (place / name / f"{number}.fit").write_bytes(recording)
    time.sleep(STILL.total_seconds())


def lists_made(postgresql: Server, athletes: int) -> tuple[float, float]:
    """Return how many seconds pass until the first of so many morning lists is queued, and from then to the last."""
    with tempfile.TemporaryDirectory() as folder, postgresql.ready() as url:
        place, engine = Path(folder), make_engine(url)
        channel = "[athletes.channels.ntfy]\nurl = 'http://127.0.0.1:9"
        settle(place, url, NOW_AND_QUIET, [f"id = 'r{one}'\n{channel}/r{one}'" for one in range(athletes)])
        to_do(SqlDatabase(engine), athletes)
        begun = time.monotonic()
        with working(place, LIST_WORKERS):
            first = until(lambda: count(engine, "outbox") > 0, "the first list")
            last = until(lambda: count(engine, "outbox") >= athletes, "the last list")
        engine.dispose()
    return first - begun, last - first


def to_do(database: SqlDatabase, athletes: int) -> None:
    """Give everybody a session to do."""
    movements, policy = catalogue.load()
    routine, now = compose(Wish(run_type=RunType.EASY), movements, policy), datetime.now(UTC)
    window = Window(opens=now - timedelta(hours=1), closes=now + timedelta(hours=11))
    offer = Offer(part=Part.WHOLE, window=window, announce_at=now)
    with database.writing() as store:
        for one in range(athletes):
            new = NewSession(key=str(uuid4()), offer=offer, routine=routine, ran=RunType.EASY)
            store.add_session(f"r{one}", None, new, now)


def main() -> None:
    """Measure."""
    athletes = int(sys.argv[1]) if len(sys.argv) > 1 else ATHLETES
    with server(careful=True) as postgresql:
        if postgresql is None:
            print("workers: LEFT OUT, there is no PostgreSQL here")
            return
        recordings = [encode(run) for run in sample.hours(RUNS_EACH, datetime.now(UTC) - timedelta(hours=1))]
        alone = None
        for workers in WORKERS:
            rate, cost = taken_in(postgresql, recordings, workers)
            alone = alone or rate
            told = f"{rate:.1f} activities a second, {rate / alone:.2f} x one, {cost * 1000:.0f} ms of a core each"
            print(f"{workers} workers: {told}", flush=True)
        print(f"  on {os.cpu_count()} cores")
        first, rest = lists_made(postgresql, athletes)
    told = f"{athletes} made and queued in {rest:.0f} s by {LIST_WORKERS} workers, {athletes / rest:.0f} a second"
    print(f"morning lists: {told}; the first one {first:.0f} s after their start")


if __name__ == "__main__":
    main()
