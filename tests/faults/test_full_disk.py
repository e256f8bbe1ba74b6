"""A disk that fills up: nothing is half-written, nothing is lost, and it goes on by itself once there is room."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from _pytest.mark import ParameterSet

from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType
from tests.faults.conftest import Fault, Tally
from tests.peers.strava import StravaPeer, a_run
from tests.test_one_run_all_the_way import until
from tests.test_strava_all_the_way import TITLE, Household

AFTERRUN = Path(sys.executable).with_name("afterrun")
SIZE = 4 * 2**20
EARLIER = timedelta(hours=3)


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


def comes_home(home: Path, kind: RunType, *, ago: timedelta = timedelta(minutes=2)) -> str:
    """Return the name of a file that a watch has left, of a run that ended so long ago."""
    ended = datetime.now(UTC).replace(microsecond=0) - ago
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


def is_told(home: Path, runs: int) -> bool:
    """Tell whether so many runs were taken in, judged and told of; the newest one's routine took the older's place."""
    asked = "SELECT count(*) FROM classifications UNION ALL SELECT count(*) FROM outbox WHERE settled_at IS NOT NULL"
    with closing(sqlite3.connect(home / "disk" / "afterrun.db")) as database:
        counts = [count for (count,) in database.execute(asked)]
    return counts == [runs, runs] and len(list((home / "calendar").glob("*.ics"))) == 1


def again(value: int) -> ParameterSet:
    """Return a case that `make faults` tries besides."""
    return pytest.param(value, marks=pytest.mark.faults)


@pytest.mark.parametrize("room", [40_000, *(again(room) for room in (0, 4_096, 90_000, 150_000))])
def test_a_full_disk_costs_nothing_but_time(disk: Path, home: Path, room: int, tally: Tally) -> None:
    assert says(home, "import", comes_home(home, RunType.EASY, ago=EARLIER)).returncode == 0
    assert is_told(home, 1)

    stone = fill(disk, but=room)
    run = comes_home(home, RunType.INTERVAL)
    full = says(home, "import", run)
    tally.add(Fault.DISK_FULL)
    assert full.returncode == 1, "it says that something went wrong"
    assert "Traceback" not in full.stderr
    assert "make room" in full.stderr
    assert is_whole(home)

    stone.unlink()
    assert says(home, "import", run).returncode == 0
    assert is_told(home, 2)
    assert is_whole(home)


@pytest.mark.parametrize("limit", [20_000, again(1_000), again(60_000)])
def test_a_file_that_may_not_grow(home: Path, limit: int, tally: Tally) -> None:
    if not shutil.which("prlimit"):
        pytest.skip("LEFT OUT: prlimit is not here")
    assert says(home, "import", comes_home(home, RunType.EASY, ago=EARLIER)).returncode == 0

    run = comes_home(home, RunType.INTERVAL)
    refused = says(home, "import", run, limit=limit)
    tally.add(Fault.DISK_FULL)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert is_whole(home)

    assert says(home, "import", run).returncode == 0
    assert is_told(home, 2)


@pytest.mark.faults
def test_a_service_whose_disk_is_full_has_others_come_again_and_goes_on_by_itself(disk: Path, tally: Tally) -> None:
    with StravaPeer() as peer:
        household = Household(disk, peer)
        household.says("connect", "strava", "--code", household.ann.consents())
        with household.serving() as process:
            until(household.answers, "the pages to answer")
            assert household.says("webhook", "strava", "create").returncode == 0
            household.ann.runs(a_run(datetime.now(UTC) - EARLIER))
            until(lambda: bool(household.calendar), "the first calendar entry")
            (page,) = re.findall(
                rb"URL[^:]*:(\S+/s/[^\s\\]+)", household.calendar[0].read_bytes().replace(b"\r\n ", b"")
            )

            stone = fill(disk, but=0)
            peer.deliver = False
            household.comes_home()
            for _ in range(3):
                assert peer.send(peer.told[-1]).status_code >= 500, "so that Strava tells of it again"
                assert requests.post(f"{page.decode()}/done", timeout=30).status_code >= 500
            tally.add(Fault.DISK_FULL, 6)
            assert requests.get(page.decode(), timeout=30).status_code == 200
            assert len(household.pending()) == 1

            stone.unlink()
            assert peer.send(peer.told[-1]).status_code == 200
            until(lambda: household.holds(TITLE), "the run that was told of meanwhile")
            assert requests.post(f"{page.decode()}/done", timeout=30).status_code == 200
            assert process.poll() is None, "it was never started anew"
    with closing(sqlite3.connect(disk / "afterrun.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
