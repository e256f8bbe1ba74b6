"""How long the command line takes to answer, as a ratio to starting Python for nothing."""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 15
AFTERRUN = Path(sys.executable).with_name("afterrun")


def seconds(command: Sequence[str | Path]) -> float:
    """Return the wall time of one run of a command."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own commands
    return time.perf_counter() - begun


def main() -> None:
    """Print the medians and their ratio, the two commands taking turns."""
    nothing, helped = [], []
    for _ in range(ROUNDS):
        nothing.append(seconds([sys.executable, "-c", "pass"]))
        helped.append(seconds([AFTERRUN, "--help"]))
    base, ours = statistics.median(nothing), statistics.median(helped)
    print(f"afterrun --help  {ours * 1000:.0f} ms, {ours / base:.1f}x python -c pass (median of {ROUNDS})")


if __name__ == "__main__":
    main()
