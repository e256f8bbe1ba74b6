"""What is kept of a run from Strava becomes an activity: samples, laps, pauses, and a start that may be hidden."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.strava import Decoder
from integrations.strava._documents import document
from service.domain.activity import Activity, Lap, Pause, Ref
from service.ports import Malformed, Raw
from tests.fakes import NOON
from tests.integrations.invariants import invariants
from tests.peers.strava import Run, a_run

BEGUN = NOON - timedelta(minutes=50)


def raw(body: bytes, received_at: datetime = NOON) -> Raw:
    return Raw(source="strava", external_id="7", media_type="strava", body=body, received_at=received_at)


def read(run: Run, *, runner: Mapping[str, Any] | None = None, received_at: datetime = NOON) -> Activity:
    streams = {name: {"data": list(data)} for name, data in run.streams.items()}
    (activity,) = Decoder().decode(raw(document(run.detail, streams, runner or {}), received_at)).activities
    return activity


def test_a_run_is_told_whole() -> None:
    activity = read(a_run(BEGUN, seconds=600, offset_s=3600))

    assert activity.ref == Ref(source="strava", external_id="7")
    assert (activity.sport, activity.sub_sport) == ("running", "")
    assert activity.started_at == BEGUN
    assert activity.utc_offset == timedelta(hours=1)
    assert (activity.elapsed_s, activity.moving_s, activity.distance_m) == (600.0, 600.0, 1668.0)
    assert (activity.avg_hr, activity.max_hr, activity.climb_m) == (140.4, 152.5, 12.0)
    assert (activity.title, activity.device) == ("Morning Run", "Garmin Forerunner 245")
    assert activity.tags == ()


def test_its_samples_become_streams() -> None:
    streams = read(a_run(BEGUN, seconds=600)).streams

    assert streams is not None
    assert len(streams) == 601
    np.testing.assert_allclose(streams.distance_m[-1], 1668.0)
    np.testing.assert_allclose(streams.cadence_spm, 168.0)
    np.testing.assert_allclose(streams.heart_rate, 140.0)
    np.testing.assert_allclose(streams.altitude_m, 20.0)
    np.testing.assert_allclose(streams.speed_mps, 2.78)
    assert streams.timer_on.all()


def test_without_samples_there_is_still_the_summary() -> None:
    activity = read(Run(detail=a_run(BEGUN).detail))

    assert activity.streams is None
    assert activity.distance_m == pytest.approx(7506)


@pytest.mark.parametrize(
    ("fields", "sport", "sub_sport"),
    [
        ({"sport_type": "TrailRun"}, "running", "trail"),
        ({"sport_type": "VirtualRun"}, "running", "virtual_activity"),
        ({"trainer": True}, "running", "treadmill"),
        ({"sport_type": "Ride", "trainer": True}, "cycling", ""),
        ({"sport_type": None, "type": None}, "generic", ""),
    ],
)
def test_the_sport(fields: dict[str, Any], sport: str, sub_sport: str) -> None:
    activity = read(a_run(BEGUN, seconds=60, **fields))

    assert (activity.sport, activity.sub_sport) == (sport, sub_sport)


@pytest.mark.parametrize(("kind", "tags"), [(1, ("race",)), (2, ("long_run",)), (3, ("workout",)), (0, ()), (None, ())])
def test_what_the_runner_says_the_run_was_is_a_tag(kind: int | None, tags: tuple[str, ...]) -> None:
    assert read(a_run(BEGUN, seconds=60, workout_type=kind)).tags == tags


def test_laps_stand_where_their_samples_do() -> None:
    laps = [
        {"elapsed_time": 300, "distance": 834.0, "average_heartrate": 138.2, "start_index": 0},
        {"elapsed_time": 300, "distance": 834.0, "start_index": 300},
    ]

    activity = read(a_run(BEGUN, seconds=600, laps=laps))

    assert activity.laps == (
        Lap(start_s=0.0, elapsed_s=300.0, distance_m=834.0, avg_hr=138.2),
        Lap(start_s=300.0, elapsed_s=300.0, distance_m=834.0),
    )


def test_without_samples_laps_stand_where_they_began_or_follow_one_another() -> None:
    started = (BEGUN + timedelta(seconds=310)).isoformat()
    laps: list[Any] = [{"elapsed_time": 300}, {"elapsed_time": 100, "start_date": started}, {"elapsed_time": 100}]

    activity = read(Run(detail=a_run(BEGUN, seconds=600, laps=laps).detail))

    assert [lap.start_s for lap in activity.laps] == [0.0, 310.0, 410.0]


def test_a_lap_that_lies_outside_the_run_is_left_out() -> None:
    laps: list[Any] = [{"elapsed_time": 0}, {"elapsed_time": 700}, {"elapsed_time": 60, "start_index": 599}, "nonsense"]

    assert read(a_run(BEGUN, seconds=600, laps=laps)).laps == ()


def test_a_gap_in_which_nobody_got_anywhere_is_a_pause() -> None:
    run = a_run(BEGUN, seconds=600)
    gap = slice(200, 260)
    streams = {name: [*data[: gap.start], *data[gap.stop :]] for name, data in run.streams.items()}
    standing = streams | {"distance": [min(metres, 555.0) for metres in streams["distance"]]}

    assert read(replace(run, streams=streams)).pauses == ()
    paused = read(replace(run, streams=standing))
    assert paused.pauses == (Pause(start_s=199.0, end_s=260.0),)


def test_what_zones_tell_of_the_runner_goes_with_the_run() -> None:
    activity = read(a_run(BEGUN, seconds=60), runner={"max_hr": 196.0, "threshold_hr": 180.5})

    assert (activity.runner_max_hr, activity.runner_threshold_hr) == (196.0, 180.5)


class TestAHiddenStart:
    """The runner keeps the hour to themselves: Strava tells midnight and a second."""

    MIDNIGHT = NOON.replace(hour=0, second=1)

    def hidden(self, received_at: datetime, seconds: int = 3600) -> Activity:
        return read(a_run(self.MIDNIGHT, seconds=seconds), received_at=received_at)

    def test_a_run_that_comes_the_same_day_was_just_over(self) -> None:
        activity = self.hidden(NOON)

        assert activity.hidden_start
        assert activity.ended_at == NOON

    def test_it_never_began_the_day_before(self) -> None:
        assert self.hidden(self.MIDNIGHT + timedelta(minutes=20)).started_at == self.MIDNIGHT

    def test_one_that_came_home_after_midnight_was_over_by_then(self) -> None:
        activity = self.hidden(self.MIDNIGHT + timedelta(days=1, minutes=30))

        assert activity.ended_at == self.MIDNIGHT + timedelta(days=1)

    def test_of_one_that_comes_later_nobody_knows(self) -> None:
        assert self.hidden(NOON + timedelta(days=2)).started_at == self.MIDNIGHT

    def test_where_it_is_another_day_there_that_day_counts(self) -> None:
        run = a_run(self.MIDNIGHT - timedelta(hours=9), seconds=3600, offset_s=9 * 3600)

        assert read(run, received_at=NOON).ended_at == NOON

    def test_any_other_start_is_taken_at_its_word(self) -> None:
        assert not read(a_run(NOON, seconds=60)).hidden_start


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"{}", b"null", b'"run"', b"[" * 100_000, b"\xff\xfe", b'{"activity": {}}'),
        *(b'{"activity": {"start_date": 7}}', b'{"activity": {"start_date": "yesterday", "elapsed_time": 60}}'),
    ],
    ids=range(10),
)
def test_what_is_no_run_of_strava_s_is_parked(body: bytes) -> None:
    with pytest.raises(Malformed):
        Decoder().decode(raw(body))


def test_more_samples_than_any_run_has_are_not_read() -> None:
    run = a_run(BEGUN, seconds=60)
    body = json.loads(document(run.detail, {}, {}))
    body["streams"] = {"time": list(range(600_000))}

    with pytest.raises(Malformed, match="more samples"):
        Decoder().decode(raw(json.dumps(body).encode()))


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(), st.text(max_size=8), st.lists(st.integers())
)
FIELDS = sorted(json.loads(document(a_run(BEGUN, seconds=60).detail, {}, {}))["activity"])


@given(
    fields=st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=4),
    streams=st.dictionaries(
        st.sampled_from(["time", "distance", "heartrate", "cadence", "altitude", "velocity_smooth"]),
        st.lists(st.one_of(st.none(), st.floats(-100, 4000), st.integers(-10, 4000), st.text(max_size=3)), max_size=60),
    ),
    laps=st.lists(st.dictionaries(st.sampled_from(["elapsed_time", "start_index", "start_date"]), ODD), max_size=4),
)
def test_whatever_strava_says_it_is_read_or_parked(
    fields: dict[str, Any], streams: dict[str, list[Any]], laps: list[dict[str, Any]]
) -> None:
    run = a_run(BEGUN, seconds=60, laps=laps, **fields)
    body = document(run.detail, {name: {"data": data} for name, data in streams.items()}, {})
    try:
        (activity,) = Decoder().decode(raw(body)).activities
    except Malformed:
        return
    invariants(activity)
