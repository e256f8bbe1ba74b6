"""The command line keeps its contract: names, keys, exit codes, and one line where something is wrong."""

import gzip
import json
import subprocess
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

import integrations
from integrations import sample
from integrations.fit.encoder import encode
from service.cli import COMMANDS, main
from service.domain.activity import Activity
from service.domain.classification import RunType

CLASSIFY_KEYS = {
    *("file", "ok", "error", "sport", "start", "elapsed_s", "moving_s", "distance_m", "avg_hr", "type", "confidence"),
    *("secondary", "flags", "tier", "reasons", "efforts", "thresholds"),
}


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    exit_code: int
    stdout: str
    stderr: str


class Person:
    """Somebody at a terminal, in a folder of their own."""

    def __init__(self, home: Path, *, settled: bool = False) -> None:
        self.home = home
        if settled:
            return
        self.settles('[athlete]\ntimezone = "UTC"\n[channels.calendar]\npath = "calendar"\n')

    def settles(self, text: str) -> None:
        (self.home / "afterrun.toml").write_text(text)

    def types(self, *words: str | Path) -> Answer:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main([*map(str, words)])
        return Answer(exit_code=int(ended.value.code or 0), stdout=out.getvalue(), stderr=err.getvalue())

    def has(self, name: str, activity: Activity) -> Path:
        file = self.home / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(encode(activity))
        return file

    def ran(self, kind: RunType = RunType.TEMPO, *, ago: timedelta = timedelta(minutes=5)) -> Path:
        ended = datetime.now(UTC).replace(microsecond=0) - ago
        return self.has(f"{kind}-{ended:%d%H%M}.fit", sample.latest(kind, ended))


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    return Person(tmp_path)


def objects(result: Answer) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_import_accounts_for_every_file_and_again_finds_nothing_new(person: Person) -> None:
    folder = person.home / "files"
    for activity in sample.history(datetime.now(UTC), weeks=1):
        person.has(f"files/{activity.started_at:%d%H%M}.fit", activity)
    (folder / "torn.fit").write_bytes(b"\x0e\x10\x00")
    (folder / "notes.txt").write_text("not ours")
    runs = len(list(folder.glob("*.fit"))) - 1

    first, again = person.types("import", folder, "--json"), person.types("import", folder, "--json")

    *lines, summary = objects(first)
    assert summary == {"files": runs + 1, "imported": runs, "duplicate": 0, "not_activity": 0, "malformed": 1}
    assert {line["file"] for line in lines} == {file.name for file in folder.glob("*.fit")}
    assert objects(again)[-1] == {
        "files": runs + 1,
        "imported": 0,
        "duplicate": runs,
        "not_activity": 0,
        "malformed": 1,
    }
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert "torn.fit" in first.stderr


def test_a_folder_is_history_and_earns_no_routine(person: Person) -> None:
    person.has("files/today.fit", sample.latest(RunType.EASY, datetime.now(UTC) - timedelta(minutes=5)))

    person.types("import", person.home / "files")

    assert person.types("pending", "--json").stdout.strip() == "[]"


def test_todays_run_imported_by_itself_earns_its_routine(person: Person) -> None:
    result = person.types("import", person.ran())

    assert result.exit_code == 0, result.stderr
    assert "afterrun pending" in result.stdout
    (pending,) = json.loads(person.types("pending", "--json").stdout)
    assert set(pending) == {"id", "run_type", "part", "title", "seconds", "from", "until", "state"}
    assert len(list((person.home / "calendar").glob("*.ics"))) == 1


def test_an_old_run_earns_none(person: Person) -> None:
    person.types("import", person.ran(ago=timedelta(days=2)))

    assert "Nothing is pending" in person.types("pending").stdout


@pytest.mark.parametrize(
    ("command", "answer"), [("done", "Done"), ("skip", "Left out"), ("snooze", "Put off"), ("feel", "Noted")]
)
def test_without_a_number_the_newest_pending_session_is_meant(person: Person, command: str, answer: str) -> None:
    person.types("import", person.ran())

    result = person.types(command, *(["too much"] if command == "feel" else []))

    assert result.exit_code == 0, result.stderr
    assert answer in result.stdout


@pytest.mark.parametrize("words", [["too easy"], ["too", "easy"], ["too_easy"], ["too-easy", "1"], ["Good"]])
def test_how_a_session_was_can_be_said_after_it_is_done(person: Person, words: list[str]) -> None:
    person.types("import", person.ran())
    person.types("done")

    said = person.types("feel", *words)
    assert said.exit_code == 0, said.stderr


