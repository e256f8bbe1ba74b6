"""Times as one says them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from config import catalogue
from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.routine import Part, compose
from service.domain.sessions import Session, State, Window
from service.domain.wish import Wish
from service.web.words import ago, best_done, capitalized, day_words, when

TODAY = date(2026, 6, 17)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (TODAY, "today"),
        (TODAY + timedelta(days=1), "tomorrow"),
        (TODAY - timedelta(days=1), "yesterday"),
        (TODAY - timedelta(days=4), "Saturday"),
        (TODAY - timedelta(days=14), "Wed 3 Jun"),
        (date(2024, 6, 3), "3 Jun 2024"),
    ],
)
def test_days(day: date, said: str) -> None:
    assert day_words(day, TODAY) == said


def test_a_moment_is_said_where_the_runner_is() -> None:
    late = datetime(2026, 6, 16, 22, 30, tzinfo=UTC)

    assert when(late, late, ZoneInfo("Europe/Berlin")) == "today 00:30"
    assert when(late, late + timedelta(hours=24), ZoneInfo("Europe/Berlin")) == "yesterday 00:30"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=12), "12 days ago"),
    ],
)
def test_how_long_ago(span: timedelta, said: str) -> None:
    now = datetime(2026, 6, 17, 12, tzinfo=UTC)

    assert ago(now - span, now) == said


NOON = datetime(2026, 6, 17, 12, tzinfo=UTC)
KIM = Athlete(id="kim", name="Kim", timezone=ZoneInfo("Europe/Berlin"), quiet=(time(22), time(6, 30)))


def session(**changes: object) -> Session:
    movements, policy = catalogue.load()
    routine = compose(Wish(run_type=RunType.LONG, kit=frozenset()), movements, policy)
    window = Window(opens=NOON, closes=NOON + timedelta(hours=12))
    known = Session(
        id=1,
        key="a",
        athlete="kim",
        activity=1,
        part=Part.WHOLE,
        routine=routine,
        window=window,
        state=State.PENDING,
        ran=RunType.LONG,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "after", "said"),
    [
        ({}, timedelta(minutes=5), "Best started while you are still warm"),
        ({}, timedelta(hours=4), "Walk first, until you feel warm again. Any time today is fine"),
        ({"part": Part.LATER}, timedelta(hours=-5), "From 14:00, any time that evening"),
        ({"part": Part.LATER}, timedelta(hours=1), "Any time this evening"),
        ({"state": State.SNOOZED}, timedelta(hours=-1), "Moved to 14:00"),
        ({"state": State.SNOOZED}, timedelta(hours=-20), "Moved to tomorrow 14:00"),
        ({"activity": None, "ran": None}, timedelta(hours=1), "Whenever it suits you today"),
    ],
)
def test_when_a_session_is_best_done(changes: dict[str, object], after: timedelta, said: str) -> None:
    assert best_done(session(**changes), KIM, NOON + after) == said


def test_names_written_small_stay_small_where_a_sentence_begins() -> None:
    assert capitalized("plug the disk in again") == "Plug the disk in again"
    assert capitalized("ntfy no longer takes this token") == "ntfy no longer takes this token"
    assert capitalized("") == ""
