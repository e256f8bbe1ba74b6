"""The fixed ten-minute sequence."""

from dataclasses import replace

import pytest

from service.domain.classification import RunType
from service.domain.movements import BodyArea, Kind, Kit, Position, Site
from service.domain.routine import Part, Wish
from tests.domain.wishes import CATALOGUE, composed, ids, is_quick

TEN_MINUTES = Wish(run_type=RunType.LONG, minutes=10)

# The specification, section 2: movement, repetitions or seconds a side, sides.
SLOTS = [
    ("high_knees_walk", 30, 1),
    ("worlds_greatest", 5, 2),
    ("quad_pull", 30, 2),
    ("dog_cobra", 8, 1),
    ("hip_circles", 10, 2),
    ("wall_ankle", 10, 2),
    ("figure_four", 45, 2),
    ("cat_cow", 12, 1),
    ("side_bends", 8, 2),
    ("shoulder_rolls", 10, 1),
    ("arm_circles", 10, 1),
]


def test_it_has_its_ten_slots_in_order_at_their_own_doses() -> None:
    steps = composed(TEN_MINUTES).steps

    assert [(step.movement, step.reps or step.seconds // step.sides, step.sides) for step in steps] == SLOTS


def test_shoulder_rolls_and_arm_circles_share_the_last_twenty_seconds() -> None:
    *_, rolls, circles = composed(TEN_MINUTES).steps

    assert rolls.seconds + circles.change_s + circles.seconds == 20


def test_it_takes_ten_minutes() -> None:
    assert abs(composed(TEN_MINUTES).seconds - 600) <= 15


def test_it_needs_a_wall_and_nothing_else() -> None:
    assert {kit for step in composed(TEN_MINUTES).steps for kit in step.kit} == {Kit.WALL}


@pytest.mark.parametrize(
    "wish",
    [
        replace(TEN_MINUTES, kit=frozenset()),
        replace(TEN_MINUTES, positions=frozenset({Position.STANDING})),
        replace(TEN_MINUTES, pain=frozenset({Site.KNEE})),
        replace(TEN_MINUTES, tight=frozenset({BodyArea.CALVES})),
        replace(TEN_MINUTES, part=Part.LATER),
        replace(TEN_MINUTES, minutes=12),
    ],
    ids=["no wall", "no floor", "pain", "a tight area", "a part", "more time"],
)
def test_whoever_cannot_do_all_of_it_gets_ten_minutes_of_their_own(wish: Wish) -> None:
    routine = composed(wish)

    assert not is_quick(routine)
    assert ids(routine)[0] == "light_walk"


@pytest.mark.parametrize("run_type", [RunType.TEMPO, RunType.INTERVAL])
def test_ten_minutes_after_hard_running_keep_the_breathing(run_type: RunType) -> None:
    routine = composed(replace(TEN_MINUTES, run_type=run_type))

    assert not is_quick(routine)
    assert CATALOGUE[ids(routine)[-1]].kind is Kind.BREATH
    assert abs(routine.seconds - 600) <= 60
