"""A day begins with one thing to do, never with a stack."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain.athlete import Athlete
from service.domain.morning import all_day, as_of, catch_up_key, plan
from service.domain.sessions import Session, State, Window
from tests.domain.test_announcement import session
from tests.fakes import NOON

ME = Athlete(id="me")
MORNING = NOON.replace(hour=7)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A_SESSION = session()


def one(number: int, opens: datetime, state: State = State.PENDING, *, lasts: timedelta = 12 * HOUR) -> Session:
    window = Window(opens=opens, closes=opens + lasts)
    return replace(A_SESSION, id=number, window=window, state=state, changed_at=opens)


def test_a_day_without_anything_left_has_nothing_to_offer() -> None:
    assert not plan([], MORNING, ME).makes_up
    assert not plan([one(1, MORNING - DAY, State.DONE)], MORNING, ME).makes_up


def test_what_is_left_over_from_yesterday_is_to_be_made_up_for() -> None:
    still_open, over = one(1, MORNING - 11 * HOUR), one(2, MORNING - 20 * HOUR)

    planned = plan([over, still_open], MORNING, ME)

    assert planned.makes_up
    assert planned.left_over == (still_open,)
    assert [session.id for session in planned.debt.missed] == [1, 2]
    assert planned.is_news


def test_what_was_put_off_to_the_morning_comes_first_and_takes_the_place_of_the_rest() -> None:
    put_off, left = one(1, MORNING, State.SNOOZED), one(2, MORNING - 11 * HOUR)

    planned = plan([put_off, left], MORNING, ME)

    assert planned.first == put_off
    assert planned.left_over == (left,)
    assert not planned.makes_up


def test_what_waits_for_the_evening_is_enough_for_a_day() -> None:
    later = one(1, MORNING + 12 * HOUR, State.SNOOZED)

    planned = plan([later, one(2, MORNING - 2 * DAY, State.SKIPPED)], MORNING, ME)

    assert planned.later == (later,)
    assert planned.debt.owed
    assert not planned.makes_up


def test_what_waits_for_another_day_is_not_of_today() -> None:
    assert plan([one(1, MORNING + DAY, State.SNOOZED)], MORNING, ME).later == ()


def test_an_older_debt_is_made_up_for_but_is_no_news() -> None:
    planned = plan([one(1, MORNING - 2 * DAY, State.SKIPPED)], MORNING, ME)

    assert planned.makes_up
    assert not planned.is_news


def test_what_runs_out_meanwhile_stands_as_run_out() -> None:
    assert as_of(one(1, MORNING - 12 * HOUR), MORNING).state is State.EXPIRED
    assert as_of(one(1, MORNING - 11 * HOUR), MORNING).state is State.PENDING
    assert as_of(one(1, MORNING - 12 * HOUR, State.DONE), MORNING).state is State.DONE


def test_a_catch_up_is_open_until_the_day_ends_and_has_one_name() -> None:
    window = all_day(MORNING, ME)

    assert (window.opens, window.closes) == (MORNING, MORNING.replace(hour=0) + DAY)
    assert catch_up_key("me", MORNING.date()) == catch_up_key("me", MORNING.date())
    assert catch_up_key("me", MORNING.date()) != catch_up_key("you", MORNING.date())


@given(
    st.lists(
        st.builds(
            one,
            st.integers(1, 9),
            st.integers(-72, 48).map(lambda hours: MORNING + hours * HOUR),
            st.sampled_from(State),
            lasts=st.integers(1, 24).map(lambda hours: hours * HOUR),
        ),
        unique_by=lambda session: session.id,
    ),
    st.times(),
)
def test_every_open_session_has_one_place_in_the_day(sessions: list[Session], clock: time) -> None:
    now = MORNING.replace(hour=clock.hour, minute=clock.minute)

    planned = plan(sessions, now, ME)

    placed = [*planned.left_over, *planned.later, *([planned.first] if planned.first else [])]
    assert len({session.id for session in placed}) == len(placed)
    assert all(session.window.closes > now and session.state in {State.PENDING, State.SNOOZED} for session in placed)
    assert not (planned.makes_up and (planned.first or planned.later))
