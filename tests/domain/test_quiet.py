"""Quiet hours are kept, in every zone, on every night; what they hold is told in the morning."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.athlete import Athlete
from service.domain.localtime import next_at
from service.domain.quiet import WARM, is_quiet, speaks_at, waking
from tests.fakes import NOON

SLEEPER = Athlete(id="me", quiet=(time(22), time(6, 30)))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zoned by hypothesis
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
    ]
)
# The nights the clocks change in Berlin, minute by minute around the change.
CHANGES = st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
AROUND = st.builds(lambda change, minutes: change + timedelta(minutes=minutes), CHANGES, st.integers(-300, 300))


@st.composite
def runners(draw: st.DrawFn) -> Athlete:
    begins, ends = draw(st.lists(CLOCKS, min_size=2, max_size=2, unique=True))
    return Athlete(id="me", timezone=draw(ZONES), quiet=(begins, ends), digest_at=draw(CLOCKS))


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (time(21, 59), time(21, 59)),
        (time(22, 0), time(6, 30)),
        (time(3, 0), time(6, 30)),
        (time(6, 29), time(6, 30)),
        (time(6, 30), time(6, 30)),
    ],
)
def test_they_hold_a_message_until_they_end(clock: time, expected: time) -> None:
    moment = NOON.replace(hour=clock.hour, minute=clock.minute)

    woken = waking(moment, SLEEPER)

    assert woken.time() == expected
    assert timedelta(0) <= woken - moment < timedelta(hours=9)


@pytest.mark.parametrize(
    ("due", "ended", "digest_at", "said"),
    [
        pytest.param("18:00", "17:50", "07:00", "18:00", id="by day, at once"),
        pytest.param("22:20", "22:15", "07:00", "07:10", id="late at night: the morning list tells of it"),
        pytest.param("06:15", "06:10", "07:00", "06:30", id="at dawn, still warm when quiet hours end: then"),
        pytest.param("22:20", "22:15", "20:00", "06:30", id="the list is far: when quiet hours end"),
        pytest.param("19:30", None, "07:00", "19:30", id="the evening"),
        pytest.param("07:00", None, "07:00", "07:10", id="put off to the morning: the list tells of it"),
    ],
)
def test_when_what_is_due_is_said(due: str, ended: str | None, digest_at: str, said: str) -> None:
    athlete = replace(SLEEPER, digest_at=time.fromisoformat(digest_at))

    speaks = speaks_at(today_at(due), athlete, ended=today_at(ended) if ended else None)

    assert f"{speaks:%H:%M}" == said


def test_the_runner_may_except_a_run_just_ended() -> None:
    night = NOON.replace(hour=23)
    heard = replace(SLEEPER, heard_after_runs=True)

    assert speaks_at(night, heard, ended=night - WARM) == night
    assert speaks_at(night, heard, ended=night - WARM - timedelta(minutes=1)) != night
    assert speaks_at(night, SLEEPER, ended=night) != night


def today_at(clock: str) -> datetime:
    at = time.fromisoformat(clock)
    return NOON.replace(hour=at.hour, minute=at.minute)


@given(due=MOMENTS | AROUND, athlete=runners(), ended_ago=st.none() | st.timedeltas(timedelta(0), timedelta(hours=12)))
def test_nothing_is_ever_said_in_quiet_hours_nor_before_it_is_due(
    due: datetime, athlete: Athlete, ended_ago: timedelta | None
) -> None:
    said = speaks_at(due, athlete, ended=None if ended_ago is None else due - ended_ago)

    assert not is_quiet(said, athlete)
    assert due <= said <= due + timedelta(days=3)
    assert waking(due, athlete) <= said


def test_where_the_clock_leaps_over_their_end_they_last_as_long_as_ever() -> None:
    sleeper = replace(SLEEPER, timezone=ZoneInfo("Europe/Berlin"), quiet=(time(22), time(2, 30)))
    leap = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)

    assert is_quiet(leap + timedelta(minutes=29), sleeper)
    assert waking(leap - timedelta(hours=1), sleeper) == leap + timedelta(minutes=30)
    assert not is_quiet(leap + timedelta(minutes=30), sleeper)


@example(
    due=datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
    athlete=Athlete(id="me", timezone=ZoneInfo("Europe/Berlin"), quiet=(time(1), time(2, 30))),
)
@given(due=MOMENTS | AROUND, athlete=runners())
def test_waking_is_the_first_moment_that_is_not_quiet(due: datetime, athlete: Athlete) -> None:
    woken = waking(due, athlete)

    if woken != due:
        assert is_quiet(due, athlete)
        assert woken - due <= timedelta(hours=26)
        between = (due + (woken - due) * share / 20 for share in range(20))
        assert all(is_quiet(moment, athlete) for moment in between)


@given(clock=CLOCKS, zone=ZONES, after=MOMENTS | AROUND)
def test_a_clock_strikes_next_within_a_day_or_so(clock: time, zone: ZoneInfo, after: datetime) -> None:
    strikes = next_at(clock, zone, after)

    assert after < strikes <= after + timedelta(hours=49), "Apia once left a whole day out"
    assert strikes.astimezone(zone).minute == clock.minute or zone.key in {"Australia/Lord_Howe", "Pacific/Apia"}