def test_the_morning_list_can_be_read_by_programs(person: Person) -> None:
    assert json.loads(person.types("digest", "--dry-run", "--json").stdout) is None
    person.types("import", person.ran())

    shown, told = person.types("digest", "--dry-run"), person.types("digest", "--dry-run", "--json")
    document = json.loads(told.stdout)
    assert set(document) == {"title", "body", "why", "steps", "link"}
    assert shown.stdout.startswith(document["title"])


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["sync", "nowhere"], "no source"),
        (["connect", "nowhere"], "there is folder, garmin"),
        (["webhook", "intervals", "check"], "strava"),
        (["feel", "sleepy"], "too easy"),
    ],
)
def test_a_name_nobody_knows_is_answered_with_what_there_is(person: Person, words: list[str], hint: str) -> None:
    answer = person.types(*words)

    assert (answer.exit_code, hint in answer.stderr) == (2, True), answer.stderr


def test_a_session_is_put_off_to_an_hour_the_evening_or_tomorrow(person: Person) -> None:
    person.types("import", person.ran())

    for until in ("evening", "tomorrow", "18:30"):
        assert person.types("snooze", "--until", until).exit_code == 0
    (session,) = json.loads(person.types("pending", "--json").stdout)
    assert session["from"][11:16] == "18:30"
    assert session["state"] == "snoozed"
    wrong = person.types("snooze", "--until", "noon")
    assert (wrong.exit_code, "evening" in wrong.stderr) == (2, True)


def test_how_a_run_felt_and_what_hurts_is_said_in_one_line(person: Person) -> None:
    person.types("import", person.ran())

    told = person.types("feel", "--run", "heavy", "--tight", "calves,hips", "--sore", "knees")

    assert told.exit_code == 0, told.stderr
    assert "leave your knee alone" in told.stdout
    assert "calves and hips first" in told.stdout
    (step_reasons,) = [line for line in person.types("pending").stdout.splitlines() if "min" in line][:1]
    assert "tempo" in step_reasons


@pytest.mark.parametrize(
    ("words", "hint"),
    [(["feel"], "too much"), (["feel", "--tight", "knee"], "--sore"), (["feel", "--sore", "elbow"], "knee")],
)
def test_a_feeling_nobody_can_have_is_answered_with_what_there_is(person: Person, words: list[str], hint: str) -> None:
    answer = person.types(*words)

    assert answer.exit_code == 2
    assert hint in answer.stderr


def test_insights_count_what_was_done_and_felt(person: Person) -> None:
    assert "nothing to count yet" in person.types("insights").stdout
    person.types("import", person.ran())
    person.types("done")
    person.types("feel", "--run", "good", "--tight", "calves")

    shown, document = person.types("insights").stdout, json.loads(person.types("insights", "--json").stdout)

    assert "1 done of 1 offered, 1 run\n" in shown
    assert "Tight after tempo runs: calves once." in shown
    assert "Too few to compare" in shown
    assert document["weeks"][-1]["done"] == 1
    assert document["after_none"] == {"good": 1}
    assert document["enough_to_compare"] is False


def test_status_says_what_waits_and_what_arrived(person: Person) -> None:
    person.types("import", person.ran(RunType.LONG))

    document = json.loads(person.types("status", "--json").stdout)

    assert {receipt["channel"] for receipt in document["receipts"]} == {"calendar"}
    assert "arrived: " in person.types("status").stdout


def test_classify_prints_the_contracts_keys_for_good_and_bad_files(person: Person) -> None:
    good, bad = person.ran(RunType.INTERVAL), person.home / "bad.fit"
    bad.write_bytes(b"nothing")

    result = person.types("classify", good, bad, "--json")

    judged, failed = objects(result)
    assert set(judged) == set(failed) == CLASSIFY_KEYS
    assert (judged["ok"], judged["type"], failed["ok"]) == (True, "interval", False)
    assert judged["reasons"]
    assert failed["error"]
    assert result.exit_code == 1


def test_classify_keeps_nothing(person: Person) -> None:
    before = set(person.home.iterdir())
    file = person.ran()

    person.types("classify", file)

    assert set(person.home.iterdir()) == before | {file}


def test_routine_prints_the_contracts_keys(person: Person) -> None:
    result = person.types(
        "routine", "--type", "tempo", "--flags", "hilly,fast", "--kit", "none", "--seed", "3", "--json"
    )

    (routine,) = objects(result)
    assert set(routine) == {"type", "title", "seconds", "part", "steps", "reasons"}
    steps = routine["steps"]
    assert isinstance(steps, list)
    assert set(steps[0]) == {
        *("movement", "name", "seconds", "reps", "sides", "hold_s", "kit", "areas", "cue", "reason"),
    }
    assert all(step["kit"] == [] for step in steps)
    assert steps[0]["movement"] == "light_walk"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["routine", "--type", "tempo", "--kit", "rollre"], "roller"),
        (["routine", "--type", "tempo", "--flags", "windy"], "hilly"),
        (["routine", "--type", "fast"], "tempo"),
        (["routine", "--type", "easy", "--minutes", "90"], "30"),
        (["import"], "PATHS"),
        (["digest", "--date", "tomorrow"], "tomorrow"),
    ],
)
def test_a_wrong_wish_is_answered_with_what_there_is(person: Person, words: list[str], hint: str) -> None:
    answer = person.types(*words)

    assert answer.exit_code == 2
    assert hint in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["done", "99"], 1),
        (["done"], 1),
        (["import", "nowhere.fit"], 1),
        (["classify", "nowhere.fit"], 1),
        (["status", "--config", "nowhere.toml"], 2),
    ],
)
def test_an_error_is_one_line_without_a_traceback(person: Person, words: list[str], code: int) -> None:
    answer = person.types(*words)

    assert answer.exit_code == code
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "Traceback" not in answer.stderr


