"""A machine to be measured: a folder with settings, and Afterrun's own processes in it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_server

import requests

AFTERRUN = Path(sys.executable).with_name("afterrun")
PATIENCE_S = 600.0
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Machine:
    """A machine whose pages are at `url`; `settings` is written to its afterrun.toml, below base_url and [web]."""

    def __init__(self, home: Path, settings: str) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{free_port()}"
        top, table, rest = settings.partition("[")
        web = f'base_url = "{self.url}"\n{top}\n[web]\nlisten = "{self.url.removeprefix("http://")}"\n'
        (home / "afterrun.toml").write_text(f"{web}{table}{rest}")

    @contextmanager
    def runs(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Have a command running; what it says is kept in `log`."""
        with self.log.open("ab") as log:
            process = subprocess.Popen([AFTERRUN, *command], cwd=self.home, stdout=log, stderr=log)  # noqa: S603 - ours
        try:
            yield process
        finally:
            process.terminate()
            process.wait()

    @property
    def log(self) -> Path:
        """Where everything is that its processes said."""
        return self.home / "log"

    def says(self, *command: str) -> str:
        """Return what a command prints; raise SystemExit where it fails."""
        done = subprocess.run([AFTERRUN, *command], cwd=self.home, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if done.returncode:
            raise SystemExit(f"afterrun {' '.join(command)}: {done.stderr}")
        return done.stdout

    def answers(self) -> bool:
        """Tell whether the pages are there, and a worker behind them."""
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        return False


def free_port() -> int:
    """Return a port nobody listens at."""
    with create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def until(there: Callable[[], object], what: str, *, every: float = 0.2, patience: float = PATIENCE_S) -> float:
    """Wait until something is so and return the seconds that took; raise SystemExit where it never comes."""
    begun = time.monotonic()
    while not there():
        if time.monotonic() - begun > patience:
            raise SystemExit(f"{what} never came")
        time.sleep(every)
    return time.monotonic() - begun


def resident(pid: int) -> int:
    """Return the bytes of memory a process has in use, as `ps` shows them."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def alone(pid: int) -> int:
    """Return the bytes a process shares with no other."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Private_"))


def processor(pid: int) -> float:
    """Return the seconds of processor time a process took, with children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS_A_SECOND


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still are."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def best(ask: Callable[[], object], rounds: int) -> float:
    """Return the seconds the fastest of some rounds took: the one least disturbed."""
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    return min(took)
