"""Killed with -9 at every commit and every send, on each engine and each database, a run still becomes one message."""

import multiprocessing
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
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
from service.ports import Unavailable
from tests.fakes import where_it_is_noon
from tests.faults.conftest import Fault, Tally
from tests.faults.workers import work
from tests.peers.ntfy import NtfyPeer

KINDS = (Fault.KILLED_ON_FILE, Fault.KILLED_ON_POSTGRESQL, Fault.KILLED_WORKERS)
PATIENCE_S = 120.0
# The least a run's way to a phone and a calendar can have: taken in, read, judged, offered; twice sent and settled.
FEWEST_STEPS = 16

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
            timezone = "{where_it_is_noon()}"
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
        counts: Mapping[str, Mapping[str, int]] = {}
        with suppress(Unavailable), self.app.database.reading() as store:
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
def kind(request: pytest.FixtureRequest) -> Fault:
    kind: Fault = request.param
    return kind


@pytest.fixture
def make(kind: Fault, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Machine]]:
    """Return what makes machines, each with a database, a phone and folders of its own."""
    numbers = count(1)
    with ExitStack() as doors:

        def make() -> Machine:
            home = tmp_path / f"machine {next(numbers)}"
            home.mkdir()
            phone = doors.enter_context(NtfyPeer())
            machine = Machine(home, phone, at_the_top())
            doors.callback(machine.app.close)
            return machine

        def at_the_top() -> str:
            if kind is Fault.KILLED_ON_FILE:
                return ""
            url = doors.enter_context(request.getfixturevalue("postgresql").ready())
            engine = "local" if kind is Fault.KILLED_ON_POSTGRESQL else "procrastinate"
            return f'database = "{url}"\nengine = "{engine}"'

        yield make


@pytest.fixture
def machine(make: Callable[[], Machine]) -> Machine:
    return make()


def test_killed_three_times_on_its_way(machine: Machine, kind: Fault, tally: Tally) -> None:
    dice = random.Random(kind)
    kills = sum(machine.lives(fatal=dice.randint(1, 12)) == 0 for _ in range(3))
    machine.lives()

    tally.add(kind, kills)
    machine.check()


@pytest.mark.faults
def test_killed_at_every_commit_and_send(make: Callable[[], Machine], kind: Fault, tally: Tally) -> None:
    """Each time a new machine, killed one step later on the way, until there is no step left to be killed at."""
    for step in count(1):
        machine = make()
        if machine.lives(fatal=step):
            break
        machine.lives()
        tally.add(kind, doubled=len(machine.phone.messages) - 1)
        machine.check()
    assert step > FEWEST_STEPS