def test_config_is_taken_before_or_after_the_commands_name(person: Person, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[athlete]\nnaem = 'x'\n")

    before, after = person.types("--config", other, "status"), person.types("status", "--config", other)

    assert before == after
    assert before.exit_code == 2
    assert "did you mean name" in before.stderr


def test_status_has_the_contracts_keys(person: Person) -> None:
    person.settles('[sources.folder]\npath = "runs"\n[channels.console]\n')

    document = json.loads(person.types("status", "--json").stdout)

    assert set(document) >= {"sources", "channels", "outbox"}
    assert set(document["sources"]["folder"]) >= {
        *("state", "last_success", "newest_activity", "backlog", "next_try", "todo"),
    }
    assert document["channels"]["console"]["state"] == "ok"


def test_sync_takes_a_file_that_has_just_arrived_all_the_way(person: Person) -> None:
    person.settles('[sources.folder]\npath = "runs"\n[channels.calendar]\npath = "calendar"\n')
    (person.home / "runs").mkdir()
    person.ran(RunType.LONG).rename(person.home / "runs" / "today.fit")

    first, again = person.types("sync", "--json"), person.types("sync")

    (summary,) = objects(first)
    assert (summary["imported"], summary["judged"]) == (1, 1)
    assert len(list((person.home / "calendar").glob("*.ics"))) >= 1
    assert "sources.folder: 0 new of 0" in again.stdout


def test_a_source_this_release_cannot_reach_is_named(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrations, "names", lambda: ("folder",))
    person.settles('[sources.intervals]\napi_key = "k"\n')

    result = person.types("sync")

    assert result.exit_code == 2
    assert "sources.intervals" in result.stderr


def test_doctor_says_what_is_fine_and_what_mends_the_rest(person: Person) -> None:
    person.settles('[sources.folder]\npath = "nowhere"\n')

    result = person.types("doctor")

    assert result.exit_code == 1
    assert "nowhere" in result.stdout
    assert "database" in result.stdout


def test_doctor_notices_links_that_no_phone_can_open(person: Person) -> None:
    person.settles('[channels.apprise]\nurls = ["json://127.0.0.1:9/"]\n')

    assert "Your phone cannot open it" in person.types("doctor").stdout
    person.settles('base_url = "http://my-machine.lan:8710"\n[channels.apprise]\nurls = ["json://127.0.0.1:9/"]\n')
    assert "Your phone cannot open it" not in person.types("doctor").stdout


def test_the_demonstration_shows_a_run_of_each_kind_and_keeps_off_other_peoples_folders(person: Person) -> None:
    shown, refused = person.types("demo", "--keep", "demo"), person.types("demo", "--keep", person.home)

    assert shown.exit_code == 0, shown.stderr
    for kind in ("easy run", "tempo run", "interval session", "long run"):
        assert f"Judged: {kind}" in shown.stdout
    assert len(list((person.home / "demo" / "calendar").glob("*.ics"))) == 5
    assert refused.exit_code == 1
    assert "empty folder" in refused.stderr


def test_help_comes_at_once_because_no_command_is_imported_for_it() -> None:
    script = "import sys; from service.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    script += "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own

    assert not {"numpy", "sqlalchemy", "pydantic", "rich", "fitparse", "alembic"} & set(
        json.loads(loaded.stderr.replace("'", '"'))
    )
    assert all(name in loaded.stdout for name in COMMANDS)


def test_every_command_explains_itself(person: Person) -> None:
    for name in COMMANDS:
        answer = person.types(name, "--help")
        assert answer.exit_code == 0
        assert "Usage" in answer.stdout


def test_an_export_zip_is_taken_whole_and_silently(person: Person) -> None:
    with zipfile.ZipFile(person.home / "export.zip", "w") as export:
        for activity in sample.history(datetime.now(UTC), weeks=1):
            export.writestr(f"activities/{activity.started_at:%d}.fit.gz", gzip.compress(encode(activity)))
        export.writestr("activities.csv", "Activity ID,Activity Name\n")

    first, again = person.types("import", "export.zip", "--json"), person.types("import", "export.zip", "--json")

    *lines, summary = objects(first)
    assert summary["imported"] == len(lines) > 2
    assert objects(again)[-1]["duplicate"] == len(lines)
    assert person.types("pending", "--json").stdout.strip() == "[]"
