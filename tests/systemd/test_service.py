"""The service as systemd starts it: it says when it is ready and that it lives, and takes the address it is handed."""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

AFTERRUN = Path(sys.executable).with_name("afterrun")
PATIENCE_S = 120.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "afterrun.toml").write_text('[athlete]\ntimezone = "UTC"\n[web]\nlisten = "127.0.0.1:1"\n')
    return tmp_path


@pytest.fixture
def notify(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        yield listening


@contextmanager
def service(
    home: Path, command: str, notify: socket.socket, handed: socket.socket
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command as systemd does: with a socket as its third file, and the environment that tells of it."""
    script = f"export LISTEN_PID=$$ WATCHDOG_PID=$$; exec {shlex.quote(str(AFTERRUN))} {command} 3<&{handed.fileno()}"
    env = os.environ | {"NOTIFY_SOCKET": notify.getsockname(), "WATCHDOG_USEC": "300000", "LISTEN_FDS": "1"}
    process = subprocess.Popen(  # noqa: S603 - our own
        ["/bin/bash", "-c", script], cwd=home, env=env, pass_fds=[handed.fileno()], stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("command", ["run", "web"])
def test_it_serves_at_the_address_it_is_handed_and_says_so(home: Path, notify: socket.socket, command: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as handed,
        service(home, command, notify, handed) as process,
    ):
        assert notify.recv(100) == b"READY=1"
        address = "http://{}:{}/healthz".format(*handed.getsockname())
        assert requests.get(address, timeout=PATIENCE_S).text == "ok\n"
        assert notify.recv(100) == b"WATCHDOG=1"
        process.terminate()
        said = notify.recv(100)
        while said == b"WATCHDOG=1":
            said = notify.recv(100)

        assert said == b"STOPPING=1"
        assert process.wait(PATIENCE_S) == 0
