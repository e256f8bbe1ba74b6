"""The morning list says what to do and what was, kindly, or nothing at all."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from service.domain.athlete import Athlete, Listing, Units
from service.domain.classification import RunType
from service.domain.digest import Day, digest, digest_due, start_of_day, start_of_week
from service.domain.message import Message, Verb
from service.domain.movements import Site
from service.domain.routine import Part
from service.domain.sessions import Session, State, Window
from service.domain.words import whole_minutes
from tests.claims import overclaims
from tests.domain.test_announcement import session
from tests.fakes import NOON

ME = Athlete(id="me")
MORNING = NOON.replace(hour=7)
TODAY = NOON.date()
DAY = timedelta(days=1)
LINK = "https://afterrun.example/s/1"


def catch_up() -> Session:
    return replace(session(RunType.EASY), activity=None, window=Window(opens=MORNING, closes=MORNING + DAY))


def evening() -> Session:
    opens = NOON.replace(hour=19, minute=30)
    return replace(session(RunType.LONG, Part.LATER), window=Window(opens=opens, closes=opens + timedelta(hours=4)))


def told(**facts: object) -> Message | None:
    return digest(Day(**({"athlete": ME, "today": TODAY, "now": MORNING} | facts)))  # type: ignore[arg-type]


def said(**facts: object) -> Message:
    message = told(**facts)
    assert message is not None
    assert not overclaims("\n".join([message.title, message.body, message.why, *message.details]))
    return message


def test_with_nothing_to_say_there_is_no_message_unless_one_is_wished_for() -> None:
    every_day, to_do = replace(ME, digest_when=Listing.ALWAYS), replace(ME, digest_when=Listing.TO_DO)

    assert told(done_this_week=3) is None
    assert said(done_this_week=3, athlete=every_day).title == "Good morning: nothing to catch up on"
    assert told(runs_yesterday=[RunType.EASY], win="Three days in a row.", athlete=to_do) is None
    assert said(first=catch_up(), athlete=to_do).title.endswith("to catch up")


def test_what_to_do_stands_in_the_first_line_with_its_steps_and_answers_below() -> None:
    message = said(first=catch_up(), link=LINK)

    size = whole_minutes(catch_up().routine.seconds)
    assert message.title == f"Good morning: {size} min to catch up"
    assert message.body.splitlines()[0].startswith(f"{size} min: walk, ")
    assert "Whenever it suits you today" in message.body.splitlines()[0]
    assert len(message.details) == len(catch_up().routine.steps)
    assert message.link == LINK
    assert [action.verb for action in message.actions] == list(Verb)


def test_what_the_runner_put_off_to_the_morning_is_for_today() -> None:
    put_off = replace(session(), state=State.SNOOZED, window=Window(opens=MORNING, closes=MORNING + DAY))

    message = said(first=put_off)

    assert message.title.endswith("min for today")
    assert "Walk first" in message.body


def test_what_waits_for_its_hour_is_told_with_it() -> None:
    message = said(later=[evening()])

    size = whole_minutes(evening().routine.seconds)
    assert message.title == f"Good morning: {size} min at 19:30"
    assert message.body.splitlines()[0] == f"At 19:30: {size} min, after a long run."


@pytest.mark.parametrize(
    ("runs", "line"),
    [
        ([RunType.EASY], "Yesterday: an easy run."),
        ([RunType.EASY, RunType.INTERVAL], "Yesterday: an easy run and an interval session."),
    ],
)
def test_it_tells_yesterdays_runs(runs: list[RunType], line: str) -> None:
    assert line in said(runs_yesterday=runs).body


@pytest.mark.parametrize(("units", "why"), [(Units.KILOMETRES, "16.1 km"), (Units.MILES, "10.0 mi")])
def test_how_far_they_went_is_told_apart_because_some_sources_forbid_it(units: Units, why: str) -> None:
    message = said(runs_yesterday=[RunType.EASY], ran_m=16_093.44, athlete=replace(ME, units=units))

    assert message.why == f"You ran {why} yesterday."
    assert why not in message.body


def test_it_counts_the_week_and_on_mondays_the_last_one() -> None:
    assert TODAY.weekday() == 0
    ran = {"runs_yesterday": [RunType.EASY]}

    assert "Last week: 3 of 4 sessions. A new week begins." in said(done_last_week=3, **ran).body
    assert "This week: 1 of 4 sessions so far." in said(done_this_week=1, done_last_week=3, **ran).body
    assert "This week: 0 of 4 sessions so far." in said(today=TODAY + DAY, **ran).body


def test_whose_sessions_have_not_begun_is_not_shown_a_week_of_none() -> None:
    assert "sessions" not in said(runs_yesterday=[RunType.EASY], is_going=False).body


def test_what_makes_up_for_nothing_new_is_no_reason_for_a_message_but_goes_along_with_one() -> None:
    assert told(first=catch_up(), is_news=False) is None
    assert "to catch up" in said(first=catch_up(), is_news=False, runs_yesterday=[RunType.EASY]).title


def test_what_is_owed_no_more_is_let_go_of_kindly() -> None:
    gone = replace(session(), window=Window(opens=MORNING - 4 * DAY, closes=MORNING - 3 * DAY))

    message = said(let_go=[gone], runs_yesterday=[RunType.EASY])

    assert "What was left of Thursday is let go of: nothing is owed for ever." in message.body
    assert told(let_go=[gone]) is None, "by itself it is no reason for a message"


@pytest.mark.parametrize(
    ("days", "asks", "sends_on"), [(1, False, False), (3, True, False), (4, False, False), (7, True, True)]
)
def test_a_sore_place_is_asked_about_twice_and_then_is_somebodys_to_see(days: int, asks: bool, sends_on: bool) -> None:
    message = told(sore=[(Site.KNEE, MORNING - days * DAY)])

    assert (message is not None) is asks
    if message is not None:
        assert "your knee was sore. Better by now?" in message.body
        assert ("a physiotherapist or a doctor" in message.body) is sends_on


def test_repairs_are_something_to_say() -> None:
    message = said(repairs=["ntfy: make a new token"])

    assert message.title == "Good morning: a hand is needed"
    assert "make a new token" in message.body
    assert told(repairs=["ntfy: make a new token"], repairs_told=True) is None, "once is enough"
    again = said(repairs=["ntfy: make a new token"], repairs_told=True, runs_yesterday=[RunType.EASY])
    assert again.title == "Good morning: nothing to catch up on"
    assert "make a new token" in again.body


def test_a_run_by_another_clock_is_noticed() -> None:
    away = {"runs_yesterday": [RunType.EASY], "away": timedelta(hours=-6)}

    assert "Yesterday's run was 6 hours behind your own clock." in said(**away).body


def test_a_list_wished_for_in_the_evening_says_good_evening() -> None:
    assert said(runs_yesterday=[RunType.EASY], now=NOON.replace(hour=20)).title.startswith("Good evening")


def test_it_has_one_name_a_runner_and_date() -> None:
    names = {
        said(athlete=athlete, today=day, repairs=["Mend it."]).key
        for athlete in (ME, Athlete(id="you"))
        for day in (TODAY, TODAY + DAY)
    }

    assert len(names) == 4


def test_it_is_worth_nothing_the_next_day() -> None:
    assert said(repairs=["Mend it."]).useful_until == start_of_day(TODAY + DAY, ME.timezone)


def test_it_is_due_from_its_hour_on() -> None:
    assert digest_due(ME, NOON.replace(hour=6, minute=59)) is None
    assert digest_due(ME, NOON.replace(hour=7)) == TODAY
    assert digest_due(replace(ME, digest_at=time(13)), NOON) is None


def test_weeks_begin_on_monday() -> None:
    assert start_of_week(date(2026, 6, 21), ME.timezone) == start_of_day(date(2026, 6, 15), ME.timezone)
    assert start_of_day(date(2026, 6, 15), ME.timezone) == datetime(2026, 6, 15, tzinfo=ME.timezone)
