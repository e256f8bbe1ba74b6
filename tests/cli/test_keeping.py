"""Backing up, restoring, carrying everything away and leaving for good, as a person does it."""

import json
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from tests.cli.test_commands import Person, person

__all__ = ["person"]


@pytest.fixture
def runner(person: Person) -> Person:
    """Return somebody with a run and its routine."""
    assert person.types("import", person.ran()).exit_code == 0
    return person


def backup_of(person: Person, *where: str) -> Path:
    answer = person.types("backup", *where)
    assert answer.exit_code == 0, answer.stderr
    return Path(answer.stdout.partition(": ")[0])


def pending(person: Person) -> list[object]:
    found: list[object] = json.loads(person.types("pending", "--json").stdout)
    return found


def test_what_was_lost_comes_back(runner: Person) -> None:
    before = pending(runner)
    place = backup_of(runner)
    (runner.home / "afterrun.db").unlink()
    assert pending(runner) == []

    assert runner.types("restore", place, "--yes").exit_code == 0
    assert pending(runner) == before


def test_what_is_here_is_replaced_only_when_one_says_so(runner: Person) -> None:
    place = backup_of(runner)
    runner.types("done")

    refused = runner.types("restore", place)
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert pending(runner) == []

    replaced = runner.types("restore", place, "--yes")
    assert replaced.exit_code == 0
    assert ".before-" in replaced.stdout
    assert len(pending(runner)) == 1


def test_a_worker_at_work_keeps_a_restore_away(runner: Person) -> None:
    place = backup_of(runner)
    with FileLock(runner.home / "afterrun-data" / "worker.lock"):
        refused = runner.types("restore", place, "--yes")

    assert refused.exit_code == 1
    assert "stop it first" in refused.stderr


def test_a_backup_goes_where_one_says_and_the_oldest_go(runner: Person) -> None:
    safe = runner.home / "safe"
    safe.mkdir()
    for day in range(1, 4):
        (safe / f"afterrun-2020010{day}T000000Z.zip").touch()

    assert backup_of(runner, "safe", "--keep", "2").parent == Path("safe")
    assert len(list(safe.iterdir())) == 2
    assert backup_of(runner, "exactly-here.zip") == Path("exactly-here.zip")


def test_a_damaged_backup_is_said_in_one_line(runner: Person) -> None:
    place = backup_of(runner)
    place.write_bytes(place.read_bytes()[: 5 * place.stat().st_size // 6])

    answer = runner.types("restore", place, "--yes")
    assert answer.exit_code == 1
    assert len(answer.stderr.splitlines()) == 1
    assert len(pending(runner)) == 1


def test_everything_can_be_carried_away(runner: Person) -> None:
    answer = runner.types("export", "mine.zip")

    assert answer.exit_code == 0
    with zipfile.ZipFile(runner.home / "mine.zip") as pack:
        assert json.loads(pack.read("afterrun.json"))["sessions"]
        assert [name for name in pack.namelist() if name.endswith(".fit")]


def test_leaving_asks_and_the_last_one_has_to_mean_it(runner: Person) -> None:
    first = runner.types("delete-athlete", "me", "--yes")
    assert first.exit_code == 2
    assert "--everything" in first.stderr
    assert len(pending(runner)) == 1

    assert runner.types("delete-athlete", "me", "--yes", "--everything").exit_code == 0
    assert pending(runner) == []
    assert not [path for path in (runner.home / "afterrun-data" / "raws").rglob("*") if path.is_file()]


def test_nobody_answering_takes_nothing_away(runner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.cli.keeping._typed", lambda _: "")

    assert runner.types("delete-athlete", "me", "--everything").exit_code == 1
    assert len(pending(runner)) == 1


def test_a_stranger_is_said_to_be_one(runner: Person) -> None:
    answer = runner.types("delete-athlete", "anna", "--yes")

    assert answer.exit_code == 1
    assert "there is of me" in answer.stderr
