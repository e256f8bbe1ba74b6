"""The whole thread in real processes: a FIT file in the watched folder becomes one push and one calendar entry.

The worker is killed without warning again and again on the way; nothing is lost and nothing comes twice.
"""

import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType
from tests.peers.ntfy import NtfyPeer

AFTERRUN = Path(sys.executable).with_name("afterrun")
# A kill in mid-send leaves a lease of a minute behind, and the machine may be busy.
PATIENCE_S = 180.0
KILLS = 10


class Runner:
    """A person's machine: settings, a watched folder, a calendar folder, and Afterrun started and stopped."""

    def __init__(self, home: Path, peer: NtfyPeer, at_the_top: str = "") -> None:
        self.home = home
        self.port = _free_port()
        (home / "runs").mkdir()
        (home / "afterrun.toml").write_text(
            f"""
            base_url = "http://127.0.0.1:{self.port}"
            {at_the_top}
            [athlete]
            timezone = "UTC"
            [quiet]
            from = ""
            [web]
            listen = "127.0.0.1:{self.port}"
            [sources.folder]
            path = "runs"
            [channels.ntfy]
            url = "{peer.topic()}"
            [channels.calendar]
            path = "calendar"
            """
        )

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([AFTERRUN, "run"], cwd=self.home, stderr=subprocess.DEVNULL)  # noqa: S603 - our own

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        process = self.start()
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def says(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own
            [AFTERRUN, *command], cwd=self.home, capture_output=True, text=True, check=False
        )

    def comes_home(self, kind: RunType = RunType.INTERVAL) -> None:
        """Put today's run into the folder, as a watch does."""
        ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
        (self.home / "runs" / f"{kind}.fit").write_bytes(encode(sample.latest(kind, ended)))

    def outbox(self) -> dict[str, int]:
        """Return how many messages of all channels waited, were delivered and given up."""
        channels = json.loads(self.says("status", "--json").stdout)["outbox"].values()
        return {fate: sum(counts[fate] for counts in channels) for fate in ("waiting", "delivered", "given_up")}

    def answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200
        return False

    @property
    def calendar(self) -> list[Path]:
        return sorted((self.home / "calendar").glob("*.ics"))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; fail where it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:.0f} s for {what}"
        threading.Event().wait(0.05)


@pytest.fixture
def peer() -> Iterator[NtfyPeer]:
    with NtfyPeer() as peer:
        yield peer


@pytest.fixture
def runner(tmp_path: Path, peer: NtfyPeer) -> Runner:
    return Runner(tmp_path, peer)


@pytest.fixture(params=["a file", "PostgreSQL", "procrastinate"])
def any_runner(request: pytest.FixtureRequest, tmp_path: Path, peer: NtfyPeer) -> Iterator[Runner]:
    """Return a runner whose Afterrun keeps everything in a file, or on PostgreSQL, by each engine."""
    if request.param == "a file":
        yield Runner(tmp_path, peer)
        return
    engine = "procrastinate" if request.param == "procrastinate" else "local"
    with request.getfixturevalue("postgresql").ready() as url:
        yield Runner(tmp_path, peer, f'database = "{url}"\nengine = "{engine}"')


def test_a_file_in_the_folder_becomes_one_push_and_one_calendar_entry(any_runner: Runner, peer: NtfyPeer) -> None:
    runner = any_runner
    with runner.running():
        runner.comes_home()
        until(lambda: bool(peer.messages and runner.calendar), "the message and the calendar entry")
        page = requests.get(peer.messages[0]["click"], timeout=5)
        (pending,) = json.loads(runner.says("pending", "--json").stdout)

    (message,) = peer.messages
    assert "interval" in message["title"]
    assert page.status_code == 200
    assert pending["run_type"] == "interval"
    assert runner.says("done").returncode == 0
    assert json.loads(runner.says("pending", "--json").stdout) == []


def test_killed_again_and_again_it_loses_nothing_and_says_nothing_twice(any_runner: Runner, peer: NtfyPeer) -> None:
    runner = any_runner
    runner.comes_home()
    dice = random.Random(7)
    for _ in range(KILLS):
        with runner.running() as process, suppress(subprocess.TimeoutExpired):
            process.wait(timeout=dice.uniform(0.8, 3.2))

    with runner.running():
        until(lambda: bool(peer.messages and runner.calendar), "the message and the calendar entry")
        until(lambda: runner.outbox() == {"waiting": 0, "delivered": 2, "given_up": 0}, "the outbox to settle")

    assert len(peer.shown()) == 1
    assert len(peer.messages) == 1
    assert len(runner.calendar) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_within_five_seconds(runner: Runner, number: int) -> None:
    with runner.running() as process:
        until(runner.answers, "the pages to answer")
        begun = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=PATIENCE_S) == 0
        assert time.monotonic() - begun < 5


def test_a_second_worker_on_the_same_database_is_refused(runner: Runner) -> None:
    with runner.running():
        until(runner.answers, "the pages to answer")
        second = runner.says("worker")

    assert second.returncode == 1
    assert "one worker at a time" in second.stderr
    assert "Traceback" not in second.stderr


def test_an_address_already_taken_is_said_in_one_line(runner: Runner) -> None:
    with socket.create_server(("127.0.0.1", runner.port)):
        refused = runner.says("web")

    assert refused.returncode == 1
    assert "listen" in refused.stderr
    assert "Traceback" not in refused.stderr
