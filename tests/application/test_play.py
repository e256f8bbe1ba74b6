"""A session is played as it stands; what hurts gives way to something that leaves that part alone."""

from dataclasses import replace

import pytest

from config import catalogue
from service.application.play import Play
from service.domain.sessions import Session, State
from tests.application.conftest import House, easy_run, long_run, played

CATALOGUE, _ = catalogue.load()


@pytest.fixture
def play(house: House) -> Play:
    return played(house)


@pytest.fixture
def session(house: House) -> Session:
    _, later = house.arrives(long_run())
    return later


def test_every_step_is_played_with_ways_out_that_load_nothing_of_what_hurts(play: Play, session: Session) -> None:
    turns = play.turns(session)

    assert [turn.round.step for turn in turns] == list(session.routine.steps)
    assert sum(bool(turn.instead) for turn in turns) > len(turns) / 2
    for turn in turns:
        loads = CATALOGUE[turn.round.step.movement].loads
        for way in turn.instead:
            assert CATALOGUE[way.round.step.movement].loads.isdisjoint(loads)
            assert way.round.step.seconds <= turn.round.step.seconds
            assert way.root not in {other.root for other in turns}


def test_what_hurts_is_swapped_for_good_and_once(play: Play, session: Session) -> None:
    turn = next(turn for turn in play.turns(session) if turn.instead)
    hurting, other = turn.round.step.movement, turn.instead[-1].round.step

    swapped = play.hurts(session.id, hurting, other.movement)
    again = play.hurts(session.id, hurting, other.movement)

    assert hurting not in [step.movement for step in swapped.routine.steps]
    assert other in swapped.routine.steps
    assert swapped.routine.seconds <= session.routine.seconds
    assert again == swapped
    assert swapped.state is State.PENDING


def test_what_hurts_can_be_left_out_but_something_stays(play: Play, session: Session) -> None:
    for step in session.routine.steps:
        session = play.hurts(session.id, step.movement, None)

    assert len(session.routine.steps) == 1


def test_only_a_way_out_may_take_its_place(play: Play, session: Session) -> None:
    first, second, *_ = session.routine.steps

    with pytest.raises(KeyError):
        play.hurts(session.id, first.movement, second.movement)
    with pytest.raises(KeyError):
        play.hurts(999, first.movement, None)


def test_a_routine_with_a_movement_of_another_release_is_played_without_ways_out(
    house: House, session: Session
) -> None:
    (easy,) = house.arrives(easy_run(name="easy.fit"))
    known = {name: movement for name, movement in CATALOGUE.movements.items() if name != "light_walk"}
    smaller = type(CATALOGUE)(movements=known, said_with=CATALOGUE.said_with)

    turns = replace(played(house), catalogue=smaller).turns(easy)

    assert len(turns) == len(easy.routine.steps)
    assert not any(turn.instead for turn in turns)
