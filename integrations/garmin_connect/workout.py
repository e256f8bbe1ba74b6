"""A routine as a workout of Garmin Connect: pure, and in the form that Garmin's own website writes.

Nobody publishes that form; the numbers are those of garminconnect.workout, and the fields those of workouts that other
projects have put on watches. Garmin refuses a workout whole for one category that it does not know.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.domain.plain_text import cut
from service.domain.timed import Piece, Repeated, Timed, lasting_s

# What Garmin takes.
LONGEST_NAME, LONGEST_TEXT = 80, 512
# Garmin's numbers for the sports of a workout.
SPORTS = {
    "other": 3,
    "strength_training": 5,
    "cardio_training": 6,
    "yoga": 7,
    "pilates": 8,
    "mobility": 11,
}
INTERVAL = {"stepTypeId": 3, "stepTypeKey": "interval", "displayOrder": 3}
REST = {"stepTypeId": 5, "stepTypeKey": "rest", "displayOrder": 5}
REPEAT = {"stepTypeId": 6, "stepTypeKey": "repeat", "displayOrder": 6}
FOR_A_TIME = {"conditionTypeId": 2, "conditionTypeKey": "time", "displayOrder": 2, "displayable": True}
SO_OFTEN = {"conditionTypeId": 7, "conditionTypeKey": "iterations", "displayOrder": 7, "displayable": False}
NO_TARGET = {"workoutTargetTypeId": 1, "workoutTargetTypeKey": "no.target", "displayOrder": 1}
# Without these, watches were seen not to show the figure that moves.
NO_WEIGHT = {
    "weightValue": -1.0,
    "weightUnit": {"unitId": 8, "unitKey": "kilogram", "factor": 1000.0},
    "strokeType": {"strokeTypeId": 0, "displayOrder": 0},
    "equipmentType": {"equipmentTypeId": 0, "displayOrder": 0},
}

type Document = dict[str, Any]
type Exercises = Mapping[str, tuple[str, str]]


def workout(name: str, note: str, pieces: Sequence[Piece], *, sport: str, exercises: Exercises) -> Document:
    """Return the workout: `pieces` in order under a name and a note, for the sport that the watch is to take it for.

    `exercises` says by movement what Garmin calls it (category, exercise); with none, each is shown by its name alone.
    """
    kind = {"sportTypeId": SPORTS[sport], "sportTypeKey": sport, "displayOrder": SPORTS[sport]}
    steps = list(_steps(pieces, exercises))
    return {
        "workoutName": _within(name, LONGEST_NAME),
        "description": _within(note, LONGEST_TEXT),
        "sportType": kind,
        "subSportType": None,
        "estimatedDurationInSecs": lasting_s(pieces),
        "workoutSegments": [{"segmentOrder": 1, "sportType": kind, "workoutSteps": steps}],
    }


def _steps(pieces: Sequence[Piece], exercises: Exercises) -> Iterator[Document]:
    order, group = 1, 1
    for piece in pieces:
        if isinstance(piece, Repeated):
            yield _repeated(piece, order, group, exercises)
            order, group = order + 2, group + 1
        else:
            yield _step(piece, order, None, exercises)
            order += 1


def _repeated(piece: Repeated, order: int, group: int, exercises: Exercises) -> Document:
    return {
        "type": "RepeatGroupDTO",
        "stepOrder": order,
        "childStepId": group,
        "stepType": REPEAT,
        "numberOfIterations": piece.times,
        "smartRepeat": False,
        "endCondition": SO_OFTEN,
        "endConditionValue": float(piece.times),
        "workoutSteps": [_step(piece.step, order + 1, group, exercises)],
    }


def _step(step: Timed, order: int, group: int | None, exercises: Exercises) -> Document:
    text = f"{step.called}. {step.note}" if step.note else step.called
    document: Document = {
        "type": "ExecutableStepDTO",
        "stepOrder": order,
        "childStepId": group,
        "stepType": REST if step.rests else INTERVAL,
        "endCondition": FOR_A_TIME,
        "endConditionValue": float(step.seconds),
        "targetType": NO_TARGET,
        "description": _within(text, LONGEST_TEXT),
    }
    if step.movement in exercises:
        category, exercise = exercises[step.movement]
        document |= {"category": category, "exerciseName": exercise, **NO_WEIGHT}
    return document


def _within(text: str, most: int) -> str:
    return cut(text, lambda shorter: len(shorter) <= most)
