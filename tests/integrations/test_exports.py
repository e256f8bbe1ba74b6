"""The tables of bulk exports: what they tell of each recording, whatever the language; a broken one tells nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.exports import Told, is_table, read
from service.ports import Malformed

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=9000)
STRAVA = '''Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Filename
1,"15 Jun 2026, 12:00:00","6 x 800, ""hot""",Run,"two
lines",3000,activities/11.fit.gz
2,"16 Jun 2026, 12:00:00",To work,E-Bike Ride,,1800,activities/12.gpx
3,"17 Jun 2026, 12:00:00",Gym,Weight Training,,1800,
'''
GERMAN = """Aktivitäts-ID,Aktivitätsdatum,Name der Aktivität,Aktivitätsart,Beschreibung,Verstrichene Zeit,Dateiname
1,15.06.2026,Langer Lauf,Lauf,,3000,activities/11.tcx.gz
"""


def garmin(*activities: dict[str, object]) -> bytes:
    return json.dumps([{"summarizedActivitiesExport": activities}]).encode()


def test_strava_names_each_file_with_title_and_sport() -> None:
    table = read("export/activities.csv", STRAVA.encode("utf-8-sig"))

    assert table.told("activities/11.fit", LONG_AGO) == Told('6 x 800, "hot"', "running")
    assert table.told("activities/12.gpx.gz", LONG_AGO) == Told("To work", "cycling")
    assert table.told("activities/13.fit", NOON) is None


def test_in_another_language_the_columns_stand_in_the_same_order_and_the_recording_knows_its_sport() -> None:
    assert read("activities.csv", GERMAN.encode()).told("activities/11.tcx", LONG_AGO) == Told("Langer Lauf", "")


@pytest.mark.parametrize(("late_s", "known"), [(0, True), (90, True), (-90, True), (300, False)])
def test_garmin_names_each_start(late_s: int, *, known: bool) -> None:
    body = garmin(
        {"name": "Track Tuesday", "activityType": "track_running", "beginTimestamp": NOON.timestamp() * 1000},
        {"name": "Ride", "activityType": "cycling", "beginTimestamp": (NOON + timedelta(hours=3)).timestamp() * 1000},
    )
    told = read("x_0_summarizedActivities.json", body).told("11.fit", NOON + timedelta(seconds=late_s))

    assert told == (Told("Track Tuesday", "running") if known else None)


@pytest.mark.parametrize("name", ["activities.csv", "a/b/activities.csv", "me_1_summarizedActivities.json"])
def test_tables_are_known_by_their_names(name: str) -> None:
    assert is_table(name)
    assert not is_table(f"{name}.bak")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("activities.csv", b"\xff\xfe\x00"),
        ("activities.csv", b'a,"b'),
        ("x_summarizedActivities.json", b"[{"),
        ("x_summarizedActivities.json", b"[" * 100_000),
    ],
)
def test_a_broken_table_is_refused_in_one_line(name: str, body: bytes) -> None:
    with pytest.raises(Malformed, match="titles come from the recordings"):
        read(name, body)


FORMS = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(FORMS)
def test_a_table_of_another_form_tells_nothing(form: object) -> None:
    wrapped = {"summarizedActivitiesExport": [form, {"beginTimestamp": form, "name": form}]}
    for told in (form, [wrapped], wrapped):
        table = read("x_summarizedActivities.json", json.dumps(told).encode())
        assert table.told("1.fit", NOON) is None or isinstance(form, int)


@given(st.text())
def test_any_text_as_a_table_is_read_or_refused(text: str) -> None:
    try:
        read("activities.csv", text.encode())
    except Malformed:
        return
