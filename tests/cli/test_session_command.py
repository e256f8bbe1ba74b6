"""A session by its number: to read, for programs, and as a workout for a watch."""

import json
from pathlib import Path

import pytest
from fitparse import FitFile

from service.domain.classification import RunType
from tests.cli.test_commands import Person


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    person = Person(tmp_path)
    assert person.types("import", person.ran(RunType.TEMPO)).exit_code == 0
    return person


def steps_of(file: Path) -> list[dict[str, object]]:
    return [one.get_values() for one in FitFile(str(file)).get_messages("workout_step")]


def test_it_reads_step_by_step(person: Person) -> None:
    (session,) = json.loads(person.types("pending", "--json").stdout)
    read = person.types("session", session["id"])
    assert read.exit_code == 0
    assert session["title"] in read.stdout.splitlines()[0]
    told = json.loads(person.types("session", session["id"], "--json").stdout)
    assert all(step["name"] in read.stdout for step in told["steps"])
    assert read.stdout == person.types("session").stdout


def test_for_programs_it_is_what_pending_says_and_its_steps_with_reasons(person: Person) -> None:
    (session,) = json.loads(person.types("pending", "--json").stdout)
    told = json.loads(person.types("session", "--json").stdout)
    assert {key: told[key] for key in session} == session
    assert 0 < sum(step["seconds"] for step in told["steps"]) <= session["seconds"]
    assert told["reasons"]


def test_a_watch_takes_it_as_a_file(person: Person) -> None:
    written = person.types("session", "--fit", "routine.fit")
    assert written.exit_code == 0
    assert "routine.fit" in written.stdout
    told = json.loads(person.types("session", "--json").stdout)
    (workout,) = FitFile("routine.fit").get_messages("workout")
    assert workout.get_value("wkt_name") == told["title"]
    assert (workout.get_value("sport"), workout.get_value("sub_sport")) == ("training", "flexibility_training")
    names = " ".join(str(step.get("wkt_step_name")) for step in steps_of(Path("routine.fit")))
    assert all(step["name"] in names for step in told["steps"])


def test_the_sport_is_that_of_the_settings_unless_said(person: Person) -> None:
    person.settles((person.home / "afterrun.toml").read_text() + '[sources.garmin_connect]\nworkout_sport = "yoga"\n')
    for words, sub_sport in (((), "yoga"), (("--sport", "pilates"), "pilates")):
        person.types("session", "--fit", "routine.fit", *words)
        (workout,) = FitFile("routine.fit").get_messages("workout")
        assert workout.get_value("sub_sport") == sub_sport


def test_a_file_and_a_document_at_once_leave_the_output_to_the_document(person: Person) -> None:
    answer = person.types("session", "--json", "--fit", "routine.fit")
    assert json.loads(answer.stdout)["title"]
    assert "routine.fit" in answer.stderr


def test_a_file_that_cannot_be_written_is_said_in_one_line(person: Person) -> None:
    answer = person.types("session", "--fit", "nowhere/routine.fit")
    assert answer.exit_code == 1
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "nowhere/routine.fit" in answer.stderr


@pytest.mark.parametrize(("words", "code"), [(("4711",), 1), (("--athlete", "nobody"), 2)])
def test_one_that_is_not_there_is_said_in_one_line(person: Person, words: tuple[str, ...], code: int) -> None:
    answer = person.types("session", *words)
    assert answer.exit_code == code
    assert len(answer.stderr.strip().splitlines()) == 1


def test_what_is_settled_can_still_be_read(person: Person) -> None:
    (session,) = json.loads(person.types("pending", "--json").stdout)
    person.types("done")
    assert person.types("session", session["id"]).exit_code == 0
    assert person.types("session").exit_code == 1
