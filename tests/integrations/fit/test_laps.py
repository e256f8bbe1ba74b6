import pytest

from integrations.fit.laps import laps
from integrations.fit.messages import Message


def message(begins: float | None = 0, seconds: float | None = 60, **more: object) -> Message:
    told = {"start_time": None if begins is None else int(1000 + begins), "total_elapsed_time": seconds, **more}
    return {name: value for name, value in told.items() if value is not None}


def test_a_lap_in_the_domains_words() -> None:
    (lap,) = laps([message(10, 90.5, total_distance=300.0, avg_heart_rate=151)], 1000, 200)
    assert (lap.start_s, lap.elapsed_s, lap.distance_m, lap.avg_hr) == (10, 90.5, 300.0, 151)


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ("manual", "manual"),
        ("distance", "distance"),
        ("time", "time"),
        ("position_lap", "distance"),
        ("session_end", "session_end"),
        ("fitness_equipment", ""),
        (None, ""),
    ],
)
def test_triggers(trigger: str | None, expected: str) -> None:
    assert laps([message(lap_trigger=trigger)], 1000, 200)[0].trigger == expected


@pytest.mark.parametrize(
    ("intensity", "expected"),
    [
        ("active", "active"),
        ("interval", "active"),
        ("rest", "rest"),
        ("recovery", "rest"),
        ("warmup", "warmup"),
        ("cooldown", "cooldown"),
        ("other", ""),
        (None, ""),
    ],
)
def test_intensities(intensity: str | None, expected: str) -> None:
    assert laps([message(intensity=intensity)], 1000, 200)[0].intensity == expected


def test_laps_come_in_order_of_time() -> None:
    found = laps([message(60), message(0)], 1000, 200)
    assert [lap.start_s for lap in found] == [0, 60]


def test_a_lap_without_a_start_begins_where_the_one_before_ended() -> None:
    found = laps([message(5), message(None)], 1000, 200)
    assert [lap.start_s for lap in found] == [5, 65]


def test_a_lap_without_a_length_reaches_to_its_own_end() -> None:
    assert laps([message(0, None, timestamp=1070)], 1000, 200)[0].elapsed_s == 70


@pytest.mark.parametrize(
    "told", [message(0, None), message(0, 0, timestamp=1000), message(-3600), message(7200), message(0, 9000)]
)
def test_a_lap_of_no_length_or_beside_the_session_is_left_out(told: Message) -> None:
    assert laps([told], 1000, 200) == ()


def test_a_lap_a_second_before_the_start_begins_with_it() -> None:
    assert laps([message(-1)], 1000, 200)[0].start_s == 0
