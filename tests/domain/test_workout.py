"""A workout recorded in parts is one workout."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.activity import Activity, Lap, Pause
from service.domain.workout import PART_GAP, chain, follows, join
from tests.fakes import NOON, even_streams, run


def part(started_at: datetime, seconds: int = 600, speed_mps: float = 3.0, **more: object) -> Activity:
    return run(
        started_at=started_at,
        elapsed_s=seconds,
        distance_m=seconds * speed_mps,
        streams=even_streams(seconds, speed_mps),
        **more,  # type: ignore[arg-type]
    )


def after(earlier: Activity, minutes: float, **more: object) -> Activity:
    return part(earlier.ended_at + timedelta(minutes=minutes), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("minutes", "goes_on"), [(0, True), (20, True), (21, False), (-0.05, True), (-1, False)])
def test_a_run_begun_within_twenty_minutes_of_the_last_goes_on_with_it(minutes: float, *, goes_on: bool) -> None:
    warm_up = part(NOON)

    assert follows(after(warm_up, minutes), warm_up) is goes_on


def test_a_ride_between_two_runs_parts_them() -> None:
    ride = replace(part(NOON), sport="cycling")

    assert not follows(after(ride, 5), ride)


@given(gaps=st.lists(st.floats(0, 120), min_size=1, max_size=6), data=st.data())
def test_the_parts_are_those_without_a_long_gap_between_them(gaps: list[float], data: st.DataObject) -> None:
    parts = [part(NOON)]
    for gap in gaps:
        parts.append(after(parts[-1], gap))
    about = data.draw(st.integers(0, len(gaps)))
    named = data.draw(st.permutations(list(enumerate(parts))))

    found = chain(named, about)

    assert found == list(range(found[0], found[-1] + 1))
    assert about in found
    assert all(gaps[index] <= PART_GAP.total_seconds() / 60 for index in found[:-1])
    assert found[0] == 0 or gaps[found[0] - 1] > PART_GAP.total_seconds() / 60


def test_the_workout_is_as_long_as_its_parts_and_the_waits_between_them() -> None:
    warm_up = part(NOON, 600, title="Warm up")
    work = after(warm_up, 10, seconds=1200, speed_mps=4.0, title="6 x 800")
    cool_down = after(work, 5, seconds=300, title="Warm up")

    workout = join([warm_up, work, cool_down])

    assert (workout.started_at, workout.ended_at) == (warm_up.started_at, cool_down.ended_at)
    assert workout.moving_s == 2100
    assert workout.distance_m == pytest.approx(600 * 3 + 1200 * 4 + 300 * 3)
    assert workout.pauses == (Pause(start_s=600, end_s=1200), Pause(start_s=2400, end_s=2700))
    assert workout.title == "Warm up / 6 x 800"
    assert workout.ref == warm_up.ref


def test_laps_and_pauses_of_a_later_part_are_told_in_the_workouts_own_time() -> None:
    warm_up = part(NOON)
    work = after(warm_up, 5, laps=(Lap(start_s=30, elapsed_s=60),), pauses=(Pause(start_s=90, end_s=95),))

    workout = join([warm_up, work])

    assert [lap.start_s for lap in workout.laps] == [930]
    assert Pause(start_s=990, end_s=995) in workout.pauses


def test_average_heart_rate_is_weighted_by_moving_time_and_a_figure_one_part_lacks_is_unknown() -> None:
    parts = [replace(part(NOON), avg_hr=120.0, climb_m=10.0), replace(after(part(NOON), 1, seconds=1800), avg_hr=160.0)]

    workout = join(parts)

    assert workout.avg_hr == pytest.approx(150.0)
    assert workout.climb_m is None


def test_streams_go_on_in_time_and_distance() -> None:
    warm_up = part(NOON)
    streams = join([warm_up, after(warm_up, 10), after(after(warm_up, 10), 0)]).streams

    assert streams is not None
    assert (np.diff(streams.time_s) > 0).all()
    assert (np.diff(streams.distance_m) >= 0).all()
    assert streams.time_s[-1] == 600 + 600 + 600 + 600
    assert streams.distance_m[-1] == pytest.approx(3 * 1800)


def test_parts_of_which_one_has_no_streams_are_judged_by_their_sums() -> None:
    warm_up = part(NOON)

    assert join([warm_up, replace(after(warm_up, 3), streams=None)]).streams is None


def test_a_workout_of_one_part_is_that_part() -> None:
    warm_up = part(NOON)

    assert join([warm_up]) is warm_up
