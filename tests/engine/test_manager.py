"""What systemd is told, and what it hands over."""

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.engine.manager import Manager
from service.engine.pulse import LATE_S, Pulse


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Return the socket that systemd listens at."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(0)
        yield listening


def heard(systemd: socket.socket) -> list[str]:
    lines = []
    try:
        while True:
            lines.append(systemd.recv(100).decode())
    except BlockingIOError:
        return lines


def test_it_is_told_of_readiness_life_and_the_end(systemd: socket.socket) -> None:
    manager = Manager.around({"NOTIFY_SOCKET": systemd.getsockname()})
    with Pulse(manager) as pulse:
        pulse.begin()
        pulse.feel()

    assert heard(systemd) == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_an_address_that_is_no_file_is_found() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0afterrun-test-{os.getpid()}")
        listening.settimeout(0)
        Manager.around({"NOTIFY_SOCKET": f"@afterrun-test-{os.getpid()}"}).ready()

        assert heard(listening) == ["READY=1"]


def test_without_systemd_nothing_happens(tmp_path: Path) -> None:
    Manager.around({}).ready()
    Manager.around({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


def test_the_watchdog_of_another_process_is_not_ours() -> None:
    mine = Manager.around({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, pid=7)
    anothers = Manager.around({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, pid=7)

    assert mine.watchdog == timedelta(seconds=30)
    assert anothers.watchdog is None


def test_an_address_handed_over_is_taken_and_another_processes_is_not() -> None:
    assert Manager.around({"LISTEN_FDS": "1", "LISTEN_PID": "7"}, pid=7).handed_over == 1
    assert Manager.around({"LISTEN_FDS": "1", "LISTEN_PID": "8"}, pid=7).listener() is None


def test_a_pulse_is_not_felt_while_something_is_stuck(systemd: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    stuck: list[str] = ["send"]
    pulse = Pulse(Manager(address=systemd.getsockname()), lambda: list(stuck))

    pulse.feel()
    pulse.feel()
    assert heard(systemd) == []
    assert [record.message for record in caplog.records] == [
        "stuck: send; the service is started anew if that stays so"
    ]
    stuck.clear()
    pulse.feel()
    assert heard(systemd) == ["WATCHDOG=1"]


def test_pages_that_stand_still_stop_the_pulse(systemd: socket.socket) -> None:
    seconds = 0.0
    pulse = Pulse(Manager(address=systemd.getsockname()), now=lambda: seconds)
    pulse.beat("pages")

    seconds = LATE_S - 1
    pulse.feel()
    assert heard(systemd) == ["WATCHDOG=1"]
    seconds = LATE_S + 1
    pulse.feel()
    assert heard(systemd) == []
