"""What a worker costs that has nothing to do: `afterrun run` on SQLite, pages on, one folder watched, one phone.

    .venv/bin/python benchmarks/bench_idle.py [SECONDS] [lived]

Prints the most resident memory it held, as a ratio to a bare Python that has imported sqlalchemy and sleeps, and the
share of a core it took over SECONDS (30; the issue's figure is 600). With `lived` the worker first takes a run in,
sends its message and shows its page, and is measured once its readers have gone to rest.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server

import requests

from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType
from tests.peers.ntfy import NtfyPeer

SECONDS = 30.0
# Imports and first questions are behind it, and what it says of itself is on the disk.
SETTLES_S = 15.0
PATIENCE_S = 300.0
# What Python keeps, once it has started processes, to look after what they share.
KEEPER = 1
ALLOWED_RATIO, ALLOWED_SHARE = 2.5, 0.005
BARE = "import sqlalchemy, time; time.sleep(86400)"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    words = [word for word in sys.argv[1:] if word != "lived"]
    seconds = float(words[0]) if words else SECONDS
    with _running(sys.executable, "-c", BARE) as bare, tempfile.TemporaryDirectory() as home, NtfyPeer() as phone:
        page = _settings(Path(home), phone)
        with _running(Path(sys.executable).with_name("afterrun"), "run", cwd=home) as worker:
            _until(lambda: _answers(f"{page}/healthz"))
            if "lived" in sys.argv:
                _live(Path(home), phone, worker)
            time.sleep(SETTLES_S)
            memory, share = _watch(worker, seconds)
        ratio = memory / _resident(bare)
    what = "idle after a run" if "lived" in sys.argv else "idle"
    print(f"{what}: {memory / 1e6:.0f} MB, {ratio:.2f} x a bare Python with sqlalchemy (at most {ALLOWED_RATIO})")
    print(f"  {100 * share:.2f} % of a core over {seconds:.0f} s (at most {100 * ALLOWED_SHARE})")


def _settings(home: Path, phone: NtfyPeer) -> str:
    with create_server(("127.0.0.1", 0)) as free:
        listen = "{}:{}".format(*free.getsockname())
    (home / "runs").mkdir()
    settings = home / "afterrun.toml"
    settings.write_text(
        f"""
        base_url = "http://{listen}"
        [web]
        listen = "{listen}"
        [quiet]
        from = ""
        [sources.folder]
        path = "runs"
        [channels.ntfy]
        url = "{phone.topic()}"
        """
    )
    return f"http://{listen}"


def _live(home: Path, phone: NtfyPeer, worker: int) -> None:
    """Have it take a run in, tell of it, show its page, and rest again."""
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
    (home / "runs" / "run.fit").write_bytes(encode(sample.latest(RunType.INTERVAL, ended)))
    _until(lambda: bool(phone.messages))
    requests.get(str(phone.messages[0]["click"]), timeout=10).raise_for_status()
    _until(lambda: len(_children(worker)) <= KEEPER)


def _watch(pid: int, seconds: float) -> tuple[int, float]:
    """Return the most memory a process and its children held in bytes, and the share of a core they took."""
    begun, used, most = time.monotonic(), _processor(pid), 0
    while time.monotonic() - begun < seconds:
        most = max(most, _resident(pid) + sum(map(_alone, _children(pid))))
        time.sleep(1)
    return most, (_processor(pid) - used) / (time.monotonic() - begun)


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _alone(pid: int) -> int:
    """Return the bytes a process shares with no other."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _processor(pid: int) -> float:
    """Return the seconds of processor time a process took, with children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS_A_SECOND


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


@contextmanager
def _running(*command: str | Path, cwd: str | None = None) -> Iterator[int]:
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=1).ok
    except requests.RequestException:
        return False


def _until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not there():
        if time.monotonic() > deadline:
            raise SystemExit("it never came")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
