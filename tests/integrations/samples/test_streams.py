import numpy as np
import pytest

from integrations._samples.records import Records
from integrations._samples.streams import HOLD_S, held, streams
from service.domain.activity import Pause, Streams
from tests.integrations.fit.files import START, columns

NAN = np.nan


def made(records: Records, sport: str = "running", **more: object) -> Streams:
    found = streams(records, START, sport=sport, **more)  # type: ignore[arg-type] # any of its keywords
    assert found is not None
    return found


def from_start(seconds: list[float], **given: list[float]) -> Records:
    return columns([START + second for second in seconds], **given)


def test_time_counts_from_the_start_and_what_lies_before_it_is_left_out() -> None:
    assert made(from_start([-2, 0, 1])).time_s.tolist() == [0, 1]


def test_no_records_no_streams() -> None:
    assert streams(columns([]), START) is None


def test_a_heart_rate_of_zero_is_none() -> None:
    np.testing.assert_array_equal(made(from_start([0, 100], heart_rate=[0, 150])).heart_rate, [NAN, 150])


def test_a_heart_rate_written_now_and_then_holds_for_a_while() -> None:
    found = made(from_start([0, 9, 15, 16], heart_rate=[150, NAN, NAN, NAN])).heart_rate
    np.testing.assert_array_equal(found, [150, 150, 150, NAN])


def test_holding_fills_nothing_before_the_first_value() -> None:
    np.testing.assert_array_equal(held(np.arange(3.0), np.array([NAN, 5, NAN])), [NAN, 5, 5])


def test_a_straps_memory_fills_in_where_the_records_have_none() -> None:
    beats = (np.array([START + 0.5, START + 1.5]), np.array([120.0, 121.0]))
    found = made(from_start([0, 1, 2, 3, 40], heart_rate=[NAN, NAN, 150, NAN, NAN]), beats=beats).heart_rate
    np.testing.assert_array_equal(found, [NAN, 120, 150, 121, NAN])


@pytest.mark.parametrize(
    ("sport", "cadence", "expected"),
    [
        ("running", [85.5, 0.0], [171.0, 0.0]),
        ("walking", [55.0, 56.0], [110.0, 112.0]),
        ("running", [171.0, 0.0], [171.0, 0.0]),  # an app that counts steps already
        ("cycling", [85.5, 0.0], [NAN, NAN]),  # a crank makes no steps
    ],
)
def test_cadence_is_steps_of_both_feet(sport: str, cadence: list[float], expected: list[float]) -> None:
    np.testing.assert_array_equal(made(from_start([0, 1], cadence=cadence), sport).cadence_spm, expected)


@pytest.mark.parametrize(
    ("given", "column", "impossible", "possible"),
    [
        ("speed", "speed_mps", 65.5, 3.0),
        ("speed", "speed_mps", -1.0, 3.0),
        ("heart_rate", "heart_rate", 70_000, 150.0),
        ("altitude", "altitude_m", 80_000, 8848.0),
        ("altitude", "altitude_m", -30_000, -430.0),
    ],
)
def test_what_cannot_be_is_none(given: str, column: str, impossible: float, possible: float) -> None:
    found = made(from_start([0, 100], **{given: [impossible, possible]}))
    np.testing.assert_array_equal(getattr(found, column), [NAN, possible])


def test_a_cadence_beyond_its_field_is_none() -> None:
    np.testing.assert_array_equal(made(from_start([0, 100], cadence=[9000, 85])).cadence_spm, [NAN, 170])


def test_the_timer_column_follows_the_pauses_not_the_gaps() -> None:
    found = made(from_start([0, 10, 20, 90, 95]), stopped=[Pause(start_s=12, end_s=25)])
    assert found.timer_on.tolist() == [True, True, False, True, True]


def test_a_value_holds_for_a_quarter_of_a_minute() -> None:
    assert HOLD_S == 15.0
