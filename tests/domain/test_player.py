"""A routine as it is played: its phases fill its time, its doses stand, and everything is said in time."""

from itertools import pairwise

import pytest
from hypothesis import given

from config import catalogue
from service.domain.composing.steps import Step, step
from service.domain.player import (
    COUNTED_DOWN,
    READY_S,
    SIDE_S,
    SLOW,
    Act,
    Phase,
    Round,
    Sound,
    as_round,
    rounds,
)
from service.domain.routine import compose
from service.domain.wish import Unmet, Wish
from tests.domain.wishes import wishes

CATALOGUE, POLICY = catalogue.load()


def played(name: str, amount: int | None = None) -> Round:
    """Return a movement of the catalogue as it is played, at the low end of its dose unless told otherwise."""
    movement = CATALOGUE[name]
    made = step(movement, movement.dose, amount or movement.dose.low, "", CATALOGUE)
    return as_round(made, CATALOGUE)


def work(turn: Round) -> list[Phase]:
    return [phase for phase in turn.phases if phase.act is Act.WORK]


def heard(phase: Phase, sound: Sound) -> list[float]:
    return [cue.at_s for cue in phase.cues if cue.sound is sound]


def said(phase: Phase) -> str:
    return " ".join(cue.words for cue in phase.cues if cue.sound is Sound.SAY)


@given(wish=wishes())
def test_any_routine_is_played_at_its_doses_and_nothing_is_said_too_late(wish: Wish) -> None:
    try:
        routine = compose(wish, CATALOGUE, POLICY)
    except Unmet:
        return
    turns = rounds(routine.steps, CATALOGUE)

    assert [turn.step for turn in turns] == list(routine.steps)
    for turn in turns:
        assert sum(phase.seconds for phase in work(turn)) == pytest.approx(turn.step.seconds)
        assert all(0 <= cue.at_s < phase.seconds for phase in turn.phases for cue in phase.cues)
        assert all(one.at_s <= other.at_s for phase in turn.phases for one, other in pairwise(phase.cues))
    sides = sum(phase.act is Act.SIDE for turn in turns for phase in turn.phases)
    assert sum(turn.seconds for turn in turns) == pytest.approx(READY_S + routine.seconds + SIDE_S * sides)


def test_one_gets_ready_once_and_then_hears_what_comes_next() -> None:
    first, second = rounds([played("light_walk").step, played("side_bends").step], CATALOGUE)

    assert first.phases[0].act is Act.READY
    assert "First: Light walking" in said(first.phases[0])
    assert second.phases[0].act is Act.CHANGE
    assert "Next: Standing side bends" in said(second.phases[0])


def test_a_stretch_of_each_leg_changes_sides_in_the_middle_with_time_to_do_so() -> None:
    turn = played("quad_pull")

    assert [phase.act for phase in turn.phases] == [Act.CHANGE, Act.WORK, Act.SIDE, Act.WORK]
    assert [phase.label for phase in turn.phases[1:]] == ["First leg", "Other leg", "Other leg"]
    assert [phase.seconds for phase in turn.phases[1:]] == [30, SIDE_S, 30]


def test_circles_each_way_and_each_leg_are_four_turns_and_one_change_of_legs() -> None:
    turn = played("hip_circles")

    labels = [phase.label for phase in work(turn)]
    assert labels == ["First leg, one way", "First leg, other way", "Other leg, one way", "Other leg, other way"]
    assert all((phase.reps, phase.each_s, phase.seconds) == (10, 1.5, 15) for phase in work(turn))
    assert sum(phase.act is Act.SIDE for phase in turn.phases) == 1


def test_lunges_change_legs_with_every_step_so_nothing_stops_for_it() -> None:
    (lunges,) = work(played("lunge_rotation"))

    assert lunges.reps == 16
    assert lunges.label == "Sides in turn"


def test_repetitions_are_paced_and_the_last_two_announced() -> None:
    first, _ = work(played("wall_ankle"))

    assert (first.reps, first.each_s, first.hold_s) == (10, 6, 5)
    assert heard(first, Sound.TICK) == [6 * rep for rep in range(1, 10)]
    assert "Last two." in said(first)


def test_a_hold_is_breathed_through_slowly_and_longer_out_than_in() -> None:
    first, _ = work(played("figure_four", 45))

    assert first.breath == SLOW
    assert SLOW.out_s > SLOW.in_s
    assert heard(first, Sound.IN) == [0, 10, 20, 30]
    assert "Halfway." in said(first)


def test_box_breathing_counts_four_times_four() -> None:
    (box,) = work(played("box_breath", 5))

    assert box.breath is not None
    assert (box.breath.in_s, box.breath.held_s, box.breath.out_s, box.breath.empty_s) == (4, 4, 4, 4)
    assert heard(box, Sound.IN) == [0, 16, 32, 48, 64]
    assert len(heard(box, Sound.HOLD)) == 10


def test_breathing_without_holds_has_none() -> None:
    (slow,) = work(played("easy_breath"))

    assert heard(slow, Sound.HOLD) == []


def test_cat_and_cow_follow_the_breath() -> None:
    (waves,) = work(played("cat_cow"))

    assert waves.breath is not None
    assert waves.breath.lasts_s == waves.each_s


@pytest.mark.parametrize("movement", [movement.id for movement in CATALOGUE])
def test_every_movement_can_be_played_and_its_end_is_counted_down(movement: str) -> None:
    turn = played(movement)

    assert all(phase.seconds >= COUNTED_DOWN for phase in turn.phases)
    for phase in turn.phases:
        assert heard(phase, Sound.COUNT) == [phase.seconds - left for left in (3, 2, 1)]
    assert turn.step.how in said(work(turn)[0])


def test_a_movement_the_catalogue_no_longer_knows_is_played_all_the_same() -> None:
    known = played("quad_pull").step
    forgotten = Step(
        movement="handstand",
        name="Handstand",
        seconds=60,
        sides=2,
        cue="",
        reason="",
        position=known.position,
    )

    assert [phase.label for phase in as_round(forgotten, CATALOGUE).phases] == [
        "Next",
        "First side",
        "Other side",
        "Other side",
    ]
