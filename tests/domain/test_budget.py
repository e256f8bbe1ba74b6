"""A platform's allowance is stopped at in time, and no athlete uses up another's part."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain.budget import decided, may_spend, turns, usable, window

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)


def test_windows_turn_on_the_quarters_and_at_midnight_utc() -> None:
    moment = datetime(2026, 6, 15, 23, 52, 7, tzinfo=UTC)

    assert window(moment, QUARTER) == datetime(2026, 6, 15, 23, 45, tzinfo=UTC)
    assert turns(moment, QUARTER) == turns(moment, DAY) == datetime(2026, 6, 16, tzinfo=UTC)


def test_four_fifths_are_ours() -> None:
    assert usable(100) == 80
    assert may_spend(limit=100, used=79, mine=79, others=[])
    assert not may_spend(limit=100, used=80, mine=0, others=[])


def test_one_runners_backlog_leaves_the_others_their_part() -> None:
    others = [0, 0, 0]

    assert may_spend(limit=100, used=49, mine=49, others=others)
    assert not may_spend(limit=100, used=50, mine=50, others=others)
    assert may_spend(limit=100, used=50, mine=0, others=[50, 0, 0])


def test_what_others_have_had_of_theirs_is_no_longer_kept_for_them() -> None:
    assert may_spend(limit=100, used=79, mine=49, others=[10, 10, 10])


@given(
    limit=st.integers(1, 5000),
    wishes=st.lists(st.integers(0, 7), max_size=300),
    athletes=st.integers(1, 8),
    elsewhere=st.integers(0, 100),
)
def test_whoever_asks_the_limit_is_never_reached_and_everyone_gets_a_part(
    limit: int, wishes: list[int], athletes: int, elsewhere: int
) -> None:
    spent = [0] * athletes
    for wish in wishes:
        who = wish % athletes
        others = spent[:who] + spent[who + 1 :]
        if may_spend(limit=limit, used=sum(spent), mine=spent[who], others=others):
            spent[who] += 1
    assert sum(spent) <= usable(limit)

    part = usable(limit) // 2 // athletes
    for who in range(athletes):
        while spent[who] < part:
            others = spent[:who] + spent[who + 1 :]
            assert may_spend(limit=limit, used=sum(spent), mine=spent[who], others=others)
            spent[who] += 1


@given(
    limit=st.integers(1, 200),
    used=st.integers(0, 200),
    mine=st.integers(0, 100),
    spent=st.lists(st.integers(0, 40), max_size=8),
)
def test_where_it_is_decided_without_the_others_they_change_nothing(
    limit: int, used: int, mine: int, spent: list[int]
) -> None:
    is_decided = decided(limit=limit, used=used, mine=mine, others=len(spent))

    for others in (spent, [0] * len(spent), [limit] * len(spent)):
        assert is_decided in {None, may_spend(limit=limit, used=used, mine=mine, others=others)}


def test_the_others_are_looked_at_where_what_is_kept_for_them_is_all_that_is_left() -> None:
    assert decided(limit=100, used=50, mine=40, others=3) is None
    assert decided(limit=100, used=49, mine=40, others=3) is True
    assert decided(limit=100, used=79, mine=9, others=3) is True
    assert decided(limit=100, used=80, mine=0, others=3) is False
