"""Backing up, restoring, carrying everything away and leaving for good, as a person does it."""

import json
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from config.settings import load
from service.bootstrap import App, build
from service.persistence.vault import new_key
from service.ports import Refused
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


def sealed(runner: Person) -> App:
    """Return Afterrun with a token in its vault."""
    app = build(load(runner.home / "afterrun.toml", env={}))
    app._vault("me", "sources.strava").write({"token": "rotated"})
    return app


def test_a_new_key_takes_the_place_of_the_old_one(runner: Person) -> None:
    app = sealed(runner)
    key = runner.home / "afterrun-data" / "keys" / "vault.key"
    old = key.read_text()

    assert runner.types("rotate-key").exit_code == 0

    assert old not in key.read_text()
    assert len(key.read_text().split()) == 1
    assert key.stat().st_mode & 0o077 == 0
    again = build(app.settings)
    assert again._vault("me", "sources.strava").read() == {"token": "rotated"}
    with pytest.raises(Refused):
        app._vault("me", "sources.strava").read()
    app.close()
    again.close()


def test_killed_in_the_middle_of_a_rotation_every_token_still_opens(
    runner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = sealed(runner)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    for step in ("service.persistence.vault.reseal", "service.bootstrap.edges.put_key"):
        with monkeypatch.context() as danger:
            danger.setattr(step, killed)
            with pytest.raises(KeyboardInterrupt):
                app.rotate_key()
        again = build(app.settings)
        assert again._vault("me", "sources.strava").read() == {"token": "rotated"}
        again.close()
    app.close()


def test_a_key_that_systemd_hands_over_seals_and_is_left_to_its_owner(
    runner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = runner.home / "credentials"
    credentials.mkdir()
    older, newer = new_key(), new_key()
    (credentials / "vault_key").write_text(older)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    sealed(runner).close()
    assert not (runner.home / "afterrun-data" / "keys" / "vault.key").exists()

    (credentials / "vault_key").write_text(f"{newer}\n{older}\n")
    assert "1 token" in runner.types("rotate-key").stdout
    (credentials / "vault_key").write_text(newer)

    app = build(load(runner.home / "afterrun.toml", env={}))
    assert app._vault("me", "sources.strava").read() == {"token": "rotated"}
    app.close()
