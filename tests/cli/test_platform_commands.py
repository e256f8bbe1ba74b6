"""A platform from the command line: connected, asked, in trouble and out of it again, against stand-ins on loopback."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from garminconnect.client import sso

from integrations import sample
from integrations.fit import encode
from service.domain.classification import RunType
from tests.cli.test_commands import Person
from tests.fakes import where_it_is_noon
from tests.peers.garmin import GarminPeer, too_fast
from tests.peers.garmin_connect import GarminConnectPeer
from tests.peers.http import Trouble
from tests.peers.intervals import IntervalsPeer

HERE = where_it_is_noon()
HEAD = f'[athlete]\ntimezone = "{HERE}"\n[channels.calendar]\npath = "calendar"\n'


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    for end in ("MIN", "MAX"):
        monkeypatch.setattr(sso, f"MOBILE_DELAY_{end}_S", 0.0)
    return Person(tmp_path)


@pytest.fixture
def garmin() -> Iterator[GarminPeer]:
    with GarminPeer(now=datetime.now(UTC)) as peer:
        yield peer


@pytest.fixture
def connect() -> Iterator[GarminConnectPeer]:
    with GarminConnectPeer(now=datetime.now(UTC), code="123456") as peer:
        yield peer


@pytest.fixture
def intervals() -> Iterator[IntervalsPeer]:
    with IntervalsPeer() as peer:
        yield peer


def a_run(*, ago: timedelta = timedelta(minutes=5)) -> tuple[bytes, datetime]:
    """Return a tempo run that ended so long ago, as a file, and when it began by the runner's watch."""
    activity = sample.latest(RunType.TEMPO, datetime.now(UTC).replace(microsecond=0) - ago)
    return encode(activity), activity.started_at.replace(tzinfo=None)


def said(person: Person, *words: str) -> Any:  # noqa: ANN401 - what the command is specified to say
    return json.loads(person.types(*words, "--json").stdout)


def state(person: Person, name: str) -> dict[str, Any]:
    found: dict[str, Any] = said(person, "status")["sources"][name]
    return found


class TestGarmin:
    @pytest.fixture(autouse=True)
    def _settings(self, person: Person, garmin: GarminPeer) -> None:
        person.settles(f'{HEAD}[sources.garmin]\napi_key = "a-key"\nbase_url = "{garmin.url}"\n')

    def test_from_a_key_to_a_routine(self, person: Person, garmin: GarminPeer) -> None:
        body, begun = a_run()
        garmin.put("1001", body, begun=begun)

        connected = person.types("connect", "garmin")
        assert connected.exit_code == 0, connected.stderr
        assert said(person, "sync")["imported"] == 1
        (session,) = said(person, "pending")
        assert session["run_type"] == "tempo"
        assert state(person, "garmin")["state"] == "ok"
        assert state(person, "garmin")["newest_activity"] is not None
        assert person.types("status").exit_code == 0
        assert said(person, "sync")["recordings"] == 0

    def test_a_key_that_is_not_known_needs_a_human_until_there_is_another(
        self, person: Person, garmin: GarminPeer
    ) -> None:
        person.types("sync")
        garmin.keys, garmin.tokens = {"another-key"}, {}

        refused = person.types("sync", "--json")
        assert refused.exit_code == 1
        assert "a-key" not in refused.stderr + refused.stdout
        assert state(person, "garmin")["state"] == "needs_you"
        assert "afterrun connect garmin" in state(person, "garmin")["todo"]
        assert person.types("status").exit_code == 1

        person.settles(f'{HEAD}[sources.garmin]\napi_key = "another-key"\nbase_url = "{garmin.url}"\n')
        assert person.types("sync").exit_code == 0
        assert state(person, "garmin")["state"] == "ok"

    def test_a_busy_garmin_is_waited_for_and_not_asked_before_its_time(
        self, person: Person, garmin: GarminPeer
    ) -> None:
        garmin.trouble(too_fast("600"), at="/search/")
        assert person.types("sync").exit_code == 1
        assert state(person, "garmin")["state"] == "waiting"
        assert person.types("status").exit_code == 0
        asked = len(garmin.requests)
        person.types("sync")
        assert len(garmin.requests) == asked
        held = datetime.fromisoformat(state(person, "garmin")["next_try"]) - datetime.now(UTC)
        assert timedelta(minutes=8) < held <= timedelta(minutes=10)

    def test_a_key_that_ends_soon_is_spoken_of_while_all_is_well(self, person: Person, garmin: GarminPeer) -> None:
        soon = datetime.now(UTC).date() + timedelta(days=3)
        person.settles(f'{HEAD}[sources.garmin]\napi_key = "a-key"\nkey_ends = {soon}\nbase_url = "{garmin.url}"\n')
        assert person.types("sync").exit_code == 0
        assert state(person, "garmin")["state"] == "ok"
        assert "ends on" in state(person, "garmin")["todo"]
        assert person.types("status").exit_code == 0
        assert "ends on" in person.types("digest", "--dry-run").stdout


