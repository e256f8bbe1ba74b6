"""The morning list says what waits and what was, kindly, or nothing at all."""

from datetime import date, timedelta

import pytest

from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.digest import Day, digest, digest_due, start_of_day, start_of_week
from service.domain.routine import Part
from service.domain.words import whole_minutes
from tests.domain.test_announcement import session
from tests.fakes import NOON

ME = Athlete(id="me")
TODAY = NOON.date()


def test_with_nothing_to_say_there_is_no_message() -> None:
    assert digest(Day(athlete=ME, date=TODAY, done_this_week=3)) is None


def test_it_counts_what_waits_and_when() -> None:
    evening, whole = session(RunType.LONG, Part.LATER), session()

    message = digest(Day(athlete=ME, date=TODAY, pending=[evening, whole]))

    assert message is not None
    assert "2 routines wait" in message.title
    assert message.details[0].startswith(f"{whole_minutes(evening.routine.seconds)} min after a long run, from 12:00")
    assert message.details[1].startswith(f"{whole_minutes(whole.routine.seconds)} min after a tempo run, until 00:00")


@pytest.mark.parametrize(
    ("runs", "line"),
    [
        ([RunType.EASY], "Yesterday: an easy run."),
        ([RunType.EASY, RunType.INTERVAL], "Yesterday: an easy run and an interval session."),
    ],
)
def test_it_tells_yesterdays_runs(runs: list[RunType], line: str) -> None:
    message = digest(Day(athlete=ME, date=TODAY, runs_yesterday=runs))

    assert message is not None
    assert line in message.body


def test_a_week_at_its_goal_is_worth_a_word() -> None:
    short = digest(Day(athlete=ME, date=TODAY, runs_yesterday=[RunType.EASY], done_this_week=2))
    met = digest(Day(athlete=ME, date=TODAY, runs_yesterday=[RunType.EASY], done_this_week=4))

    assert short is not None
    assert met is not None
    assert "2 of 4 sessions." in short.body
    assert "Well done" in met.body


def test_it_has_one_name_a_runner_and_date() -> None:
    names = set()
    for athlete in (ME, Athlete(id="you")):
        for day in (TODAY, TODAY + timedelta(days=1)):
            message = digest(Day(athlete=athlete, date=day, repairs=["Mend it."]))
            assert message is not None
            names.add(message.key)

    assert len(names) == 4


def test_it_is_due_from_its_hour_on() -> None:
    assert digest_due(ME, NOON.replace(hour=6, minute=59)) is None
    assert digest_due(ME, NOON.replace(hour=7)) == TODAY


def test_weeks_begin_on_monday() -> None:
    assert start_of_week(date(2026, 6, 21), ME.timezone) == start_of_day(date(2026, 6, 15), ME.timezone)
