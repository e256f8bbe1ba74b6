"""A routine for a watch: the doses stand, every side is a step of its own, and there are never too many."""

import pytest
from hypothesis import given

from config import catalogue
from service.domain.composing.steps import Step, step
from service.domain.player import READY_S, SIDE_S, rounds
from service.domain.routine import compose
from service.domain.timed import MOST_STEPS, Piece, Repeated, Timed, counted, lasting_s, timed
from service.domain.wish import Unmet, Wish
from tests.domain.wishes import thoroughly, wishes

CATALOGUE, POLICY = catalogue.load()


def of(name: str, amount: int | None = None) -> Step:
    """Return a movement of the catalogue as a step, at the low end of its dose unless told otherwise."""
    movement = CATALOGUE[name]
    return step(movement, movement.dose, amount or movement.dose.low, "", CATALOGUE)


def on_the_watch(*names: str) -> tuple[Piece, ...]:
    return timed([of(name) for name in names], CATALOGUE)


def alone(piece: Piece) -> Timed:
    return piece.step if isinstance(piece, Repeated) else piece


@thoroughly
@given(wish=wishes())
def test_any_routine_is_on_the_watch_what_it_is_on_the_phone(wish: Wish) -> None:
    try:
        routine = compose(wish, CATALOGUE, POLICY)
    except Unmet:
        return
    pieces = timed(routine.steps, CATALOGUE)
    steps = [alone(piece) for piece in pieces]

    assert counted(pieces) <= MOST_STEPS
    assert all(one.seconds > 0 and one.called for one in steps)
    assert {one.movement for one in steps if not one.rests} == {one.movement for one in routine.steps}
    played = sum(turn.seconds for turn in rounds(routine.steps, CATALOGUE)) - READY_S
    assert lasting_s(pieces) == pytest.approx(played, abs=len(pieces) + SIDE_S)


def test_nobody_is_told_to_get_ready_at_a_watch_just_started() -> None:
    first = alone(on_the_watch("quad_pull", "side_bends")[0])
    assert (first.called, first.rests) == ("Standing quad pull, first leg", False)


def test_each_side_is_a_step_with_time_to_change_between() -> None:
    pieces = [alone(piece) for piece in on_the_watch("quad_pull")]
    assert [(one.called, one.seconds, one.rests) for one in pieces] == [
        ("Standing quad pull, first leg", 30, False),
        ("Other leg", SIDE_S, True),
        ("Standing quad pull, other leg", 30, False),
    ]


def test_what_comes_next_is_said_in_the_change_before_it() -> None:
    pieces = [alone(piece) for piece in on_the_watch("light_walk", "side_bends")]
    assert next(one.called for one in pieces if one.rests) == "Next: Standing side bends"


def test_a_step_says_how_much_and_how_once_at_its_first_side() -> None:
    made = of("quad_pull")
    first, _, other = (alone(piece) for piece in on_the_watch("quad_pull"))
    assert first.note.startswith(made.dose[:1].upper())
    assert made.how in first.note
    assert other.note == ""


def test_long_breaths_are_one_step_so_often() -> None:
    slow = [piece for piece in on_the_watch("box_breath") if isinstance(piece, Repeated)]
    assert [piece.times * piece.step.seconds for piece in slow] == [of("box_breath").seconds]


def test_where_it_would_be_too_many_steps_the_changes_go_and_their_time_stays() -> None:
    few = [of("quad_pull")] * 10
    many = [of("quad_pull")] * 20
    assert any(alone(piece).rests for piece in timed(few, CATALOGUE))
    pieces = timed(many, CATALOGUE)
    assert not any(alone(piece).rests for piece in pieces)
    assert counted(pieces) == 40
    played = sum(turn.seconds for turn in rounds(many, CATALOGUE)) - READY_S
    assert lasting_s(pieces) == pytest.approx(played, abs=1)
