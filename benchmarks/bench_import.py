"""How long a decade takes: `afterrun import` of made one-hour runs, each second sampled, judged and stored.

Prints seconds, runs a second, the most memory all its processes held together, and whether twice the runs take twice
the time. Give counts to choose others: `bench_import.py 300 1000`.
"""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from integrations import sample
from integrations.fit.encoder import encode

COUNTS = (300, 1000, 3000)
LOOK_EVERY_S = 0.1
UNTIL = datetime(2026, 6, 15, 18, 0, tzinfo=UTC)


def main() -> None:
    """Measure each count in a fresh database."""
    counts = [int(word) for word in sys.argv[1:]] or COUNTS
    a_run_took: list[float] = []
    for count in counts:
        with tempfile.TemporaryDirectory() as place:
            seconds, most_bytes = _import(Path(place), count)
        a_run_took.append(seconds / count)
        print(
            f"import {count} runs: {seconds:.1f} s, {count / seconds:.0f} runs/s, {most_bytes / 1e6:.0f} MB at most,"
            f" {a_run_took[-1] / a_run_took[0]:.2f} x the time a run of the first line",
            flush=True,
        )


def _import(place: Path, count: int) -> tuple[float, int]:
    runs = place / "runs"
    runs.mkdir()
    for number, activity in enumerate(sample.hours(count, UNTIL)):
        (runs / f"{number}.fit").write_bytes(encode(activity))
    settings = place / "afterrun.toml"
    settings.write_text('[athlete]\nid = "me"\n')
    afterrun = str(Path(sys.executable).with_name("afterrun"))
    command = [afterrun, "--config", str(settings), "import", str(runs), "--json"]
    with (place / "said").open("w") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL, cwd=place)  # noqa: S603 - ours
        most = 0
        while process.poll() is None:
            most = max(most, _memory_of_tree(process.pid))
            time.sleep(LOOK_EVERY_S)
        seconds = time.perf_counter() - begun
    summary = (place / "said").read_text().splitlines()[-1]
    if f'"imported": {count}' not in summary:
        raise SystemExit(f"not all were imported: {summary}")
    return seconds, most


def _memory_of_tree(pid: int) -> int:
    """Return the bytes a process and its children hold, what they share counted once."""
    held = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                held = 1024 * int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").iterdir():
            held += sum(_memory_of_tree(int(child)) for child in (task / "children").read_text().split())
    except OSError:
        return held
    return held


if __name__ == "__main__":
    main()
