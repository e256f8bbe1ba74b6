"""`connect` makes sure a source or channel works before it counts as well; every answer may be an option."""

import json
import sys
from io import StringIO
from pathlib import Path

import pytest

from tests.cli.test_commands import Person

CHANNELS = '[athlete]\ntimezone = "UTC"\n[channels.console]\n[sources.folder]\npath = "runs"\n'


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    person = Person(tmp_path)
    person.settles(CHANNELS)
    return person


def state(person: Person, group: str, name: str) -> str | None:
    last: str | None = json.loads(person.types("status", "--json").stdout)[group][name]["last_success"]
    return last


def test_a_channel_is_tried_and_the_person_asked(person: Person) -> None:
    said = person.types("connect", "console", "--came", "yes")

    assert said.exit_code == 0, said.stderr
    assert "Afterrun can reach you here" in said.stdout
    assert "console is connected" in said.stdout
    assert state(person, "channels", "console") is not None


def test_a_message_that_did_not_come_is_no_connection(person: Person) -> None:
    said = person.types("connect", "console", "--came=no")

    assert said.exit_code == 1
    assert "did not arrive" in said.stderr
    assert state(person, "channels", "console") is None


@pytest.mark.parametrize("answered", [("--came", "yes"), ("--came", "no"), ()])
def test_what_was_put_into_a_calendar_to_try_it_is_taken_away_again(
    person: Person, answered: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(""))
    person.settles('[athlete]\ntimezone = "UTC"\n[channels.calendar]\npath = "calendar"\n')

    said = person.types("connect", "calendar", *answered)

    assert said.exit_code == (0 if "yes" in answered else 1)
    assert "taken away again" in said.stdout
    assert list((person.home / "calendar").iterdir()) == []


def test_the_answer_may_be_typed(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("perhaps\nyes\n"))

    said = person.types("connect", "console")

    assert said.exit_code == 0
    assert said.stdout.count("arrive? [yes/no]") == 2


def test_where_nobody_answers_it_says_which_option_would(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(""))

    said = person.types("connect", "console")

    assert said.exit_code == 1
    assert "--came" in said.stderr


def test_a_source_is_reached(person: Person) -> None:
    said = person.types("connect", "folder")

    assert said.exit_code == 0, said.stderr
    assert state(person, "sources", "folder") is not None


def test_a_source_out_of_reach_is_said(person: Person) -> None:
    (person.home / "runs").rmdir()

    said = person.types("connect", "folder")

    assert said.exit_code == 1
    assert len(said.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "where"), [("ntfy", "[channels.ntfy]"), ("strava", "[sources.strava]"), ("x", "garmin, intervals")]
)
def test_what_the_settings_do_not_have_cannot_be_connected(person: Person, name: str, where: str) -> None:
    said = person.types("connect", name)

    assert said.exit_code == 2
    assert where in said.stderr


def test_an_answer_to_nothing_is_a_slip_of_the_pen(person: Person) -> None:
    said = person.types("connect", "folder", "--code", "abc")

    assert said.exit_code == 2
    assert "--code" in said.stderr


def test_an_answer_may_lie_in_a_file_so_that_nobody_reads_it_over_the_shoulder(person: Person) -> None:
    (person.home / "answer").write_text("yes\nand nothing else counts\n")

    assert person.types("connect", "console", "--came-file", person.home / "answer").exit_code == 0


@pytest.mark.parametrize(("text", "code"), [("", 2), (None, 1)])
def test_an_answers_file_that_is_empty_or_missing_is_named(person: Person, text: str | None, code: int) -> None:
    if text is not None:
        (person.home / "answer").write_text(text)

    said = person.types("connect", "console", "--came-file", person.home / "answer")

    assert said.exit_code == code
    assert "answer" in said.stderr
