"""A message says what to do in its first line, and nothing that may not be claimed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from config import catalogue
from service.domain.announcement import as_it_stands, contents, reminder, session_message
from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.message import Phase, Verb
from service.domain.routine import Part, Wish, compose
from service.domain.sessions import OPEN_STATES, Session, State, Window
from service.domain.words import whole_minutes
from tests.fakes import NOON


def session(kind: RunType = RunType.TEMPO, part: Part = Part.WHOLE) -> Session:
    routine = compose(Wish(run_type=kind, part=part), *catalogue.load())
    window = Window(opens=NOON, closes=NOON + timedelta(hours=12))
    return Session(
        id=1, key="a", athlete="me", activity=1, part=part, routine=routine, window=window, state=State.PENDING
    )


ME = Athlete(id="me")
LINK = "https://afterrun.example/s/1"


@pytest.mark.parametrize("kind", RunType)
def test_the_first_line_says_how_long_and_what(kind: RunType) -> None:
    message = session_message(session(kind), ME, LINK, "")

    first = message.body.splitlines()[0]
    assert first.startswith(f"{whole_minutes(session(kind).routine.seconds)} min: walk, ")
    assert "Start within 15 min" in first
    assert len(message.title) <= 50


def test_after_hard_running_it_ends_with_breathing() -> None:
    assert contents(session(RunType.INTERVAL).routine)[-1] == "breathing"
    assert "breathing" not in contents(session(RunType.EASY).routine)


def test_the_two_halves_of_a_long_run_know_of_one_another() -> None:
    now = session_message(session(RunType.LONG, Part.NOW), ME, LINK, "")
    later = session_message(session(RunType.LONG, Part.LATER), ME, LINK, "")

    assert "The rest waits for 19:30" in now.body
    assert later.title.startswith("This evening")
    assert "Start within" not in later.body


def test_each_answer_goes_to_an_address_of_its_own_below_the_sessions() -> None:
    message = session_message(session(), ME, LINK, "")

    assert {action.verb: action.url for action in message.actions} == {
        Verb.DONE: f"{LINK}/done",
        Verb.SNOOZE: f"{LINK}/snooze",
        Verb.SKIP: f"{LINK}/skip",
    }


def test_a_calendar_shows_it_for_as_long_as_it_takes() -> None:
    message = session_message(session(), ME, LINK, "")

    assert message.starts_at == NOON
    assert message.ends_at is not None
    assert timedelta(minutes=15) <= message.ends_at - message.starts_at <= timedelta(minutes=20)


def test_a_reminder_is_the_same_message_under_a_name_of_its_own() -> None:
    message = session_message(session(), ME, LINK, "")

    again = reminder(message, NOON, NOON)

    assert again.key != message.key
    assert replace(again, key=message.key) == message
    assert reminder(message, NOON, NOON) == again
    assert reminder(message, NOON + timedelta(hours=1), NOON).key != again.key
    assert reminder(message, NOON, NOON + timedelta(hours=1)).key != again.key


@pytest.mark.parametrize("state", State)
def test_what_has_become_of_a_session_shows_in_its_message(state: State) -> None:
    message = session_message(session(), ME, LINK, "")

    stands = as_it_stands(message, state)

    assert (stands.key, stands.starts_at) == (message.key, message.starts_at)
    if state in OPEN_STATES:
        assert stands == message
    else:
        assert stands.phase is (Phase.DONE if state is State.DONE else Phase.WITHDRAWN)
        assert stands.title.startswith("✓") == (state is State.DONE)
        assert not stands.actions, "there is nothing left to answer"


def test_a_channel_that_shows_steps_in_its_own_way_is_given_them() -> None:
    message = session_message(session(), ME, LINK, "")

    assert message.routine is not None
    assert len(message.routine.steps) == len(message.details)
