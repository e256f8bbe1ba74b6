import numpy as np
import pytest

from integrations._samples.order import in_order
from integrations.fit.messages import Recording
from integrations.fit.timeline import LOCAL_DATE, NO_DATE, Clock, clock, slices
from tests.integrations.fit.files import START, columns

NAN = np.nan


def test_records_out_of_order_are_put_in_order() -> None:
    found, note = in_order(columns([3, 1, 2], heart_rate=[143, 141, 142]))
    assert (found.time.tolist(), found.heart_rate.tolist(), note) == ([1, 2, 3], [141, 142, 143], "")


def test_rows_of_one_moment_become_one_with_the_first_valid_of_each_value() -> None:
    found, _ = in_order(columns([1, 1, 1, 2], heart_rate=[NAN, 140, 150, 141], distance=[3, NAN, 4, 6]))
    assert found.time.tolist() == [1, 2]
    assert found.heart_rate.tolist() == [140, 141]
    assert found.distance.tolist() == [3, 6]


def test_a_record_without_a_time_belongs_to_the_one_before_it() -> None:
    found, _ = in_order(columns([NAN, 1, NAN, 2], heart_rate=[99, NAN, 140, 141]))
    assert (found.time.tolist(), found.heart_rate.tolist()) == ([1, 2], [140, 141])


def test_records_without_any_time_are_none() -> None:
    found, _ = in_order(columns([NAN, NAN], heart_rate=[140, 141]))
    assert len(found) == 0


def test_records_a_day_from_the_others_are_left_out_and_counted() -> None:
    found, note = in_order(columns([5, 100_000, 100_001, 100_002, 4_000_000_000]))
    assert found.time.tolist() == [100_000, 100_001, 100_002]
    assert note == "Samples dated a day or more from the others were left out (2)."


def test_a_night_between_two_halves_is_a_long_pause() -> None:
    found, note = in_order(columns([0, 10, 10 + 20 * 3600]))
    assert (len(found), note) == (3, "")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"timestamp": 5000, "local_timestamp": START}, Clock(shift_s=START - 5000, oddity=LOCAL_DATE)),
        ({"timestamp": 5000}, Clock(oddity=NO_DATE)),
        ({"timestamp": 5000, "local_timestamp": 12_200}, Clock(oddity=NO_DATE)),
        ({}, Clock(oddity=NO_DATE)),
    ],
)
def test_a_watch_that_counts_from_when_it_was_switched_on(told: dict[str, object], expected: Clock) -> None:
    assert clock(Recording(messages={"activity": (told,)}), first=2000) == expected


def test_a_set_clock_needs_no_shift() -> None:
    assert clock(Recording(), first=START) == Clock()


def test_one_session_has_all_records_even_those_before_its_stated_start() -> None:
    (part,) = slices([{"start_time": 10}], columns([8, 9, 10, 11]))
    assert len(part.records) == 4


def test_several_sessions_share_the_records_by_their_starts() -> None:
    swim, ride = {"start_time": 0, "sport": "swimming"}, {"start_time": 10, "sport": "cycling"}
    first, second = slices([ride, swim], columns([0, 5, 9, 10, 15], distance=[0, 4, NAN, 9, 30]))
    assert (first.session, first.records.time.tolist(), first.distance_before) == (swim, [0, 5, 9], 0.0)
    assert (second.session, second.records.time.tolist(), second.distance_before) == (ride, [10, 15], 4.0)


def test_of_two_sessions_with_one_start_the_later_message_counts() -> None:
    (part,) = slices([{"start_time": 0, "total_distance": 1.0}, {"start_time": 0, "total_distance": 9.0}], columns([0]))
    assert part.session["total_distance"] == 9.0


def test_without_a_session_the_records_are_one() -> None:
    (part,) = slices([], columns([0, 1]))
    assert (part.session, len(part.records)) == ({}, 2)
