"""Decoders by other hands read the same: every value of every record, on made files and on all real ones."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from warnings import catch_warnings, simplefilter

import numpy as np
import pytest

from integrations._samples.records import Records
from integrations.fit import encode
from integrations.fit.container import pieces
from integrations.fit.reading import Budget, read
from integrations.sample import hours
from service.ports import Malformed
from tests.integrations.fit.oracles import GaveUpError, fitdecode, native

type Judge = Callable[[bytes], Records]

# The Rust decoder cuts the thousandth of a speed off instead of rounding it.
STEP: dict[Judge, float] = {fitdecode: 1e-9, native: 0.0011}

# What the judges see otherwise, and why ours is meant.
SPEED_BY_DEVELOPER = "20170518-191602-1740899583.fit"  # a developer field said to stand for speed: judged without these
PACKED = {"compressed-speed-distance.fit", "input-28.fit"}  # the Rust decoder does not unpack three bytes
TIME_AS_BYTES = "input-46.fit"  # a time stamp of the wrong type is none
DIFFERENT = {
    (fitdecode, "speed"): {SPEED_BY_DEVELOPER},
    (native, "speed"): {SPEED_BY_DEVELOPER, *PACKED},
    (native, "distance"): PACKED,
    (native, "time"): {TIME_AS_BYTES},
}


def records(body: bytes) -> Records:
    return reduce(Records.followed_by, (read(piece, Budget()).records for piece in pieces(body)))


def differing(body: bytes, judge: Judge) -> tuple[set[str], int]:
    """Return the columns in which a judge differs, and how many values it was asked for; GaveUpError if it cannot."""
    mine, theirs = records(body), judge(body)
    assert len(mine) == len(theirs)
    pairs = {column.name: (getattr(mine, column.name), getattr(theirs, column.name)) for column in fields(Records)}
    told = {name: np.isclose(*pair, rtol=0, atol=STEP[judge], equal_nan=True).all() for name, pair in pairs.items()}
    return {name for name, same in told.items() if not same}, sum(np.isfinite(one).sum() for one, _ in pairs.values())


@pytest.mark.parametrize("judge", [fitdecode, native], ids=["fitdecode", "native"])
def test_the_judges_agree_on_made_runs(judge: Judge) -> None:
    for run in hours(2, datetime(2026, 5, 1, tzinfo=UTC)):
        different, values = differing(encode(run), judge)
        assert not different
        assert values > 6 * 3000


def bodies(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() == ".fit":
            yield path.name, path.read_bytes()


@pytest.mark.judged
@pytest.mark.shared
@pytest.mark.parametrize("judge", [fitdecode, native], ids=["fitdecode", "native"])
def test_the_judges_agree_on_every_real_file_both_can_read(judge: Judge, shared: Path) -> None:
    files = values = 0
    different: dict[str, set[str]] = {}
    for name, body in bodies(shared / "fit"):
        try:
            with catch_warnings():
                simplefilter("ignore")
                found, count = differing(body, judge)
        except (GaveUpError, Malformed):
            continue
        files, values = files + 1, values + count
        for column in found:
            different.setdefault(column, set()).add(name)
    print(f"{judge.__name__}: {files} files, {values} values")  # noqa: T201 - the measure of what was compared
    assert different == {column: names for (who, column), names in DIFFERENT.items() if who is judge}
    assert files
