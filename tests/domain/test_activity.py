"""Two recordings of one workout are known as one, and the richer is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.domain.activity import Activity, merge, richness, same_workout
from tests.fakes import NOON, even_streams, run

SECONDS = st.integers(-120, 120)


@given(drift=SECONDS, quarters=st.integers(-56, 56), stretch=st.floats(0.96, 1.0))
def test_a_zone_error_a_late_start_and_a_late_stop_do_not_make_another_workout(
    drift: int, quarters: int, stretch: float
) -> None:
    shift = timedelta(seconds=drift, minutes=15 * quarters)
    other = run(started_at=NOON + shift, elapsed_s=2700 * stretch, distance_m=7500 * stretch)

    assert same_workout(run(started_at=NOON), other)
    assert same_workout(other, run(started_at=NOON))


def test_runs_of_the_same_length_hours_apart_are_two_where_their_distances_differ() -> None:
    assert not same_workout(run(), run(started_at=run().started_at + timedelta(hours=2), distance_m=6000))


def test_a_ride_is_never_the_same_workout_as_a_run() -> None:
    assert not same_workout(run(), run(sport="cycling"))


def test_where_the_watch_did_not_know_the_date_no_two_runs_are_the_same() -> None:
    since_switched_on = datetime(1989, 12, 31, 0, 1, tzinfo=UTC)

    assert not same_workout(run(started_at=since_switched_on), run(started_at=since_switched_on))


@given(st.permutations([run(), run(streams=even_streams(heart_rate=None)), run(streams=even_streams())]))
def test_streams_are_richer_than_none_and_heart_rate_is_richer_still(recordings: list[Activity]) -> None:
    ranked = sorted(recordings, key=richness)

    assert ranked[0].streams is None
    assert ranked[2].streams is not None
    assert np.isfinite(ranked[2].streams.heart_rate).all()


def test_merging_keeps_the_richer_figures_and_fills_its_gaps() -> None:
    rich = run(streams=even_streams(), avg_hr=140.0)
    poor = run(title="Round the lake", avg_hr=99.0, max_hr=171.0, tags=("race",))

    merged = merge(rich, poor)

    assert (merged.avg_hr, merged.max_hr, merged.title, merged.tags) == (140.0, 171.0, "Round the lake", ("race",))
    assert merged.streams is rich.streams


def test_a_merged_recording_may_be_kept_as_long_as_its_shorter_lived_half() -> None:
    week = replace(run(), expires_at=NOON + timedelta(days=7))
    day = replace(run(), expires_at=NOON + timedelta(days=1))

    assert merge(week, day).expires_at == merge(day, week).expires_at == day.expires_at
    assert merge(week, run()).expires_at == merge(run(), week).expires_at == week.expires_at


def test_average_speed_is_known_only_with_distance_and_time() -> None:
    assert run(distance_m=5400, elapsed_s=1800).speed_mps == 3.0
    assert run(distance_m=0).speed_mps is None
