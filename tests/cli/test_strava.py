"""From an empty folder to a routine after a run that was uploaded to Strava, by the command line alone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import Answer, Person
from tests.fakes import where_it_is_noon
from tests.integrations.strava_home import stored
from tests.peers.strava import Person as Athlete
from tests.peers.strava import Run, StravaPeer, a_run

# Nothing of a run may pass through other people's servers but which routine it earned.
TITLE, PULSE = "Zugspitze with Wilhelmine", 147.0


@pytest.fixture
def peer() -> Iterator[StravaPeer]:
    with StravaPeer() as peer:
        yield peer


@pytest.fixture
def ann(peer: StravaPeer) -> Athlete:
    return peer.athlete(7)


@pytest.fixture
def person(tmp_path: Path, peer: StravaPeer, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    person = Person(tmp_path)
    person.settles(settings(peer))
    return person


def settings(peer: StravaPeer, more: str = "") -> str:
    return f"""
        [athlete]
        timezone = "{where_it_is_noon()}"
        [sources.strava]
        client_id = {peer.client_id}
        client_secret = "{peer.client_secret}"
        base_url = "{peer.url}"
        oauth_url = "{peer.url}"
        {more}
        [channels.calendar]
        path = "calendar"
        """


def runs(ann: Athlete, **fields: Any) -> Run:  # noqa: ANN401 - fields of many types
    """Upload a run that ended five minutes ago."""
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=2718 + 300)
    return ann.runs(a_run(begun, seconds=2718, heart_rate=PULSE, **({"name": TITLE} | fields)))


def connects(person: Person, ann: Athlete, scope: str = "read,activity:read_all,profile:read_all") -> Answer:
    return person.types("connect", "strava", "--code", ann.consents(scope), "--scope", scope)


def syncs(person: Person) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(person.types("sync", "--json").stdout)
    return summary


def state(person: Person) -> tuple[int, dict[str, Any]]:
    answer = person.types("status", "--json")
    condition: dict[str, Any] = json.loads(answer.stdout)["sources"]["strava"]
    return answer.exit_code, condition


def pending(person: Person) -> list[dict[str, Any]]:
    sessions: list[dict[str, Any]] = json.loads(person.types("pending", "--json").stdout)
    return sessions


def test_from_an_empty_folder_to_a_routine(person: Person, ann: Athlete) -> None:
    runs(ann)

    connected = connects(person, ann)
    assert connected.exit_code == 0, connected.stderr
    assert "strava is connected" in connected.stdout

    summary = syncs(person)
    assert (summary["imported"], summary["judged"], summary["delivered"]) == (1, 1, 1)
    (session,) = pending(person)
    assert session["run_type"] in {"easy", "tempo"}
    assert len(list((person.home / "calendar").glob("*.ics"))) == 1

    exit_code, condition = state(person)
    assert exit_code == 0
    assert (condition["state"], condition["todo"]) == ("ok", None)
    assert condition["newest_activity"] is not None
    assert {one["name"] for one in condition["budget"]} >= {"reads in 15 min", "reads a day"}
    assert condition["budget"][0]["left"] == 80 - ann.peer.used()[0]
    assert "reads in 15 min" in person.types("status").stdout


def test_asked_again_nothing_comes_twice(person: Person, ann: Athlete) -> None:
    runs(ann)
    connects(person, ann)

    assert syncs(person)["imported"] == 1
    again = syncs(person)

    assert (again["recordings"], again["delivered"]) == (0, 0)
    assert len(pending(person)) == 1


def test_nothing_of_the_run_but_its_routine_leaves_the_house(person: Person, ann: Athlete) -> None:
    run = runs(ann)
    connects(person, ann)
    syncs(person)

    entry = stored(person.home / "calendar").decode().replace("\r\n ", "")  # unfolded

    assert "Light walking" in entry
    for trace in (TITLE, "Zugspitze", "7.56", "7,56", "7556", "147", "159", "2:46", "5:5", "6:0", str(run.id), "2.78"):
        assert trace not in entry


def test_nowhere_on_the_disk_is_told_where_somebody_ran(person: Person, ann: Athlete) -> None:
    runs(ann)
    connects(person, ann)
    syncs(person)

    kept = stored(person.home)

    assert TITLE.encode() in kept
    for trace in (b"latlng", b"polyline", b"51.508", b"_p~iF", b"Europe/London"):
        assert trace not in kept
    for token in [*ann.peer.access, *ann.peer.refresh]:
        assert token.encode() not in kept


def test_an_edit_at_strava_changes_the_routine_in_place(person: Person, ann: Athlete) -> None:
    run = runs(ann)
    connects(person, ann)
    syncs(person)
    (before,) = pending(person)
    ann.edits(run, name="8 x 400 m intervals")

    assert syncs(person)["imported"] == 0

    (after,) = pending(person)
    assert (after["id"], after["run_type"]) == (before["id"], "interval")
    assert len(list((person.home / "calendar").glob("*.ics"))) == 1


def test_a_delete_at_strava_takes_the_run_and_leaves_the_session(person: Person, ann: Athlete) -> None:
    run = runs(ann)
    connects(person, ann)
    syncs(person)
    (before,) = pending(person)
    ann.deletes(run)

    syncs(person)

    assert pending(person) == [before]
    assert TITLE.encode() not in stored(person.home / "afterrun-data")
    assert person.types("done").exit_code == 0
    corrected = person.types("correct", str(before["id"]), "tempo")
    assert corrected.exit_code == 1
    assert "No one run is kept" in corrected.stderr


def test_a_box_that_was_not_ticked_is_named_and_nothing_is_kept(person: Person, ann: Athlete) -> None:
    refused = connects(person, ann, "read")

    assert refused.exit_code == 1
    assert "View data about your activities" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    syncs(person)
    assert state(person)[1]["state"] == "needs_you"


def test_a_consent_taken_back_asks_for_the_runner_until_they_connect_again(person: Person, ann: Athlete) -> None:
    connects(person, ann)
    syncs(person)
    ann.takes_back()

    assert person.types("sync").exit_code == 1
    exit_code, condition = state(person)
    assert exit_code == 1
    assert condition["state"] == "needs_you"
    assert "afterrun connect strava" in condition["todo"]

    assert connects(person, ann).exit_code == 0
    runs(ann)
    assert syncs(person)["imported"] == 1
    assert state(person)[1]["state"] == "ok"


def test_an_application_strava_switched_off_is_explained(person: Person, ann: Athlete) -> None:
    connects(person, ann)
    ann.peer.active = False

    syncs(person)

    exit_code, condition = state(person)
    assert exit_code == 1
    assert "paid Strava subscription" in condition["todo"]
    assert "[sources.folder]" in condition["todo"]


def test_a_passing_fault_needs_nobody(person: Person, ann: Athlete) -> None:
    connects(person, ann)
    ann.peer.limits["X-ReadRateLimit"] = (0, 1000)

    syncs(person)

    exit_code, condition = state(person)
    assert exit_code == 0
    assert condition["state"] == "waiting"
    assert condition["next_try"] is not None
    asked = len(ann.peer.requests)
    syncs(person)
    assert len(ann.peer.requests) == asked


def test_disconnecting_gives_back_what_was_lent(person: Person, ann: Athlete) -> None:
    runs(ann)
    connects(person, ann)
    syncs(person)
    (before,) = pending(person)

    left = person.types("disconnect", "strava")

    assert left.exit_code == 0, left.stderr
    assert "Let go of 1 recording lent" in left.stdout
    assert (ann.peer.access, ann.peer.refresh) == ({}, {})
    assert TITLE.encode() not in stored(person.home / "afterrun-data")
    assert pending(person) == [before]


@pytest.mark.parametrize("name", ["folder", "calendar", "nobody"])
def test_what_holds_no_consent_has_none_to_give_back(person: Person, name: str) -> None:
    refused = person.types("disconnect", name)

    assert refused.exit_code == 2
    assert len(refused.stderr.strip().splitlines()) == 1


class TestPurge:
    def test_what_may_still_be_kept_stays(self, person: Person, ann: Athlete) -> None:
        runs(ann)
        connects(person, ann)
        syncs(person)

        assert "Nothing is to be let go of" in person.types("purge").stdout

    def test_before_its_time_it_goes_when_asked_for(self, person: Person, ann: Athlete) -> None:
        runs(ann)
        connects(person, ann)
        syncs(person)

        purged = person.types("purge", "--source", "strava", "--yes")

        assert "Let go of 1 recordings" in purged.stdout
        assert TITLE.encode() not in stored(person.home / "afterrun-data")
        assert len(pending(person)) == 1
        assert syncs(person)["imported"] == 0

    def test_without_a_yes_nothing_goes(self, person: Person, ann: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
        runs(ann)
        connects(person, ann)
        syncs(person)
        monkeypatch.setattr("click.confirm", lambda *_: False)

        assert person.types("purge", "--source", "strava").exit_code == 1
        assert TITLE.encode() in stored(person.home / "afterrun-data")

    def test_where_it_is_most_of_what_there_is_a_yes_is_not_enough(
        self, person: Person, ann: Athlete, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs(ann)
        connects(person, ann)
        syncs(person)
        monkeypatch.setattr("service.cli.letting_go.MANY", 1)

        refused = person.types("purge", "--source", "strava", "--yes")

        assert refused.exit_code == 2
        assert "1 of 1 recordings" in refused.stderr
        assert "Let go of 1" in person.types("purge", "--source", "strava", "--yes", "--all").stdout


class TestWebhook:
    def test_it_has_to_be_on_in_the_settings(self, person: Person) -> None:
        refused = person.types("webhook", "strava", "create")

        assert refused.exit_code == 2
        assert "webhook = true" in refused.stderr

    def test_where_nobody_serves_pages_strava_says_so(self, person: Person, peer: StravaPeer) -> None:
        person.settles(f'base_url = "http://127.0.0.1:9"\n{settings(peer, "webhook = true")}')

        refused = person.types("webhook", "strava", "create")

        assert refused.exit_code == 1
        assert "GET to callback URL does not return 200" in refused.stderr
        assert person.types("webhook", "strava", "check").exit_code == 1
        assert person.types("webhook", "strava", "remove").exit_code == 0
