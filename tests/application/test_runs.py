"""Looking at runs: each athlete's own, the newest first, one with everything known of it."""

from datetime import timedelta

import pytest

from service.application.body import NoSuchRunError
from service.application.runs import Runs
from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from tests.application.conftest import House, easy_run, long_run


@pytest.fixture
def runs(house: House) -> Runs:
    return Runs(house.database, house.coach.archive, house.athletes, house.clock)


def test_the_newest_comes_first_with_what_is_known_of_it(house: House, runs: Runs) -> None:
    house.arrives(long_run())
    house.clock.forward(hours=20)
    (session,) = house.arrives(easy_run(name="next.fit", started_at=house.clock.now() - timedelta(hours=1)))
    house.coach.correct(session.run, RunType.TEMPO)
    with house.database.writing() as store:
        store.set_run_felt(session.run, RunFelt.HEAVY, house.clock.now())

    newest = runs.newest("me")

    assert newest is not None
    assert newest.run_type is RunType.TEMPO
    assert newest.corrected
    assert newest.felt is RunFelt.HEAVY
    listed = runs.between("me", house.clock.now() - timedelta(days=3), house.clock.now())
    assert [run.run_type for run in listed] == [RunType.TEMPO, RunType.LONG]


def test_who_has_not_run_of_late_has_no_newest_run(house: House, runs: Runs) -> None:
    assert runs.newest("me") is None
    house.arrives(easy_run())
    house.clock.forward(days=90)
    assert runs.newest("me") is None


def test_a_run_is_told_whole_with_its_streams_and_sessions(house: House, runs: Runs) -> None:
    now, later = house.arrives(long_run())

    story = runs.story("me", now.run)

    assert story.verdict.run_type is RunType.LONG
    assert story.sessions == (now, later)
    assert story.whole.streams is not None
    assert story.run.id == now.run


def test_nobody_is_told_of_anothers_run(house: House, runs: Runs) -> None:
    (session,) = house.arrives(easy_run())

    for athlete, number in (("anna", session.run), ("me", 999)):
        with pytest.raises(NoSuchRunError):
            runs.story(athlete, number)
    assert runs.between("anna", house.clock.now() - timedelta(days=1), house.clock.now()) == []


def test_the_weeks_behind_count_runs_sessions_and_feelings(house: House, runs: Runs) -> None:
    (session,) = house.arrives(easy_run())
    house.feedback.done(session.id)
    house.feedback.feel(session.id, "good")

    past = runs.past("me", weeks=2)

    assert past.days[-1].runs == (RunType.EASY,)
    assert past.days[-1].done == 1
    assert past.weeks[-1].feelings == {"good": 1}
    assert past.weeks[0].runs == 0
