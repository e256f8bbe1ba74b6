"""Movements and their doses as values."""

import pytest

from service.domain.movements import Dose, Site
from tests.domain.wishes import CATALOGUE


def test_a_dose_of_repetitions_lasts_through_every_side_and_direction() -> None:
    circles = Dose(reps=(10, 10), each_s=1.5, sides=2, ways=2)

    assert circles.lasts(10) == 60


def test_a_dose_of_seconds_lasts_once_a_side() -> None:
    assert Dose(seconds=(30, 45), sides=2).lasts(45) == 90


@pytest.mark.parametrize("ranges", [{}, {"reps": (1, 2), "seconds": (1, 2)}])
def test_a_dose_is_counted_or_timed_and_not_both(ranges: dict[str, tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="either reps or seconds"):
        Dose(**ranges)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [(10, 8), (0, 8), (-3, 4)])
def test_a_dose_goes_from_less_to_more(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="from less to more"):
        Dose(reps=wrong)


@pytest.mark.parametrize(
    ("said", "site"),
    [("knee", Site.KNEE), ("Knees", Site.KNEE), ("calf", Site.CALVES), ("hip flexor", Site.HIP_FLEXORS)],
)
def test_sore_places_are_understood_in_everyday_words(said: str, site: Site) -> None:
    assert Site(said) is site


def test_an_unknown_sore_place_is_refused() -> None:
    with pytest.raises(ValueError, match="elbow"):
        Site("elbow")


def test_a_form_of_a_movement_knows_the_movement_it_is_a_form_of() -> None:
    assert CATALOGUE["hip_circles_supported"].root == "hip_circles"
    assert CATALOGUE["hip_circles"].root == "hip_circles"


def test_the_catalogue_is_asked_by_id() -> None:
    assert CATALOGUE["cat_cow"].name == "Cat-cow"
    with pytest.raises(KeyError):
        CATALOGUE["headstand"]
