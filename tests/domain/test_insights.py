"""Counts, and no more than the counts can carry."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.domain.body import Felt, Said
from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.insights import ENOUGH, FELT_AFTER, WEEKS, FeltRun, Insights, compared, insights
from service.domain.movements import BodyArea, Site
from service.domain.sessions import Session, State, Window
from tests.claims import overclaims
from tests.domain.test_announcement import session
from tests.fakes import NOON

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)
A_SESSION = session()


def done(ago: int, state: State = State.DONE) -> Session:
    opens = NOON - ago * DAY
    return replace(
        A_SESSION, window=Window(opens=opens, closes=opens + DAY), state=state, changed_at=opens, ran=RunType.TEMPO
    )


def ran(ago: int, felt: RunFelt | None = RunFelt.GOOD, kind: RunType = RunType.EASY) -> FeltRun:
    moment = NOON - ago * DAY
    return FeltRun(day=moment.date(), ended_at=moment, run_type=kind, felt=felt)


def found(*things: Session | FeltRun | Said) -> Insights:
    return insights(
        [one for one in things if isinstance(one, Session)],
        [one for one in things if isinstance(one, FeltRun)],
        [one for one in things if isinstance(one, Said)],
        NOON,
        UTC,
    )


def test_weeks_count_runs_sessions_offered_and_done_from_the_first_one_on() -> None:
    weeks = found(done(0), done(7), done(8, State.SKIPPED), done(9, State.EXPIRED), ran(7), ran(8)).weeks

    assert [(week.runs, week.offered, week.done) for week in weeks] == [(1, 2, 0), (1, 1, 1), (0, 1, 1)]
    assert all(week.monday.weekday() == 0 for week in weeks)
    assert found().weeks == ()


def test_what_makes_up_for_others_counts_as_done_and_not_as_offered() -> None:
    (week,) = found(replace(done(0), activity=None, ran=None)).weeks

    assert (week.offered, week.done) == (0, 1)


def test_areas_are_counted_in_seconds_of_what_was_done() -> None:
    areas = found(done(1), done(2, State.SKIPPED), done(40)).areas_s

    assert sum(areas.values()) == sum(step.seconds for step in A_SESSION.routine.steps[1:])
    assert list(areas.values()) == sorted(areas.values(), reverse=True)


def test_runs_are_told_apart_by_whether_the_day_before_had_a_session() -> None:
    counted = found(done(3), done(5, State.SKIPPED), ran(2), ran(4, RunFelt.HEAVY), ran(3, RunFelt.GREAT), ran(1, None))

    assert counted.after_session == {RunFelt.GOOD: 1}
    assert counted.after_none == {RunFelt.GREAT: 1, RunFelt.HEAVY: 1}


def test_with_too_few_it_says_so_and_with_enough_it_names_no_cause() -> None:
    few = Insights(after_session={RunFelt.GOOD: ENOUGH}, after_none={RunFelt.HEAVY: ENOUGH - 1})
    enough = Insights(after_session={RunFelt.GOOD: ENOUGH}, after_none={RunFelt.HEAVY: ENOUGH})

    assert "8 of 8 runs felt good or great, on days after none 0 of 7" in compared(few)[0]
    assert compared(few)[1].startswith("Too few to compare")
    assert compared(enough)[1].endswith("so it does not say why.")
    assert compared(Insights())[0].startswith("How your runs feel is not known yet")


def test_what_feels_tight_is_put_down_to_the_last_run_before_it() -> None:
    tight = Said(site=Site.CALVES, felt=Felt.TIGHT, at=NOON)
    sore = replace(tight, site=Site.KNEE, felt=Felt.SORE)

    assert found(ran(0, kind=RunType.TEMPO), ran(1), tight, sore).tight_after == {RunType.TEMPO: {BodyArea.CALVES: 1}}
    assert found(ran(FELT_AFTER.days + 1), tight).tight_after == {}


@given(
    st.lists(
        st.builds(done, st.integers(0, 80), st.sampled_from(State))
        | st.builds(ran, st.integers(0, 80), st.none() | st.sampled_from(RunFelt), st.sampled_from(RunType)),
        max_size=40,
    )
)
def test_nothing_is_counted_twice_and_nothing_is_claimed(things: list[Session | FeltRun]) -> None:
    counted = found(*things)

    runs = [one for one in things if isinstance(one, FeltRun) and one.felt]
    assert sum(counted.after_session.values()) + sum(counted.after_none.values()) == len(runs)
    assert len(counted.weeks) <= WEEKS
    assert not overclaims(" ".join(compared(counted)))
