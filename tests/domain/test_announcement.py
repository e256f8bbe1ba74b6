"""A message says what to do in its first line, and nothing that may not be claimed."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from config import catalogue
from service.domain.announcement import as_it_stands, contents, reminder, session_message
from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.message import Phase, Verb
from service.domain.quiet import WARM
from service.domain.routine import Part, Wish, compose
from service.domain.sessions import OPEN_STATES, Session, State, Window
from service.domain.words import whole_minutes
from tests.claims import overclaims
from tests.fakes import NOON


def session(kind: RunType = RunType.TEMPO, part: Part = Part.WHOLE, **more: object) -> Session:
    routine = compose(Wish(run_type=kind, part=part, **more), *catalogue.load())  # type: ignore[arg-type]
    window = Window(opens=NOON, closes=NOON + timedelta(hours=12))
    return Session(
        id=1, key="a", athlete="me", activity=1, part=part, routine=routine, window=window, state=State.PENDING
    )


ME = Athlete(id="me")
LINK = "https://afterrun.example/s/1"


@pytest.mark.parametrize("kind", RunType)
def test_the_first_line_says_how_long_and_what(kind: RunType) -> None:
    message = session_message(session(kind), ME, LINK, "", NOON)

    first = message.body.splitlines()[0]
    assert first.startswith(f"{whole_minutes(session(kind).routine.seconds)} min: walk, ")
    assert "Start within 15 min" in first
    assert len(message.title) <= 50


@pytest.mark.parametrize("kind", RunType)
@pytest.mark.parametrize(
    ("changes", "now", "title", "says"),
    [
        pytest.param({}, NOON, "After your", "Start within 15 min", id="right after"),
        pytest.param({}, NOON + WARM, "After your", "Start within 15 min", id="while legs are warm"),
        pytest.param({}, NOON + timedelta(hours=2), "Still good after your", "Walk first", id="late on the same day"),
        pytest.param({}, NOON + timedelta(hours=12), "From yesterday's", "Walk first", id="the next morning"),
        pytest.param({"part": Part.LATER}, NOON, "This evening, after your", "Any time this evening", id="the evening"),
        pytest.param({"state": State.SNOOZED}, NOON, "As you wished, after your", "Walk first", id="put off"),
        pytest.param({"activity": None}, NOON, "To catch up", "Whenever it suits you", id="catching up"),
    ],
)
def test_each_moment_has_its_own_words(
    kind: RunType, changes: dict[str, object], now: datetime, title: str, says: str
) -> None:
    one = replace(session(kind), **changes)  # type: ignore[arg-type]
    message = session_message(one, ME, LINK, "", now)

    assert message.title.startswith(title)
    assert len(message.title) <= 50, "as much as a locked phone shows"
    first_line = message.body.splitlines()[0]
    assert first_line.startswith(f"{whole_minutes(one.routine.seconds)} min: walk, ")
    assert says in first_line
    assert not overclaims("\n".join([message.title, message.body, *message.details]))


def test_a_late_message_says_how_long_it_is_still_fine() -> None:
    berlin = replace(ME, timezone=ZoneInfo("Europe/Berlin"))

    sleeper = replace(berlin, quiet=(time(22), time(6, 30)))

    message = session_message(session(), berlin, LINK, "", NOON + timedelta(hours=2))
    quieter = session_message(session(), sleeper, LINK, "", NOON + timedelta(hours=2))

    assert "Any time until 02:00 is fine" in message.body, "in the runner's own time"
    assert "Any time today is fine" in quieter.body, "whoever sleeps then is told of no such hour"


def test_an_unclear_run_is_owned_up_to() -> None:
    unsure = session_message(session(confidence=0.4), ME, LINK, "", NOON)

    assert "It was not clear what kind of run this was" in unsure.body.splitlines()[1]
    assert "not clear" not in session_message(session(), ME, LINK, "", NOON).body


def test_one_routine_for_several_runs_says_so() -> None:
    assert session_message(session(also=(RunType.EASY,)), ME, LINK, "", NOON).title.startswith("After your runs: ")


def test_a_message_is_worth_the_most_while_legs_are_warm() -> None:
    assert session_message(session(), ME, LINK, "", NOON).best_before == NOON + WARM
    assert session_message(session(), ME, LINK, "", NOON + 2 * WARM).best_before is None


def test_what_is_settled_says_what_it_said_then() -> None:
    done = replace(session(), state=State.DONE)

    assert session_message(done, ME, LINK, "", NOON + timedelta(hours=5)).title.startswith("After your tempo run")


def test_what_is_held_overnight_stands_in_the_calendar_when_it_is_spoken_of() -> None:
    night = NOON.replace(hour=23)
    sleeper = replace(ME, quiet=(time(22), time(6, 30)))
    held = replace(session(), window=Window(opens=night, closes=night + timedelta(hours=12)), offered_at=night)

    message = session_message(held, sleeper, LINK, "", night)

    assert message.starts_at == night.replace(hour=7, minute=10) + timedelta(days=1)
    assert message.title.startswith("From yesterday's")
    moved = replace(held, state=State.SNOOZED)
    assert session_message(moved, sleeper, LINK, "", night).starts_at == night, "where the runner put it, it stays"


def test_after_hard_running_it_ends_with_breathing() -> None:
    assert contents(session(RunType.INTERVAL).routine)[-1] == "breathing"
    assert "breathing" not in contents(session(RunType.EASY).routine)


def test_the_two_halves_of_a_long_run_know_of_one_another() -> None:
    now = session_message(session(RunType.LONG, Part.NOW), ME, LINK, "", NOON)
    later = session_message(session(RunType.LONG, Part.LATER), ME, LINK, "", NOON)

    assert "The rest waits for 19:30" in now.body
    assert later.title.startswith("This evening, after your")
    assert "Start within" not in later.body


def test_each_answer_goes_to_an_address_of_its_own_below_the_sessions() -> None:
    message = session_message(session(), ME, LINK, "", NOON)

    assert {action.verb: action.url for action in message.actions} == {
        Verb.DONE: f"{LINK}/done",
        Verb.SNOOZE: f"{LINK}/snooze",
        Verb.SKIP: f"{LINK}/skip",
    }


def test_a_calendar_shows_it_for_as_long_as_it_takes() -> None:
    message = session_message(session(), ME, LINK, "", NOON)

    assert message.starts_at == NOON
    assert message.ends_at is not None
    assert timedelta(minutes=15) <= message.ends_at - message.starts_at <= timedelta(minutes=20)


def test_a_reminder_is_the_same_message_under_a_name_of_its_own() -> None:
    message = session_message(session(), ME, LINK, "", NOON)

    again = reminder(message, NOON, NOON)

    assert again.key != message.key
    assert replace(again, key=message.key) == message
    assert reminder(message, NOON, NOON) == again
    assert reminder(message, NOON + timedelta(hours=1), NOON).key != again.key
    assert reminder(message, NOON, NOON + timedelta(hours=1)).key != again.key


@pytest.mark.parametrize("state", State)
def test_what_has_become_of_a_session_shows_in_its_message(state: State) -> None:
    message = session_message(session(), ME, LINK, "", NOON)

    stands = as_it_stands(message, state)

    assert (stands.key, stands.starts_at) == (message.key, message.starts_at)
    if state in OPEN_STATES:
        assert stands == message
    else:
        assert stands.phase is (Phase.DONE if state is State.DONE else Phase.WITHDRAWN)
        assert stands.title.startswith("✓") == (state is State.DONE)
        assert not stands.actions, "there is nothing left to answer"


def test_a_channel_that_shows_steps_in_its_own_way_is_given_them() -> None:
    message = session_message(session(), ME, LINK, "", NOON)

    assert message.routine is not None
    assert len(message.routine.steps) == len(message.details)
