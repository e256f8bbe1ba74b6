"""The bulk exports of Strava and Garmin, taken whole through the command line: titles, sports, newest first, again."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import load
from integrations import sample
from integrations.fit import encode
from service.bootstrap import build
from service.domain.activity import Activity
from service.domain.classification import RunType
from tests.cli.test_commands import Answer, Person, objects
from tests.integrations.written import gpx, tcx

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    return Person(tmp_path)


def runs() -> list[Activity]:
    """Return three runs of three days, the newest last."""
    kinds = (RunType.EASY, RunType.INTERVAL, RunType.LONG)
    return [sample.latest(kind, NOW - timedelta(days=30 - day)) for day, kind in enumerate(kinds)]


def zipped(**members: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return body.getvalue()


def strava() -> dict[str, bytes]:
    as_fit, as_gpx, as_tcx = runs()
    table = (
        "Activity ID,Activity Date,Activity Name,Activity Type,Filename\n"
        "1,x,Morning shuffle,Run,activities/1.fit.gz\n2,x,Track with friends,Run,activities/2.gpx\n"
        "3,x,To the lake,Run,activities/3.tcx.gz\n4,x,Gym,Workout,\n"
    )
    return {
        "activities.csv": table.encode(),
        "activities/1.fit.gz": gzip.compress(encode(as_fit)),
        "activities/2.gpx": gpx(replace(as_gpx, title="Lunch Run")),
        "activities/3.tcx.gz": gzip.compress(b"   " + tcx(as_tcx)),
        "media/photo.jpg": b"\xff\xd8\xff",
        "profile.csv": b"a,b\n",
    }


def garmin() -> dict[str, bytes]:
    made = runs()
    told = [
        {
            "name": f"Berlin Running {day}",
            "activityType": "running",
            "beginTimestamp": run.started_at.timestamp() * 1000,
        }
        for day, run in enumerate(made)
    ]
    uploaded = {f"me_{day}.fit": encode(run) for day, run in enumerate(made)}
    return {
        "DI_CONNECT/DI-Connect-Fitness/me_0_summarizedActivities.json": json.dumps(
            [{"summarizedActivitiesExport": told}]
        ).encode(),
        "DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip": zipped(**uploaded),
    }


def titles(person: Person) -> list[str]:
    """Return the titles of the runs kept, oldest first."""
    app = build(load(person.home / "afterrun.toml"))
    try:
        with app.database.reading() as store:
            near = store.activities_near("me", NOW - timedelta(days=29), timedelta(days=9))
    finally:
        app.close()
    return [one.activity.title for one in sorted(near, key=lambda stored: stored.activity.started_at)]


def import_of(person: Person, members: dict[str, bytes], *, unpacked: bool) -> Answer:
    if not unpacked:
        (person.home / "export.zip").write_bytes(zipped(**members))
        return person.types("import", "export.zip", "--json")
    for name, body in members.items():
        file = person.home / "export" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    return person.types("import", "export", "--json")


@pytest.mark.parametrize("unpacked", [False, True], ids=["zipped", "unpacked"])
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (strava, ["Morning shuffle", "Track with friends", "To the lake"]),
        (garmin, ["Berlin Running 0", "Berlin Running 1", "Berlin Running 2"]),
    ],
    ids=["strava", "garmin"],
)
def test_an_export_is_taken_whole_with_the_titles_its_table_gives(
    person: Person, members: Callable[[], dict[str, bytes]], expected: list[str], *, unpacked: bool
) -> None:
    first, again = (import_of(person, members(), unpacked=unpacked) for _ in range(2))

    assert objects(first)[-1] == {"files": 3, "imported": 3, "duplicate": 0, "not_activity": 0, "malformed": 0}
    assert objects(again)[-1] == {"files": 3, "imported": 0, "duplicate": 3, "not_activity": 0, "malformed": 0}
    assert titles(person) == expected
    assert person.types("pending", "--json").stdout.strip() == "[]"


def test_an_export_is_read_newest_first(person: Person) -> None:
    answer = import_of(person, strava(), unpacked=False)

    assert [line["file"] for line in objects(answer)[:-1]] == [
        "export.zip/activities/3.tcx",
        "export.zip/activities/2.gpx",
        "export.zip/activities/1.fit",
    ]


def test_a_broken_table_costs_its_titles_and_no_run(person: Person) -> None:
    answer = import_of(person, strava() | {"activities.csv": b'"torn'}, unpacked=False)

    assert objects(answer)[-1]["imported"] == 3
    assert "export.zip/activities.csv: this table" in answer.stderr


def test_what_could_not_be_read_is_counted_and_tried_again_on_request(person: Person) -> None:
    (person.home / "photo.fit").write_bytes(b"\xff\xd8\xff\xe0 a picture")
    first = person.types("import", "photo.fit")
    status, told = json.loads(person.types("status", "--json").stdout), person.types("status").stdout

    again = person.types("import", "--retry", "--json")

    assert first.exit_code == 1
    assert "JPEG" in first.stderr
    assert [*status["quarantine"].values()] == [1]
    assert status["recordings"] == {"malformed": 1}
    assert "afterrun import --retry" in told
    assert objects(again)[-1] == {"files": 1, "imported": 0, "duplicate": 0, "not_activity": 0, "malformed": 1}