class TestIntervals:
    def test_from_a_key_to_a_routine(self, person: Person, intervals: IntervalsPeer) -> None:
        person.settles(f'{HEAD}[sources.intervals]\napi_key = "a-key"\nbase_url = "{intervals.url}"\n')
        body, begun = a_run()
        intervals.put("i1001", body, begun=begun)
        intervals.put("17000000001", b"", begun=begun, source="STRAVA")

        connected = person.types("connect", "intervals")
        assert connected.exit_code == 0, connected.stderr
        assert "Strava" in connected.stdout
        assert said(person, "sync")["imported"] == 1
        assert [session["run_type"] for session in said(person, "pending")] == ["tempo"]
        assert state(person, "intervals")["state"] == "ok"

    def test_one_run_from_two_platforms_earns_one_routine(
        self, person: Person, intervals: IntervalsPeer, garmin: GarminPeer
    ) -> None:
        person.settles(
            f'{HEAD}[sources.intervals]\napi_key = "a-key"\nbase_url = "{intervals.url}"\n'
            f'[sources.garmin]\napi_key = "a-key"\nbase_url = "{garmin.url}"\n'
        )
        body, begun = a_run()
        intervals.put("i1001", body, begun=begun)
        garmin.put("1001", body, begun=begun)

        counts = said(person, "sync")
        assert (counts["imported"], counts["duplicate"]) == (1, 1)
        assert len(said(person, "pending")) == 1


class TestGarminConnect:
    ANSWERS = ("--email", "kim@example.org", "--password", "a-password", "--mfa", "123456")

    @pytest.fixture(autouse=True)
    def _settings(self, person: Person, connect: GarminConnectPeer) -> None:
        person.settles(f'{HEAD}[sources.garmin_connect]\nbase_url = "{connect.url}"\n')

    def test_from_a_password_to_a_routine(self, person: Person, connect: GarminConnectPeer) -> None:
        body, begun = a_run()
        connect.put("1001", body, begun=begun)

        connected = person.types("connect", "garmin_connect", *self.ANSWERS)
        assert connected.exit_code == 0, connected.stderr
        assert said(person, "sync")["imported"] == 1
        assert [session["run_type"] for session in said(person, "pending")] == ["tempo"]
        assert state(person, "garmin_connect")["state"] == "ok"
        assert b"a-password" not in b"".join(file.read_bytes() for file in person.home.rglob("*") if file.is_file())

    def test_before_it_is_connected_it_says_how(self, person: Person) -> None:
        assert person.types("sync").exit_code == 1
        assert state(person, "garmin_connect")["state"] == "needs_you"
        assert "afterrun connect garmin_connect" in state(person, "garmin_connect")["todo"]

    def test_the_password_may_lie_in_a_file_and_no_code_be_needed(
        self, person: Person, connect: GarminConnectPeer
    ) -> None:
        connect.code = ""
        (person.home / "pw").write_text("a-password\n")
        words = ("--email", "kim@example.org", "--password-file", str(person.home / "pw"), "--mfa", "123456")
        assert person.types("connect", "garmin_connect", *words).exit_code == 0

    def test_after_a_block_its_end_is_shown_and_nobody_shortens_it(
        self, person: Person, connect: GarminConnectPeer
    ) -> None:
        connect.trouble(Trouble(status=429), times=9, at="/mobile/api/login")
        blocked = person.types("connect", "garmin_connect", *self.ANSWERS)
        assert blocked.exit_code == 1
        assert "left alone until" in blocked.stderr
        asked = len(connect.requests)

        assert state(person, "garmin_connect")["state"] == "waiting"
        until = datetime.fromisoformat(state(person, "garmin_connect")["next_try"])
        assert until - datetime.now(UTC) > timedelta(minutes=110)
        for words in (("sync",), ("connect", "garmin_connect", *self.ANSWERS)):
            person.types(*words)
        assert len(connect.requests) == asked
        assert datetime.fromisoformat(state(person, "garmin_connect")["next_try"]) > until - timedelta(seconds=1)

    @pytest.mark.usefixtures("connect")
    def test_who_leaves_is_forgotten(self, person: Person) -> None:
        person.types("connect", "garmin_connect", *self.ANSWERS)
        assert person.types("disconnect", "garmin_connect").exit_code == 0
        assert person.types("sync").exit_code == 1
        assert "afterrun connect garmin_connect" in state(person, "garmin_connect")["todo"]

    def test_tokens_that_garmin_ended_need_a_human(self, person: Person, connect: GarminConnectPeer) -> None:
        person.types("connect", "garmin_connect", *self.ANSWERS)
        connect.tokens.access.clear()
        connect.tokens.refresh.clear()

        assert person.types("sync").exit_code == 1
        assert state(person, "garmin_connect")["state"] == "needs_you"
        assert person.types("status").exit_code == 1
        person.types("connect", "garmin_connect", *self.ANSWERS)
        assert state(person, "garmin_connect")["state"] == "ok"


