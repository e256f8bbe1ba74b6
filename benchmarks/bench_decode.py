"""How fast FIT files become streams, as ratios to two decoders that stop at plain messages.

    .venv/bin/python benchmarks/bench_decode.py [FOLDER]

All read the same runs in turn, the best of some rounds counts for each file. Without FOLDER (or the data beside the
project) the runs are made ones. python-fitparse checks checksums in Python; a second figure leaves that out.
"""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from warnings import catch_warnings, simplefilter

from fitparse import FitFile
from pyfitparsernative import parse_fit_bytes

from integrations.fit import Decoder, encode
from integrations.sample import hours
from service.domain.activity import RUNNING
from service.ports import Decoded, Malformed, Raw

BESIDE = Path("../shared/data/fit")
MADE = 10
ROUNDS = {"ours": 3, "native": 3, "fitparse": 1, "fitparse, no checksum": 1}
DECODER = Decoder()


def decoded(body: bytes) -> Decoded:
    """Decode to streams, checksum, laps and summary included."""
    now = datetime.now(UTC)
    return DECODER.decode(Raw(source="bench", external_id="1", body=body, media_type="fit", received_at=now))


def fitparse(body: bytes) -> object:
    """Read every message, as python-fitparse's own pages show it."""
    return list(FitFile(body).get_messages())


def fitparse_unchecked(body: bytes) -> object:
    """Do the same without the checksum, which stands in the last two bytes."""
    return list(FitFile(body[:-2], check_crc=False).get_messages())


WAYS: Mapping[str, Callable[[bytes], object]] = {
    "ours": decoded,
    "native": parse_fit_bytes,
    "fitparse": fitparse,
    "fitparse, no checksum": fitparse_unchecked,
}


def is_run(body: bytes) -> bool:
    """Return whether a body holds a run with samples."""
    try:
        found = decoded(body).activities
    except Malformed:
        return False
    return any(one.sport == RUNNING and one.streams is not None for one in found)


def took(work: Callable[[bytes], object], body: bytes, rounds: int) -> float:
    """Return the CPU seconds of the best of some rounds; infinite where the decoder gives up."""
    best = float("inf")
    for _ in range(rounds):
        began = process_time()
        try:
            work(body)
        except BaseException as fault:
            if isinstance(fault, KeyboardInterrupt):
                raise
            return float("inf")
        best = min(best, process_time() - began)
    return best


def bodies() -> list[bytes]:
    """Return the runs to read."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else BESIDE
    found = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".fit"]
    return [body for body in found if is_run(body)] or [encode(run) for run in hours(MADE, datetime.now(UTC))]


def main() -> None:
    """Measure and print."""
    runs = bodies()
    with catch_warnings():
        simplefilter("ignore")
        times = {name: [took(work, body, ROUNDS[name]) for body in runs] for name, work in WAYS.items()}
    inf = float("inf")
    for name in tuple(WAYS)[1:]:
        both = [(mine, other) for mine, other in zip(times["ours"], times[name], strict=True) if other < inf]
        ratio = sum(other for _, other in both) / sum(mine for mine, _ in both)
        print(f"decode {ratio:.1f}x {NAMES[name]} ({len(both)} of {len(runs)} runs both read)")


NAMES = {
    "native": "pyfitparsernative",
    "fitparse": "python-fitparse",
    "fitparse, no checksum": "python-fitparse without its checksum",
}


if __name__ == "__main__":
    main()
