"""A small win is what came true yesterday, told once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.wins import small_win
from tests.claims import overclaims

MONDAY = date(2026, 6, 15)
DAY = timedelta(days=1)
DAYS = st.lists(st.integers(0, 60).map(lambda back: MONDAY - back * DAY), max_size=80)


def on(*days: int) -> list[date]:
    """Return dates so many days after a Monday."""
    return [MONDAY + day * DAY for day in days]


@pytest.mark.parametrize(
    ("done", "today", "says"),
    [
        pytest.param(on(0), 1, "Your first session is done: a good beginning.", id="the first"),
        pytest.param(on(0), 2, "", id="and not again the day after"),
        pytest.param(on(*range(-30, -21), 0), 1, "Yesterday's session was your 10th.", id="a round number"),
        pytest.param(on(-20, 0, 1, 3), 4, "You met the week's goal yesterday. Well done.", id="the goal"),
        pytest.param(on(-20, 0, 1, 3, 4), 5, "", id="more than the goal is no more news"),
        pytest.param(
            on(-7, -6, -5, 0, 1, 3),
            4,
            "You met the week's goal yesterday, the second week in a row. Well done.",
            id="twice",
        ),
        pytest.param(on(-20, 4, 5, 6), 7, "You met the week's goal yesterday. Well done.", id="a week ends on Sunday"),
        pytest.param(on(-20, -1, 0, 1), 2, "Three days in a row.", id="three days, over a Monday"),
        pytest.param(on(-20, 0, 1), 2, "", id="nothing rare"),
        pytest.param([], 1, "", id="nothing done"),
    ],
)
def test_what_is_worth_a_word(done: list[date], today: int, says: str) -> None:
    assert small_win(done, MONDAY + today * DAY, goal=3) == says


@given(done=DAYS, goal=st.integers(1, 7))
def test_it_is_only_said_on_the_morning_after_a_session(done: list[date], goal: int) -> None:
    for back in range(10):
        today = MONDAY - back * DAY
        win = small_win(done, today, goal)
        assert not win or today - DAY in done
        assert not overclaims(win)
