"""A disk that fills up: nothing is half-written, nothing is lost, and it goes on by itself once there is room."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType
from tests.faults.conftest import Tally

AFTERRUN = Path(sys.executable).with_name("afterrun")
SIZE = 4 * 2**20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of four megabytes, or skip where none may be made."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.name != "posix" or os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("LEFT OUT: a small disk is made by root alone; test_a_file_that_may_not_grow does without")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], check=False)  # noqa: S603, S607 - a disk of our own
    if made.returncode:
        pytest.skip("LEFT OUT: no disk may be made here; test_a_file_that_may_not_grow does without")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S603, S607 - the same


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "afterrun.toml").write_text(
        """
        database = "sqlite:///disk/afterrun.db"
        data_dir = "disk/data"
        [athlete]
        timezone = "UTC"
        [channels.calendar]
        path = "calendar"
        """
    )
    (tmp_path / "disk").mkdir(exist_ok=True)
    return tmp_path


def says(home: Path, *command: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command; with a limit, no file of it may grow beyond that."""
    limited = ["prlimit", f"--fsize={limit}"] if limit is not None else []
    return subprocess.run(  # noqa: S603 - our own
        [*limited, str(AFTERRUN), *command], cwd=home, capture_output=True, text=True, check=False
    )


def comes_home(home: Path, kind: RunType) -> str:
    """Return the name of a file that a watch has left."""
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2, hours=list(RunType).index(kind))
    (home / f"{kind}.fit").write_bytes(encode(sample.latest(kind, ended)))
    return f"{kind}.fit"


def fill(disk: Path, *, but: int) -> Path:
    """Fill a disk but for so many bytes."""
    stone = disk / "stone"
    with stone.open("wb") as file:
        file.truncate(0)
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - but)
    return stone


def is_whole(home: Path) -> bool:
    """Tell whether the database is sound and no half file lies in the archive."""
    with closing(sqlite3.connect(home / "disk" / "afterrun.db")) as database:
        sound = database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = {name for (name,) in database.execute("SELECT sha256 FROM raws")}
    files = {path.name for path in (home / "disk" / "data" / "raws").rglob("*") if path.is_file()}
    return sound and kept <= files and all(len(name) == 64 for name in files)


def is_taken(home: Path, count: int) -> bool:
    return len(list((home / "calendar").glob("*.ics"))) >= count


@pytest.mark.parametrize("room", [0, 4_096, 40_000, 90_000, 150_000])
def test_a_full_disk_costs_nothing_but_time(disk: Path, home: Path, room: int, tally: Tally) -> None:
    assert says(home, "import", comes_home(home, RunType.EASY)).returncode == 0
    assert is_taken(home, 1)

    stone = fill(disk, but=room)
    run = comes_home(home, RunType.INTERVAL)
    full = says(home, "import", run)
    assert full.returncode == 1, "it says that something went wrong"
    assert "Traceback" not in full.stderr
    assert "make room" in full.stderr
    assert is_whole(home)

    stone.unlink()
    assert says(home, "import", run).returncode == 0
    assert is_taken(home, 2)
    assert is_whole(home)
    tally.add("disk full while a run is taken in", injected=1)


@pytest.mark.parametrize("limit", [1_000, 20_000, 60_000])
def test_a_file_that_may_not_grow(home: Path, limit: int, tally: Tally) -> None:
    if not shutil.which("prlimit"):
        pytest.skip("LEFT OUT: prlimit is not here")
    assert says(home, "import", comes_home(home, RunType.EASY)).returncode == 0

    run = comes_home(home, RunType.INTERVAL)
    refused = says(home, "import", run, limit=limit)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert is_whole(home)

    assert says(home, "import", run).returncode == 0
    assert is_taken(home, 2)
    tally.add("a file that may not grow", injected=1)
