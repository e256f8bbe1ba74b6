"""Killed with -9 at every commit and every send, on each engine and each database, a run still becomes one message."""

import multiprocessing
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.bootstrap import App, build
from service.domain.classification import RunType
from tests.faults.conftest import Tally
from tests.faults.workers import work
from tests.peers.ntfy import NtfyPeer

KINDS = ("one process on a file", "one process on PostgreSQL", "workers on PostgreSQL")
PATIENCE_S = 120.0

forkserver = multiprocessing.get_context("forkserver")
forkserver.set_forkserver_preload(["tests.faults.workers"])


class Machine:
    """A machine with a watched folder, a phone and a calendar folder; its worker is started and killed."""

    def __init__(self, home: Path, phone: NtfyPeer, at_the_top: str) -> None:
        self.home, self.phone = home, phone
        self.settings = home / "afterrun.toml"
        self.settings.write_text(
            f"""
            {at_the_top}
            [athlete]
            timezone = "UTC"
            [sources.folder]
            path = "runs"
            [channels.ntfy]
            url = "{phone.topic()}"
            [channels.calendar]
            path = "calendar"
            """
        )
        (home / "runs").mkdir()
        ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
        (home / "runs" / "run.fit").write_bytes(encode(sample.latest(RunType.INTERVAL, ended)))
        self.app: App = build(load(self.settings, env={}))
        self.app.health.end()  # the schema is there before the first worker is

    def lives(self, fatal: int = 0) -> int:
        """Let a worker live until it is killed or has nothing left to do; return its moments, 0 where it was killed."""
        said, heard = forkserver.Pipe()
        process = forkserver.Process(target=work, args=(self.settings, heard, fatal))
        process.start()
        heard.close()
        try:
            return self._watch(process, said)
        finally:
            process.kill()
            process.join()
            said.close()

    def _watch(self, process: multiprocessing.process.BaseProcess, said: Connection) -> int:
        assert said.poll(PATIENCE_S)
        said.recv()
        deadline = monotonic() + PATIENCE_S
        while not self.is_done():
            if not process.is_alive():
                return 0
            assert monotonic() < deadline, "the worker gets nowhere"
            Event().wait(0.1)
        try:
            said.send("how many?")
            moments: int = said.recv()
        except (EOFError, OSError):
            return 0
        return moments

    def is_done(self) -> bool:
        with self.app.database.reading() as store:
            counts = store.outbox_counts()
        fates = [sum(count[fate] for count in counts.values()) for fate in ("delivered", "waiting", "given_up")]
        return fates == [2, 0, 0]

    def check(self) -> None:
        """Hold what came of it against what should."""
        assert len(self.phone.shown()) == 1
        assert len(self.phone.messages) == 1
        assert len(list((self.home / "calendar").glob("*.ics"))) == 1
        with self.app.database.reading() as store:
            assert len(store.open_sessions("me")) == 1
            assert sum(store.count_raws().values()) == 1


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def machine(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    with NtfyPeer() as phone:
        if kind == KINDS[0]:
            made = Machine(tmp_path, phone, "")
            yield made
            made.app.close()
            return
        engine = "local" if kind == KINDS[1] else "procrastinate"
        with request.getfixturevalue("postgresql").ready() as url:
            made = Machine(tmp_path, phone, f'database = "{url}"\nengine = "{engine}"')
            yield made
            made.app.close()


def test_killed_three_times_on_its_way(machine: Machine, kind: str, tally: Tally) -> None:
    dice = random.Random(kind)
    kills = sum(machine.lives(fatal=dice.randint(1, 12)) == 0 for _ in range(3))
    machine.lives()

    machine.check()
    tally.add(f"kill -9 of {kind}", injected=kills)


@pytest.mark.faults
@pytest.mark.parametrize("step", range(1, 41))
def test_killed_at_every_step(machine: Machine, kind: str, step: int, tally: Tally) -> None:
    killed = machine.lives(fatal=step) == 0
    machine.lives()

    machine.check()
    tally.add(f"kill -9 of {kind}, at each commit and send", injected=int(killed))


@pytest.mark.faults
def test_the_steps_tried_are_all_there_are(machine: Machine) -> None:
    assert 10 < machine.lives() <= 40