class TestTheWatch:
    @pytest.fixture(autouse=True)
    def _settings(self, person: Person, connect: GarminConnectPeer) -> None:
        self.settles(person, connect, "workouts = true")
        connect.code = ""
        answered = person.types("connect", "garmin_connect", "--email", connect.email, "--password", connect.password)
        assert answered.exit_code == 0, answered.stderr
        body, begun = a_run()
        connect.put("1001", body, begun=begun)

    @staticmethod
    def settles(person: Person, connect: GarminConnectPeer, more: str) -> None:
        person.settles(f'{HEAD}[sources.garmin_connect]\nbase_url = "{connect.url}"\n{more}\n')

    @staticmethod
    def channel(person: Person) -> dict[str, Any]:
        found: dict[str, Any] = said(person, "status")["channels"]["garmin_connect"]
        return found

    def test_a_run_puts_a_workout_on_its_day(self, person: Person, connect: GarminConnectPeer) -> None:
        assert self.channel(person)["state"] == "ok"
        person.types("sync")
        (session,) = said(person, "pending")
        ((day, workout),) = connect.calendar
        assert day == f"{datetime.fromisoformat(session['from']).astimezone(ZoneInfo(HERE)):%F}"
        assert workout["workoutName"].startswith("After your tempo run")
        assert workout["estimatedDurationInSecs"] == pytest.approx(session["seconds"], abs=60)
        assert workout["sportType"]["sportTypeKey"] == "mobility"

    @pytest.mark.parametrize("word", ["done", "skip"])
    def test_what_is_settled_is_taken_off(self, person: Person, connect: GarminConnectPeer, word: str) -> None:
        person.types("sync")
        assert person.types(word).exit_code == 0
        person.types("sync")
        assert (connect.calendar, connect.workouts) == ([], {})

    def test_what_is_put_off_moves(self, person: Person, connect: GarminConnectPeer) -> None:
        person.types("sync")
        ((before, _),) = connect.calendar
        assert person.types("snooze", "--until", "tomorrow").exit_code == 0
        person.types("sync")
        ((after, _),) = connect.calendar
        assert after > before
        assert len(connect.workouts) == 1

    def test_what_is_done_on_the_watch_is_done(self, person: Person, connect: GarminConnectPeer) -> None:
        person.types("sync")
        (workout,) = connect.workouts
        connect.put("1002", b"", begun=datetime.now(UTC).replace(tzinfo=None), kind="mobility", workout=workout)
        person.types("sync")
        assert said(person, "pending") == []
        assert connect.workouts == {}

    def test_the_sport_is_the_runners_choice(self, person: Person, connect: GarminConnectPeer) -> None:
        self.settles(person, connect, 'workouts = true\nworkout_sport = "yoga"')
        person.types("sync")
        ((_, workout),) = connect.calendar
        assert workout["sportType"]["sportTypeKey"] == "yoga"

    def test_the_watch_alone_may_be_wanted(self, person: Person, connect: GarminConnectPeer) -> None:
        self.settles(person, connect, "workouts = true\nruns = false")
        asked = len(connect.requests)
        assert person.types("import", person.ran()).exit_code == 0
        person.types("sync")
        assert "garmin_connect" not in said(person, "status")["sources"]
        assert len(connect.calendar) == 1
        assert not any("download-service" in request.path for request in connect.requests[asked:])

    def test_without_workouts_it_is_no_channel(self, person: Person, connect: GarminConnectPeer) -> None:
        self.settles(person, connect, "workouts = false")
        person.types("sync")
        assert "garmin_connect" not in said(person, "status")["channels"]
        assert connect.workouts == {}

    def test_a_block_of_one_part_holds_the_other(self, person: Person, connect: GarminConnectPeer) -> None:
        connect.trouble(Trouble(status=429, headers={"Retry-After": "7200"}), at="/workout-service/workout")
        person.types("sync")
        asked = len(connect.requests)
        person.types("sync")
        assert len(connect.requests) == asked
        assert self.channel(person)["state"] == state(person, "garmin_connect")["state"] == "waiting"

    def test_tokens_that_garmin_ended_are_mended_for_both_parts(
        self, person: Person, connect: GarminConnectPeer
    ) -> None:
        person.types("sync")
        connect.tokens.access.clear()
        connect.tokens.refresh.clear()
        person.types("done")
        person.types("sync")
        assert self.channel(person)["state"] == state(person, "garmin_connect")["state"] == "needs_you"
        assert "afterrun connect garmin_connect" in self.channel(person)["todo"]

        person.types("connect", "garmin_connect", "--email", connect.email, "--password", connect.password)
        assert self.channel(person)["state"] == state(person, "garmin_connect")["state"] == "ok"
