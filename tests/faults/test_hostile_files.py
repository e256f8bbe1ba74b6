"""Hostile files beside a good one: the good one is taken, the others are parked or left alone, and that is all."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType
from tests.faults.conftest import Fault, Tally
from tests.faults.hostile_files import put_there, zipped

pytestmark = pytest.mark.faults

AFTERRUN = Path(sys.executable).with_name("afterrun")
SETTINGS = '[athlete]\ntimezone = "UTC"\n[sources.folder]\npath = "runs"\n[channels.calendar]\npath = "calendar"\n'
# Two readers that each may take a gigabyte (engine/readers.py), and whoever started them.
MOST_KILOBYTES = 1_500_000


class Victim:
    """Somebody whose folder is full of them."""

    def __init__(self, home: Path) -> None:
        self.home, self.runs = home, home / "runs"
        self.runs.mkdir(parents=True)
        (home / "afterrun.toml").write_text(SETTINGS)
        ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
        elsewhere = home.parent / "elsewhere.fit"
        elsewhere.write_bytes(encode(sample.latest(RunType.TEMPO, ended - timedelta(days=3))))
        good = encode(sample.latest(RunType.INTERVAL, ended))
        (self.runs / "good.fit").write_bytes(good)
        self.named = put_there(self.runs, good, elsewhere)

    def says(self, *command: str) -> subprocess.CompletedProcess[str]:
        measured = "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]); "
        measured += (
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(done.returncode)"
        )
        return subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-c", measured, AFTERRUN, *command],
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def outside(self) -> set[Path]:
        return set(self.home.parent.iterdir())


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    return Victim(tmp_path / "home")


def kilobytes(answer: subprocess.CompletedProcess[str]) -> int:
    """Return the most memory that any process of a command had."""
    return int(answer.stderr.splitlines()[-1])


def test_imported_by_hand_each_is_accounted_for(victim: Victim, tally: Tally) -> None:
    before = victim.outside()

    answer = victim.says("import", "runs", "--json")

    tally.add(Fault.HOSTILE, len(victim.named))
    *files, summary = map(json.loads, answer.stdout.splitlines())
    outcomes = {one["file"]: one["outcome"] for one in files}
    assert answer.returncode == 1, "some could not be read"
    imported = {name for name, outcome in outcomes.items() if outcome == "imported"}
    assert imported == {"good.fit", "link.fit"}, "what its owner links to is meant, where they import it by hand"
    assert summary["imported"] == 2
    missing = [
        name for name in victim.named if not any(name in said for said in outcomes) and name not in answer.stderr
    ]
    assert missing == []
    assert all(one["reason"] for one in files if one["outcome"] == "malformed")
    assert "Traceback" not in answer.stderr
    assert "\x1b" not in answer.stderr + answer.stdout
    assert kilobytes(answer) < MOST_KILOBYTES
    assert victim.outside() == before


def test_in_a_watched_folder_the_good_one_is_told_of_and_the_rest_is_parked(victim: Victim, tally: Tally) -> None:
    answer = victim.says("sync")

    tally.add(Fault.HOSTILE, len(victim.named))
    assert "Traceback" not in answer.stderr
    assert len(list((victim.home / "calendar").glob("*.ics"))) == 1
    assert kilobytes(answer) < MOST_KILOBYTES
    again = victim.says("sync", "--json")
    assert json.loads(again.stdout)["recordings"] == 0, "none is read again and again"
    assert victim.says("status").returncode == 0, "nobody is needed"
    assert "\x1b" not in victim.says("status").stdout


def test_a_members_name_leads_nowhere(victim: Victim, tally: Tally) -> None:
    before = victim.outside()
    good = (victim.runs / "good.fit").read_bytes()
    names = ["../../escaped.fit", "/escaped.fit", "C:\\escaped.fit", "a/../../escaped.fit", "x\n\x1b[31m.fit"]
    (victim.home / "tricks.zip").write_bytes(zipped(dict.fromkeys(names, good)))

    answer = victim.says("import", "tricks.zip")

    tally.add(Fault.HOSTILE, len(names))
    assert "1 imported" in answer.stdout
    assert "\x1b" not in answer.stdout + answer.stderr
    assert victim.outside() == before
    assert not list(victim.home.rglob("escaped.fit"))
