"""What a worker costs that has nothing to do: `afterrun run` on SQLite, pages on, one folder watched, one phone.

    .venv/bin/python benchmarks/bench_idle.py [SECONDS] [lived]

Prints the most resident memory it held, as a ratio to a bare Python that has imported sqlalchemy and sleeps, and the
share of a core it took over SECONDS (30; the issue's figure is 600). With `lived` the worker first takes a run in,
sends its message and shows its page, and is measured once its readers have gone to rest.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from benchmarks.machine import Machine, alone, children, processor, resident, until
from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType
from tests.peers.ntfy import NtfyPeer

SECONDS = 30.0
# Imports and first questions are behind it, and what it says of itself is on the disk.
SETTLES_S = 15.0
# What Python keeps, once it has started processes, to look after what they share.
KEEPER = 1
ALLOWED_RATIO, ALLOWED_SHARE = 2.5, 0.005
BARE = "import sqlalchemy, time; time.sleep(86400)"
SETTINGS = """
[quiet]
from = ""
[sources.folder]
path = "runs"
[channels.ntfy]
url = "{url}"
"""


def main() -> None:
    """Measure and print."""
    words = [word for word in sys.argv[1:] if word != "lived"]
    seconds = float(words[0]) if words else SECONDS
    with tempfile.TemporaryDirectory() as home, NtfyPeer() as phone, _bare() as bare:
        machine = Machine(Path(home), SETTINGS.format(url=phone.topic()))
        (machine.home / "runs").mkdir()
        with machine.runs("run") as worker:
            until(machine.answers, "the worker")
            if "lived" in sys.argv:
                _live(machine.home, phone, worker.pid)
            time.sleep(SETTLES_S)
            memory, share = _watch(worker.pid, seconds)
        ratio = memory / resident(bare)
    what = "idle after a run" if "lived" in sys.argv else "idle"
    print(f"{what}: {memory / 1e6:.0f} MB, {ratio:.2f} x a bare Python with sqlalchemy (at most {ALLOWED_RATIO})")
    print(f"  {100 * share:.2f} % of a core over {seconds:.0f} s (at most {100 * ALLOWED_SHARE})")


def _live(home: Path, phone: NtfyPeer, worker: int) -> None:
    """Have it take a run in, tell of it, show its page, and rest again."""
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
    (home / "runs" / "run.fit").write_bytes(encode(sample.latest(RunType.INTERVAL, ended)))
    until(lambda: phone.messages, "the message")
    requests.get(str(phone.messages[0]["click"]), timeout=10).raise_for_status()
    until(lambda: len(children(worker)) <= KEEPER, "the rest")


def _watch(pid: int, seconds: float) -> tuple[int, float]:
    """Return the most memory a process and its children held in bytes, and the share of a core they took."""
    begun, used, most = time.monotonic(), processor(pid), 0
    while time.monotonic() - begun < seconds:
        most = max(most, resident(pid) + sum(map(alone, children(pid))))
        time.sleep(1)
    return most, (processor(pid) - used) / (time.monotonic() - begun)


@contextmanager
def _bare() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", BARE])  # noqa: S603 - ours
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
