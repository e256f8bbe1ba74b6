"""A routine has the form of a workout that Garmin takes."""

from typing import Any

import pytest
from garminconnect.workout import BaseWorkout
from hypothesis import given

from config.catalogue import exercises, load
from integrations.garmin_connect.workout import SPORTS, workout
from service.domain.timed import Repeated, Timed, timed
from service.domain.wish import Wish
from tests.domain.wishes import any_wishes, briefly, composed_or_none
from tests.peers.garmin_connect import EXERCISES_THERE, all_steps

CATALOGUE, _ = load()
PIECES = (
    Timed(seconds=120, called="Light walking", movement="light_walk", note="2 min. Walk slowly."),
    Timed(seconds=5, called="Next: Quad pull", rests=True),
    Timed(seconds=30, called="Quad pull, first leg", movement="quad_pull", note="30 s each leg."),
    Timed(seconds=4, called="Other leg", rests=True),
    Timed(seconds=30, called="Quad pull, other leg", movement="quad_pull"),
    Repeated(times=5, step=Timed(seconds=16, called="Box breathing", movement="box_breath", note="In, hold, out.")),
)


def made(sport: str = "mobility") -> dict[str, Any]:
    return workout("After your easy run", "8 min", PIECES, sport=sport, exercises=exercises())


def steps() -> list[dict[str, Any]]:
    return all_steps(made())


def test_a_workout_has_the_fields_that_garmin_writes() -> None:
    assert made() | {"workoutSegments": []} == {
        "workoutName": "After your easy run",
        "description": "8 min",
        "sportType": {"sportTypeId": 11, "sportTypeKey": "mobility", "displayOrder": 11},
        "subSportType": None,
        "estimatedDurationInSecs": 269,
        "workoutSegments": [],
    }
    (segment,) = made()["workoutSegments"]
    assert (segment["segmentOrder"], segment["sportType"]) == (1, made()["sportType"])


def test_a_step_of_work_is_timed_and_shows_the_figure_that_moves() -> None:
    assert steps()[2] == {
        "type": "ExecutableStepDTO",
        "stepOrder": 3,
        "childStepId": None,
        "stepType": {"stepTypeId": 3, "stepTypeKey": "interval", "displayOrder": 3},
        "endCondition": {
            "conditionTypeId": 2,
            "conditionTypeKey": "time",
            "displayOrder": 2,
            "displayable": True,
        },
        "endConditionValue": 30.0,
        "targetType": {"workoutTargetTypeId": 1, "workoutTargetTypeKey": "no.target", "displayOrder": 1},
        "category": "WARM_UP",
        "exerciseName": "STRETCH_QUAD",
        "description": "Quad pull, first leg. 30 s each leg.",
        "weightValue": -1.0,
        "weightUnit": {"unitId": 8, "unitKey": "kilogram", "factor": 1000.0},
        "strokeType": {"strokeTypeId": 0, "displayOrder": 0},
        "equipmentType": {"equipmentTypeId": 0, "displayOrder": 0},
    }


def test_a_change_is_a_rest() -> None:
    assert steps()[1]["stepType"] == {"stepTypeId": 5, "stepTypeKey": "rest", "displayOrder": 5}
    assert steps()[1]["description"] == "Next: Quad pull"
    assert "category" not in steps()[1]


def test_sides_are_steps_of_their_own() -> None:
    assert [step["description"].partition(".")[0] for step in steps()[2:5]] == [
        "Quad pull, first leg",
        "Other leg",
        "Quad pull, other leg",
    ]


def test_rounds_are_a_group_that_repeats() -> None:
    group, inside = steps()[5:]
    assert (group["type"], group["numberOfIterations"], group["endConditionValue"]) == ("RepeatGroupDTO", 5, 5.0)
    assert group["endCondition"]["conditionTypeKey"] == "iterations"
    assert group["stepType"]["stepTypeKey"] == "repeat"
    assert (inside["endConditionValue"], inside["childStepId"]) == (16.0, group["childStepId"])


def test_what_garmin_has_no_name_for_is_shown_by_its_own_alone() -> None:
    assert not {"category", "exerciseName"} & steps()[6].keys()
    assert steps()[6]["description"] == "Box breathing. In, hold, out."


def test_steps_are_counted_through_groups_and_all() -> None:
    assert [step["stepOrder"] for step in steps()] == list(range(1, 8))


@pytest.mark.parametrize(("sport", "number"), SPORTS.items())
def test_each_sport_has_garmins_number(sport: str, number: int) -> None:
    assert made(sport)["sportType"] == {"sportTypeId": number, "sportTypeKey": sport, "displayOrder": number}


def test_the_librarys_own_model_takes_it() -> None:
    assert BaseWorkout.model_validate(made()).estimatedDurationInSecs == 269


@given(any_wishes())
@briefly
def test_every_routine_there_can_be_is_within_what_garmin_takes(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return
    document = workout(routine.title, "note", timed(routine.steps, CATALOGUE), sport="mobility", exercises=exercises())
    there = all_steps(document)
    assert len(document["workoutName"]) <= 80
    assert len(there) <= 50
    assert all(len(step.get("description", "")) <= 512 for step in there)
    assert {(step["category"], step["exerciseName"]) for step in there if "category" in step} <= EXERCISES_THERE
    assert all(step["endConditionValue"] >= 1 for step in there)
