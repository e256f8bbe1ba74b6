"""The weeks behind a runner: every run and session is counted once, on the day it was where they live."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from config import catalogue
from service.domain.classification import RunType
from service.domain.movements import BodyArea
from service.domain.past import Past, Ran, look_back, monday_of
from service.domain.routine import Part, compose
from service.domain.sessions import Session, State, Window
from service.domain.wish import Wish

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 6, 17)  # a Wednesday
ROUTINE = compose(Wish(run_type=RunType.EASY), *catalogue.load())


def ran(days_ago: int, kind: RunType = RunType.EASY) -> Ran:
    return Ran(day=TODAY - timedelta(days=days_ago), run_type=kind, distance_m=5000.0, moving_s=1800.0)


def session(days_ago: int, state: State = State.DONE, at: time = time(18, 0)) -> Session:
    moment = datetime.combine(TODAY - timedelta(days=days_ago), at, BERLIN).astimezone(UTC)
    return Session(
        id=1,
        key="key",
        athlete="me",
        activity=1,
        part=Part.WHOLE,
        routine=ROUTINE,
        window=Window(opens=moment, closes=moment + timedelta(hours=12)),
        state=state,
        changed_at=moment,
    )


def past(*, runs: list[Ran] | None = None, sessions: list[Session] | None = None, weeks: int = 4) -> Past:
    return look_back(runs or [], sessions or [], [], today=TODAY, weeks=weeks, zone=BERLIN)


def test_whole_weeks_up_to_today() -> None:
    found = past(weeks=3)

    assert [week.monday for week in found.weeks] == [date(2026, 6, 1), date(2026, 6, 8), date(2026, 6, 15)]
    assert (found.days[0].date, found.days[-1].date) == (date(2026, 6, 1), TODAY)
    assert found.areas == ()


def test_a_day_is_named_by_the_run_that_asked_for_most() -> None:
    day = past(runs=[ran(1), ran(1, RunType.INTERVAL), ran(1, RunType.LONG)]).days[-2]

    assert day.hardest is RunType.INTERVAL
    assert len(day.runs) == 3


def test_only_what_was_done_counts_and_on_the_day_it_was_done_at_home() -> None:
    just_before_midnight = session(2, at=time(23, 50))
    found = past(sessions=[just_before_midnight, session(1, State.SKIPPED), session(0)])

    assert [day.done for day in found.days[-3:]] == [1, 0, 1]
    assert found.weeks[-1].done == 2


def test_areas_are_counted_once_a_session_and_the_most_worked_come_first() -> None:
    found = past(sessions=[session(0), session(1)])

    assert {count for _, count in found.areas} == {2}
    assert BodyArea.NERVOUS_SYSTEM not in dict(found.areas)


def test_feelings_stand_in_the_week_they_were_told_in() -> None:
    told = [(datetime(2026, 6, 16, 9, tzinfo=UTC), "good"), (datetime(2026, 6, 9, 9, tzinfo=UTC), "too much")]

    found = look_back([], [], told, today=TODAY, weeks=2, zone=BERLIN)

    assert [dict(week.feelings) for week in found.weeks] == [{"too much": 1}, {"good": 1}]


@given(days=st.lists(st.integers(-3, 60), max_size=30), weeks=st.integers(1, 8))
def test_every_run_in_the_span_is_counted_once(days: list[int], weeks: int) -> None:
    runs = [ran(ago) for ago in days]
    found = past(runs=runs, weeks=weeks)
    first = monday_of(TODAY) - timedelta(weeks=weeks - 1)
    inside = [run for run in runs if first <= run.day <= TODAY]

    assert sum(len(day.runs) for day in found.days) == len(inside)
    assert sum(week.runs for week in found.weeks) == len(inside)
    assert sum(week.distance_m for week in found.weeks) == 5000.0 * len(inside)
