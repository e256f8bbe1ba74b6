import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations._samples.distance import covered, never_falling
from service.domain.activity import Pause
from tests.integrations.fit.files import columns

NAN = np.nan
SECONDS = np.arange(40.0)
EVEN = 3.0 * SECONDS


def counted(*changes: tuple[slice | int, list[float] | float]) -> np.ndarray:
    values = EVEN.copy()
    for place, value in changes:
        values[place] = value
    return never_falling(SECONDS, values)


def test_an_even_counter_is_left_as_it_is() -> None:
    assert counted().tolist() == EVEN.tolist()


@pytest.mark.parametrize("wrong", [0.0, 4_294_967.0])
@pytest.mark.parametrize("place", [1, 20, 38])
def test_a_single_sample_far_off_is_left_out(wrong: float, place: int) -> None:
    values = 1000 + EVEN
    values[place] = wrong
    np.testing.assert_allclose(never_falling(SECONDS, values), 1000 + EVEN)


def test_a_small_step_back_stands_still_until_it_is_made_good() -> None:
    assert counted((slice(20, 22), [55.0, 56.0]))[18:24].tolist() == [54, 57, 57, 57, 66, 69]


def test_a_counter_that_begins_anew_goes_on_from_where_it_was() -> None:
    values = np.concatenate([1000 + EVEN, EVEN])
    found = never_falling(np.arange(80.0), values)
    assert found[-1] == values[39] + EVEN[-1]
    assert (np.diff(found) >= 0).all()


def test_a_last_sample_of_zero_does_not_undo_the_way() -> None:
    assert counted((39, 0.0))[-1] == EVEN[38]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_whatever_is_counted_never_falls(values: list[float]) -> None:
    found = never_falling(np.arange(float(len(values))), np.array(values))
    assert (np.diff(found) >= 0).all()
    assert len(found) == len(values)


def test_distance_grows_evenly_between_the_samples_that_know_it() -> None:
    found = covered(columns([0, 1, 2, 3], distance=[NAN, NAN, 6, NAN]), np.arange(4.0), (), before=0.0)
    assert found.tolist() == [0, 3, 6, 6]


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        ([500.0, 503.0], 500.0),  # the counter of a triathlon goes on
        ([0.0, 3.0], 500.0),  # the counter of each part begins anew
        ([5000.0, 5003.0], 0.0),  # a recording resumed: the way before it is not its own
    ],
)
def test_a_session_begins_at_zero(shown: list[float], before: float) -> None:
    assert covered(columns([0, 1], distance=shown), np.arange(2.0), (), before).tolist() == [0, 3]


@pytest.mark.parametrize("distance", [[NAN] * 5, [0.0] * 5])
def test_without_a_distance_it_is_the_sum_of_speed_while_the_timer_ran(distance: list[float]) -> None:
    records = columns([0, 1, 2, 32, 33], speed=[3, 3, 3, 3, 3], distance=distance)
    found = covered(records, np.array([0.0, 1, 2, 32, 33]), [Pause(start_s=2, end_s=32)], before=0.0)
    assert found.tolist() == [0, 3, 6, 6, 9]


def test_without_distance_and_speed_it_is_not_known() -> None:
    assert np.isnan(covered(columns([0, 1]), np.arange(2.0), (), before=0.0)).all()
