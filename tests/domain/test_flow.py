"""The order of a routine and the changes between its movements."""

from service.domain.composing.flow import Pick, changes, in_order, place, positions
from service.domain.composing.policy import Change
from service.domain.movements import Position
from tests.domain.wishes import CATALOGUE

ORDER = list(CATALOGUE.movements)
CHANGE = Change(least_s=5, most_s=10)


def picked(*names: str) -> list[Pick]:
    """Return movements as taken, in this order of importance."""
    movements = [CATALOGUE[name] for name in names]
    return [
        Pick(movement=one, because="", area=one.areas[0], place=place(one, ORDER.index(one.id)), low=1, usual=1, high=1)
        for one in movements
    ]


def ordered(*names: str) -> list[str]:
    """Return the movements in the order they are done."""
    return [pick.movement.id for pick in in_order(picked(*names))]


def test_walk_roller_ball_movement_breath() -> None:
    shuffled = ("diaphragm_breath", "figure_four", "ball_foot", "roll_quads", "light_walk")

    assert ordered(*shuffled) == ["light_walk", "roll_quads", "ball_foot", "figure_four", "diaphragm_breath"]


def test_movement_goes_down_from_standing_to_lying() -> None:
    shuffled = ("figure_four", "worlds_greatest", "cat_cow", "side_bends")

    assert ordered(*shuffled) == ["side_bends", "cat_cow", "worlds_greatest", "figure_four"]


def test_a_stretch_comes_before_the_work_it_prepares() -> None:
    assert ordered("glute_bridge", "figure_four") == ["figure_four", "glute_bridge"]
    assert ordered("calf_raise_twist", "calf_stretch") == ["calf_stretch", "calf_raise_twist"]


def test_what_can_be_done_anywhere_stays_where_one_is() -> None:
    assert positions(picked("figure_four", "box_breath")) == [Position.LYING, Position.LYING]
    assert positions(picked("light_walk", "box_breath")) == [Position.STANDING, Position.STANDING]
    assert positions(picked("box_breath")) == [Position.STANDING]


def test_a_change_takes_longer_when_one_gets_down_or_fetches_something() -> None:
    done = picked("light_walk", "hip_circles", "wall_ankle", "quad_pull_supported", "cat_cow")

    assert changes(done, CHANGE) == [0, 5, 10, 5, 10]


def test_nothing_is_nothing() -> None:
    assert changes([], CHANGE) == []
