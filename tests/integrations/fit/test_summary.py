from datetime import timedelta

import numpy as np
import pytest

from integrations.fit import summary
from integrations.fit.messages import Message, Recording
from integrations.fit.timeline import Slice
from service.domain.activity import Streams
from tests.integrations.fit.files import columns


def part(session: Message, *times: float) -> Slice:
    return Slice(session, columns(times), -np.inf, np.inf)


def streams(distance: float, heart_rate: tuple[float, ...] = (140.0, 160.0)) -> Streams:
    return Streams.build(np.array([0.0, 1.0]), distance_m=np.array([0.0, distance]), heart_rate=np.array(heart_rate))


@pytest.mark.parametrize(
    ("stated", "first", "expected"),
    [
        (1000, 1000, 1000),
        (1000, 1007, 1000),  # waiting for satellites
        (1000, 994, 994),  # samples before the stated start
        (1000, 8200, 8200),  # the stated start is two hours off
        (None, 1003, 1003),
        (1000, None, 1000),
        (None, None, None),
    ],
)
def test_a_session_starts_where_it_says_or_with_its_samples(
    stated: int | None, first: float | None, expected: float | None
) -> None:
    told = {} if stated is None else {"start_time": stated}
    assert summary.start(part(told, *(() if first is None else (first, first + 9)))) == expected


@pytest.mark.parametrize(
    ("stated", "last", "expected"),
    [
        (100.5, 100, 100.5),
        (100.5, 107, 100.5),  # devices round
        (60.0, 107, 107),  # samples go on
        (0.0, 107, 107),
        (None, 107, 107),
        (300.0, 107, 300.0),  # stopped before it was saved
        (4.29e6, 107, 107),  # a damaged number
    ],
)
def test_elapsed_time_is_as_stated_unless_the_samples_go_on(stated: float | None, last: float, expected: float) -> None:
    told = {} if stated is None else {"total_elapsed_time": stated}
    assert summary.elapsed_s(part(told, 1000, 1000 + last), 1000) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [({"total_elapsed_time": 90.0}, 90), ({"total_timer_time": 80.0}, 80), ({"timestamp": 1070}, 70), ({}, 0)],
)
def test_elapsed_time_without_samples_is_what_the_session_tells(told: Message, expected: float) -> None:
    assert summary.elapsed_s(part(told), 1000) == expected


@pytest.mark.parametrize(("timer", "expected"), [(80.0, 80), (None, 70), (0.0, 70), (100.3, 100)])
def test_moving_time_is_the_timers_or_what_the_pauses_leave(timer: float | None, expected: float) -> None:
    assert summary.moving_s({"total_timer_time": timer}, elapsed=100, paused_s=30) == expected


@pytest.mark.parametrize(
    ("stated", "counted", "expected"),
    [
        (5000.0, 4900.0, 5000.0),
        (5200.0, 4000.0, 5200.0),  # a treadmill corrected by the runner
        (0.0, 4900.0, 4900.0),
        (12.0, 4900.0, 4900.0),
        (None, 4900.0, 4900.0),
        (5000.0, np.nan, 5000.0),
        (None, np.nan, None),
        (0.0, 0.0, None),
    ],
)
def test_distance_is_as_stated_unless_that_is_absurd(
    stated: float | None, counted: float, expected: float | None
) -> None:
    assert summary.distance_m({"total_distance": stated}, streams(counted)) == expected


def test_heart_rates_come_from_the_samples_where_the_session_has_none() -> None:
    assert summary.heart_rates({"avg_heart_rate": 150, "max_heart_rate": 170}, streams(1.0)) == (150, 170)
    assert summary.heart_rates({"avg_heart_rate": 0}, streams(1.0)) == (150, 160)
    assert summary.heart_rates({}, streams(1.0, (np.nan, np.nan))) == (None, None)
    assert summary.heart_rates({}, None) == (None, None)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ({"session": ({"sport": "running", "sub_sport": "trail"},)}, ("running", "trail")),
        ({"session": ({"sport": "running", "sub_sport": "generic"},)}, ("running", "")),
        ({"sport": ({"sport": "running", "sub_sport": "treadmill"},)}, ("running", "treadmill")),
        ({"lap": ({"sport": "cycling"},)}, ("cycling", "")),
        ({"session": ({"sport": "fitness_equipment", "sub_sport": "treadmill"},)}, ("running", "treadmill")),
        (
            {"session": ({"sport": "fitness_equipment", "sub_sport": "indoor_rowing"},)},
            ("fitness_equipment", "indoor_rowing"),
        ),
        ({"session": ({"sport": 250, "sub_sport": 240},)}, ("generic", "")),
        ({}, ("generic", "")),
    ],
)
def test_the_sport_is_what_the_first_that_knows_says(
    messages: dict[str, tuple[Message, ...]], expected: tuple[str, str]
) -> None:
    recording = Recording(messages=messages)
    assert summary.sport(recording.first("session"), recording) == expected


END = 1_100_003_600
HOUR = 3600


@pytest.mark.parametrize(
    ("utc", "local", "expected"),
    [
        (END, END + 2 * HOUR, timedelta(hours=2)),
        (END, END - 5 * HOUR + 3, timedelta(hours=-5)),
        (END, END + 5 * HOUR + HOUR // 2, timedelta(hours=5, minutes=30)),
        (END, END, timedelta(0)),
        (END + 2 * HOUR, END, timedelta(hours=2)),  # swapped: it is the other that agrees with the session
        (END, END + 20 * HOUR, None),
        (END, END + 1000, None),
        (END, 0, None),
        (END, None, None),
        (None, END, None),
    ],
)
def test_local_time_is_a_zone_of_this_world_or_unknown(
    utc: int | None, local: int | None, expected: timedelta | None
) -> None:
    told = {"timestamp": utc, "local_timestamp": local}
    assert summary.utc_offset(told, {"start_time": END - HOUR, "timestamp": END}, ends=END - 30) == expected


def test_a_late_save_is_no_swap() -> None:
    told: Message = {"timestamp": END + 2 * HOUR, "local_timestamp": END}
    saved_late: Message = {"start_time": END - HOUR, "timestamp": END + 2 * HOUR}
    assert summary.utc_offset(told, saved_late, ends=END) == timedelta(hours=-2)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"manufacturer": "garmin", "garmin_product": "fr965"}, "garmin fr965"),
        ({"manufacturer": "coros", "product": 802, "product_name": "COROS PACE 2"}, "COROS PACE 2"),
        ({"manufacturer": "strava", "product": 102}, "strava"),
        ({"manufacturer": "zwift", "product_name": ": 1, spo\x00"}, "zwift"),
        ({"manufacturer": "development"}, ""),
        ({"manufacturer": 64999}, ""),
        ({}, ""),
    ],
)
def test_the_device_by_its_own_name_or_makers(told: Message, expected: str) -> None:
    assert summary.device(told) == expected
