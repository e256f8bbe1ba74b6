"""What was not done is owed for a few days, grows by nothing but new sessions, and is let go of."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.catching_up import LEAST_MINUTES, catch_up
from service.domain.classification import RunType
from service.domain.debt import LET_GO_AFTER, MENTIONED_FOR, NEVER_OWED, areas_of, debt
from service.domain.movements import BodyArea, Kit, Site
from service.domain.routine import Wish
from service.domain.sessions import Session, State, Window
from tests.claims import overclaims
from tests.domain.test_announcement import session
from tests.domain.wishes import CATALOGUE, POLICY, some_of
from tests.fakes import NOON

DAY = timedelta(days=1)
LOST = [State.SKIPPED, State.EXPIRED, State.REPLACED]
READY_MADE = {kind: session(kind) for kind in RunType}


def left(ago: timedelta, kind: RunType = RunType.TEMPO, state: State = State.EXPIRED) -> Session:
    opens = NOON - ago
    window = Window(opens=opens, closes=opens + timedelta(hours=12))
    return replace(READY_MADE[kind], window=window, state=state, changed_at=opens + timedelta(hours=1))


SESSIONS = st.lists(
    st.builds(
        left,
        ago=st.timedeltas(timedelta(0), timedelta(days=8)),
        kind=st.sampled_from(RunType),
        state=st.sampled_from(State),
    ),
    max_size=6,
)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=6)).map(lambda span: NOON + span)


@pytest.mark.parametrize("state", State)
def test_only_what_is_over_and_was_not_done_is_owed(state: State) -> None:
    owed = debt([left(DAY, state=state)], NOON).owed

    assert bool(owed) is (state in LOST)


def test_what_is_owed_is_what_the_session_was_for() -> None:
    owing = debt([left(DAY)], NOON)

    assert owing.owed.keys() == areas_of([READY_MADE[RunType.TEMPO]])
    assert not owing.owed.keys() & NEVER_OWED, "nobody owes breathing"


def test_it_is_less_every_day_and_then_let_go_of_with_a_word() -> None:
    missed = [left(timedelta(0))]
    shares = [max(debt(missed, NOON + days * DAY).owed.values(), default=0.0) for days in range(6)]

    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1.0
    assert shares[-1] == 0.0
    gone = debt(missed, NOON + LET_GO_AFTER)
    assert (gone.missed, len(gone.let_go)) == ((), 1)
    assert not debt(missed, NOON + LET_GO_AFTER + MENTIONED_FOR).let_go, "it is mentioned once"


def test_what_a_later_session_works_is_owed_no_more() -> None:
    missed, done = left(2 * DAY), left(DAY, state=State.DONE)

    assert debt([missed], NOON).owed
    assert not debt([missed, done], NOON).owed
    assert debt([missed, left(3 * DAY, state=State.DONE)], NOON).owed, "what was done before does not count"


def test_what_makes_up_for_others_owes_nothing_of_its_own() -> None:
    assert not debt([replace(left(DAY), activity=None)], NOON).owed


@given(sessions=SESSIONS, now=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=3)))
def test_it_is_never_negative_and_never_grows_by_itself(
    sessions: list[Session], now: datetime, later: timedelta
) -> None:
    before, after = debt(sessions, now), debt(sessions, now + later)

    assert all(0 < share <= 1 for share in before.owed.values())
    opened = [one for one in sessions if one.window.opens <= now]
    grown = debt(opened, now + later)
    assert all(share <= before.owed.get(area, 0.0) for area, share in grown.owed.items())
    assert grown.owed.keys() <= after.owed.keys() | areas_of(s for s in sessions if s.state is State.DONE)


@given(sessions=SESSIONS, one_more=st.sampled_from(RunType))
def test_doing_a_session_never_makes_it_more(sessions: list[Session], one_more: RunType) -> None:
    done = replace(left(timedelta(0), one_more, State.DONE), changed_at=NOON)

    before, after = debt(sessions, NOON), debt([*sessions, done], NOON)

    assert after.owed.keys() <= before.owed.keys()
    assert not after.owed.keys() & {area for step in done.routine.steps[1:] for area in step.areas}


@given(SESSIONS)
def test_what_is_open_is_not_yet_owed(sessions: list[Session]) -> None:
    still_open = [replace(one, state=State.PENDING) for one in sessions]

    assert not debt(still_open, NOON).owed


# ---- catching up


def test_the_smallest_routine_that_covers_it_is_enough() -> None:
    owed = {BodyArea.HIPS: 1.0, BodyArea.CALVES: 0.5}

    routine = catch_up(owed, Wish(run_type=RunType.EASY, minutes=15), CATALOGUE, POLICY)

    assert routine is not None
    assert routine.seconds <= LEAST_MINUTES * 66
    assert routine.title == "5 minutes to catch up: hips and calves"
    assert "the least that covers what was left" in routine.reasons[0]


def test_with_too_few_minutes_the_most_owed_comes_first() -> None:
    owed = {area: 1.0 - 0.05 * place for place, area in enumerate(BodyArea) if area not in NEVER_OWED}

    routine = catch_up(owed, Wish(run_type=RunType.TEMPO, minutes=6), CATALOGUE, POLICY)

    assert routine is not None
    assert "as much of what was left as 6 minutes hold" in routine.reasons[0]


owings = st.dictionaries(
    st.sampled_from([area for area in BodyArea if area not in NEVER_OWED]), st.floats(0.01, 1), min_size=1
)


@given(
    owed=owings,
    minutes=st.integers(LEAST_MINUTES, 20),
    kind=st.sampled_from(RunType),
    kit=some_of(Kit),
    pain=some_of(Site, most=2),
)
def test_it_fits_the_minutes_and_says_nothing_it_may_not(
    owed: dict[BodyArea, float], minutes: int, kind: RunType, kit: frozenset[Kit], pain: frozenset[Site]
) -> None:
    routine = catch_up(owed, Wish(run_type=kind, minutes=minutes, kit=kit, pain=pain), CATALOGUE, POLICY)

    if routine is not None:
        assert routine.seconds <= minutes * 60
        assert routine.steps[0].movement == "light_walk"
        assert set(routine.focus) <= owed.keys()
        assert not overclaims(" ".join([routine.title, *routine.reasons]))
