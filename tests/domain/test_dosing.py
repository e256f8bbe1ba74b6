"""How much of each: doses raised until the time is used."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.composing.dosing import doses
from service.domain.composing.flow import Pick, place
from service.domain.composing.sizing import Size
from tests.domain.wishes import CATALOGUE, thoroughly


def pick(name: str, *, full: bool = False) -> Pick:
    """Return a movement as taken, free to use its whole range."""
    movement = CATALOGUE[name]
    dose = movement.dose
    return Pick(
        movement=movement,
        because="",
        area=movement.areas[0],
        place=place(movement, 0),
        low=dose.low,
        usual=dose.low,
        high=dose.high,
        full=full,
    )


def to(aim: int, low: int = 0, high: int = 10_000) -> Size:
    """Return a size."""
    return Size(aim=aim, low=low, high=high, why="")


def test_what_matters_most_is_raised_first() -> None:
    walk, hold = pick("light_walk"), pick("figure_four", full=True)

    assert doses([walk, hold], 5, to(120 + 5 + 90)) == [120, 45]


def test_the_others_are_raised_in_turn() -> None:
    assert doses([pick("roll_calves"), pick("roll_quads")], 0, to(100)) == [50, 50]


def test_without_spare_time_everything_stays_low() -> None:
    assert doses([pick("light_walk"), pick("box_breath")], 10, to(100)) == [120, 5]


def test_a_last_notch_may_pass_the_aim_to_reach_the_window() -> None:
    assert doses([pick("box_breath")], 0, to(90, low=85, high=100)) == [6]


names = st.lists(st.sampled_from(list(CATALOGUE.movements)), min_size=1, max_size=12)


@thoroughly
@given(names, st.integers(0, 3000), st.sets(st.integers(0, 11)))
def test_doses_stay_in_range_and_pass_the_aim_only_where_the_least_of_all_does(
    chosen: list[str], aim: int, full: set[int]
) -> None:
    picks = [pick(name, full=index in full) for index, name in enumerate(chosen)]
    amounts = doses(picks, 0, to(aim))
    least = sum(one.movement.dose.lasts(one.low) for one in picks)
    total = sum(one.movement.dose.lasts(amount) for one, amount in zip(picks, amounts, strict=True))

    assert all(one.low <= amount <= one.high for one, amount in zip(picks, amounts, strict=True))
    assert total <= max(aim, least)
