"""A source is asked often when a run is likely to have just ended, seldom otherwise, and as often as it may in all."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.polling import LONGEST, Habit, habit, next_asking

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 6, 15, tzinfo=BERLIN)
EVERY = timedelta(minutes=10)
DAY = timedelta(days=1)


def evenings(weeks: int = 8, *, until: datetime = MONDAY, weekdays: Sequence[int] = (1, 3, 5)) -> list[datetime]:
    """Return runs that ended about 18:30 on some weekdays."""
    days = [until - timedelta(days=back) for back in range(1, 7 * weeks + 1)]
    return [day.replace(hour=18, minute=30) + timedelta(minutes=day.day) for day in days if day.weekday() in weekdays]


def askings(learned: Habit, since: datetime, until: datetime) -> list[datetime]:
    """Return every moment something is asked between two."""
    moments, now = [], since
    while (now := next_asking(learned, now)) < until:
        moments.append(now.astimezone(learned.zone))
    return moments


def usual_gap(learned: Habit, moment: datetime) -> timedelta:
    return next_asking(learned, moment) - moment


def test_without_a_history_it_asks_evenly() -> None:
    learned = habit([], BERLIN, MONDAY, EVERY)

    assert usual_gap(learned, MONDAY.replace(hour=3)) == pytest.approx(EVERY, abs=timedelta(seconds=1))
    assert usual_gap(learned, MONDAY.replace(hour=18)) == pytest.approx(EVERY, abs=timedelta(seconds=1))


def test_it_asks_often_when_this_runner_usually_ends_and_seldom_at_night() -> None:
    learned = habit(evenings(), BERLIN, MONDAY, EVERY)
    tuesday = MONDAY + DAY

    assert usual_gap(learned, tuesday.replace(hour=18, minute=40)) < EVERY / 4
    assert usual_gap(learned, tuesday.replace(hour=3)) > EVERY * 2


def test_the_usual_weekdays_come_before_the_others() -> None:
    learned = habit(evenings(), BERLIN, MONDAY, EVERY)
    tuesday, wednesday = (MONDAY + timedelta(days=after, hours=18, minutes=40) for after in (1, 2))

    assert usual_gap(learned, tuesday) < usual_gap(learned, wednesday) < EVERY


def test_once_the_days_run_has_come_it_rests() -> None:
    tuesday = MONDAY + DAY
    ran = tuesday.replace(hour=18, minute=40)
    before = habit(evenings(), BERLIN, ran - timedelta(minutes=1), EVERY)
    after = habit([*evenings(), ran], BERLIN, ran, EVERY)

    assert usual_gap(after, ran) > 3 * usual_gap(before, ran)


def test_however_unlikely_a_run_is_nobody_waits_for_ever() -> None:
    learned = habit(evenings(), BERLIN, MONDAY, EVERY)

    moments = askings(learned, MONDAY, MONDAY + timedelta(days=7))
    gaps = [later - earlier for earlier, later in pairwise(moments)]

    assert max(gaps) <= LONGEST * EVERY + timedelta(seconds=1)


@pytest.mark.parametrize("minutes", [4, 10, 15])
def test_over_weeks_as_they_were_it_asks_about_as_often_as_it_may(minutes: int) -> None:
    every = timedelta(minutes=minutes)
    runs = evenings(20, until=MONDAY + timedelta(days=28))
    moments = [MONDAY + timedelta(days=days) for days in range(29)]
    turns = sorted({*moments, *(run for run in runs if run > MONDAY)})  # each midnight and each run teach something

    asked = sum(
        len(askings(habit([run for run in runs if run <= since], BERLIN, since, every), since, until))
        for since, until in pairwise(turns)
    )

    assert asked == pytest.approx(28 * DAY / every, rel=0.15)


def test_nothing_that_is_still_to_come_is_known() -> None:
    future = [MONDAY + timedelta(days=1, hours=6)]

    known, unknown = (habit(ends, BERLIN, MONDAY, EVERY) for ends in (evenings(), [*evenings(), *future]))

    assert (known.waiting == unknown.waiting).all()
    assert known.ran_on == unknown.ran_on


def test_the_habit_follows_the_runners_clock_when_clocks_change() -> None:
    sunday = datetime(2026, 10, 25, tzinfo=BERLIN)  # the night they go back
    learned = habit(evenings(until=sunday), BERLIN, sunday, EVERY)
    tuesday = datetime(2026, 10, 27, 18, 40, tzinfo=BERLIN)

    assert usual_gap(learned, tuesday) < EVERY / 4


@given(
    ends=st.lists(st.integers(0, 180 * 24 * 60), max_size=60),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"]),
    later=st.integers(0, 365 * 24 * 60),
    minutes=st.integers(1, 120),
)
def test_the_next_asking_is_ahead_and_within_bounds(ends: list[int], zone: str, later: int, minutes: int) -> None:
    every, asked_at = timedelta(minutes=minutes), MONDAY.astimezone(UTC) + timedelta(minutes=later)
    learned = habit([MONDAY - timedelta(minutes=ago) for ago in ends], ZoneInfo(zone), asked_at, every)

    assert timedelta(0) < next_asking(learned, asked_at) - asked_at <= LONGEST * every + timedelta(seconds=1)
