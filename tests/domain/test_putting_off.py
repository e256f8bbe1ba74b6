"""Not now: in an hour, this evening, tomorrow, or when the clock says so."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.athlete import Athlete
from service.domain.putting_off import Later, put_off
from service.domain.sessions import SNOOZE
from tests.fakes import NOON

BERLIN = Athlete(id="me", timezone=ZoneInfo("Europe/Berlin"))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zoned by hypothesis
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")]
)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (Later.HOUR, "15:00 on the 15th"),
        (Later.EVENING, "19:30 on the 15th"),
        (Later.TOMORROW, "07:00 on the 16th"),
        (time(18, 15), "18:15 on the 15th"),
        (time(13, 0), "13:00 on the 16th"),
    ],
)
def test_at_two_in_the_afternoon(until: Later | time, expected: str) -> None:
    back = put_off(until, BERLIN, NOON).astimezone(BERLIN.timezone)

    assert f"{back:%H:%M on the %dth}" == expected


def test_this_evening_is_an_hour_from_now_where_it_has_begun() -> None:
    evening = NOON.replace(hour=18)

    assert put_off(Later.EVENING, BERLIN, evening) == evening + SNOOZE


def test_tomorrow_is_the_next_date_also_on_the_day_of_twenty_five_hours() -> None:
    night = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # half past midnight in Berlin, on the day the clocks go back

    back = put_off(Later.TOMORROW, BERLIN, night).astimezone(BERLIN.timezone)

    assert (back.month, back.day, back.hour) == (10, 26, 7)


@given(
    until=st.sampled_from(Later) | st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    now=MOMENTS,
    zone=ZONES,
)
def test_it_comes_back_after_now_and_within_two_days(until: Later | time, now: datetime, zone: ZoneInfo) -> None:
    back = put_off(until, Athlete(id="me", timezone=zone), now)

    assert back.utcoffset() == timedelta(0)
    assert now < back <= now + timedelta(days=2)
