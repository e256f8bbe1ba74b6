"""Nothing that tells where somebody was is kept, and an edit of a run shows while a pat on the back does not."""

import json
from datetime import timedelta

import pytest

from integrations.strava._documents import document, has_streams, is_run, mark, runner
from tests.fakes import NOON
from tests.peers.strava import ZONES, Run, a_run


@pytest.fixture
def run() -> Run:
    return a_run(NOON, seconds=120, laps=[{"elapsed_time": 120, "start_latlng": [51.5, -0.1], "name": "Lap 1"}])


def streams_of(run: Run) -> dict[str, object]:
    return {name: {"data": data, "resolution": "high"} for name, data in run.streams.items()}


def test_no_place_is_kept(run: Run) -> None:
    kept = document(run.detail, streams_of(run), {}).decode()

    for trace in ("latlng", "polyline", "map", "segment", "London", "timezone", "51.5", "-0.1"):
        assert trace not in kept


def test_what_a_verdict_needs_is(run: Run) -> None:
    kept = json.loads(document(run.detail, streams_of(run), {"max_hr": 196.0}))

    assert kept["activity"]["name"] == "Morning Run"
    assert set(kept["streams"]) >= {"time", "distance", "heartrate", "altitude"}
    assert kept["laps"] == [{"elapsed_time": 120}]
    assert kept["runner"] == {"max_hr": 196.0}


def test_the_same_run_is_the_same_bytes_in_whatever_order_it_is_told(run: Run) -> None:
    backwards = dict(reversed(run.detail.items()))

    assert document(run.detail, {}, {}) == document(backwards, {}, {})
    assert document(run.detail | {"kudos_count": 7}, {}, {}) == document(run.detail, {}, {})


@pytest.mark.parametrize(
    "change", [{"name": "Hills"}, {"sport_type": "Ride"}, {"workout_type": 3}, {"elapsed_time": 100}, {"trainer": True}]
)
def test_an_edit_changes_the_mark(run: Run, change: dict[str, object]) -> None:
    assert mark(run.detail | change) != mark(run.detail)


def test_company_does_not(run: Run) -> None:
    assert mark(run.detail | {"kudos_count": 7, "comment_count": 1, "photo_count": 2}) == mark(run.detail)


def test_a_summary_bears_the_mark_of_its_detail(run: Run) -> None:
    assert mark(run.summary) == mark(run.detail)


@pytest.mark.parametrize("sport", ["Run", "TrailRun", "VirtualRun"])
def test_runs_of_every_kind_are_runs(sport: str) -> None:
    assert is_run({"sport_type": sport})
    assert is_run({"type": sport})


@pytest.mark.parametrize("sport", ["Ride", "Swim", "Walk", "Hike", "Yoga", "", None])
def test_what_else_people_do_is_none(sport: str | None) -> None:
    assert not is_run({"sport_type": sport})


@pytest.mark.parametrize("streams", [{}, {"time": {"data": []}}, {"time": {}}, {"time": None}, {"distance": {}}])
def test_samples_that_are_not_there_yet(streams: dict[str, object]) -> None:
    assert not has_streams(streams)


class TestZones:
    def test_strava_s_own_zones_tell_the_highest_heart_rate_and_the_threshold(self) -> None:
        told = runner({"heart_rate": {"custom_zones": False, "zones": [*ZONES, {"min": 190, "max": -1}]}})

        assert told == {"threshold_hr": 180.5, "max_hr": pytest.approx(196, abs=0.2)}

    def test_zones_of_the_runners_own_tell_the_threshold_alone(self) -> None:
        told = runner({"heart_rate": {"custom_zones": True, "zones": [*ZONES, {"min": 190, "max": -1}]}})

        assert told == {"threshold_hr": 180.5}

    @pytest.mark.parametrize(
        "zones",
        [
            *(None, {}, [], "no", 7, {"heart_rate": None}, {"heart_rate": {"zones": []}}, {"power": {"zones": ZONES}}),
            *({"heart_rate": {"zones": [bound] * 5}} for bound in ({}, {"min": -1, "max": 0}, {"min": "x"})),
        ],
    )
    def test_what_tells_nothing_tells_nothing(self, zones: object) -> None:
        assert runner(zones) == {}


def test_a_week_is_what_may_be_kept() -> None:
    from integrations.strava.runs import KEPT_FOR  # noqa: PLC0415 - beside what it is about

    assert timedelta(days=7) == KEPT_FOR
