"""Writing a routine as a FIT workout: for a watch without a cloud, put there by cable.

Times are milliseconds, text is UTF-8 of at most 254 bytes. The numbers for what Garmin calls a movement stand in the
FIT profile, which fitparse brings along.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from fitparse.profile import FIELD_TYPES

from integrations.fit.profile import (
    FILE_ID,
    FILE_TYPES,
    INTENSITIES,
    MANUFACTURER_DEVELOPMENT,
    SPORTS,
    WORKOUT,
    WORKOUT_DURATIONS,
    WORKOUT_STEP,
    WORKOUT_SUB_SPORTS,
    WORKOUT_TARGET_OPEN,
    seconds,
)
from integrations.fit.writer import Value, fit_file, message
from service.domain.plain_text import cut
from service.domain.timed import Piece, Repeated, Timed, counted

LONGEST_TEXT = 254
# Sport and sub-sport for what a watch is to take the workout for. The format has a sport called mobility by now, which
# older watches do not know; what it grew out of, they do.
KINDS = {
    "mobility": ("training", "flexibility_training"),
    "yoga": ("training", "yoga"),
    "pilates": ("training", "pilates"),
    "cardio_training": ("training", "cardio_training"),
    "strength_training": ("training", "strength_training"),
    "other": ("generic", ""),
}

type Exercises = Mapping[str, tuple[str, str]]


def encode_workout(
    name: str, pieces: Sequence[Piece], *, sport: str, serial: int, made_at: datetime, exercises: Exercises
) -> bytes:
    """Return a workout of these pieces, in order, as a FIT file.

    `sport` is one of KINDS. Watches tell workouts apart by `serial` (32 bits, not 0) and `made_at`. `exercises` says by
    movement what Garmin calls it (category, exercise).
    """
    main, sub = KINDS[sport]
    return fit_file(
        message(
            FILE_ID,
            type=FILE_TYPES["workout"],
            manufacturer=MANUFACTURER_DEVELOPMENT,
            product=0,
            serial_number=serial,
            time_created=round(seconds(made_at)),
        ),
        message(
            WORKOUT,
            sport=SPORTS[main],
            sub_sport=WORKOUT_SUB_SPORTS[sub],
            num_valid_steps=counted(pieces),
            wkt_name=_within(name),
        ),
        *_steps(pieces, exercises),
    )


def _steps(pieces: Sequence[Piece], exercises: Exercises) -> Iterator[bytes]:
    place = 0
    for piece in pieces:
        yield _step(piece.step if isinstance(piece, Repeated) else piece, place, exercises)
        if isinstance(piece, Repeated):
            yield _again(place, piece.times)
        place += counted([piece])


def _step(step: Timed, place: int, exercises: Exercises) -> bytes:
    values: dict[str, Value] = {
        "message_index": place,
        "wkt_step_name": _within(step.called),
        "duration_type": WORKOUT_DURATIONS["time"],
        "duration_value": 1000 * step.seconds,
        "target_type": WORKOUT_TARGET_OPEN,
        "target_value": 0,
        "intensity": INTENSITIES["rest" if step.rests else "active"],
    }
    if step.note:
        values["notes"] = _within(step.note)
    return message(WORKOUT_STEP, **values, **_numbers(exercises.get(step.movement)))


def _again(place: int, times: int) -> bytes:
    """Return the step that says: do the one before it so often in all."""
    return message(
        WORKOUT_STEP,
        message_index=place + 1,
        duration_type=WORKOUT_DURATIONS["repeat_until_steps_cmplt"],
        duration_value=place,
        target_type=WORKOUT_TARGET_OPEN,
        target_value=times,
    )


def _numbers(called: tuple[str, str] | None) -> dict[str, Value]:
    """Return the profile's numbers for a category and an exercise; nothing where it does not have both."""
    category, exercise = (name.lower() for name in called or ("", ""))
    one, other = _number("exercise_category", category), _number(f"{category}_exercise_name", exercise)
    return {} if one is None or other is None else {"exercise_category": one, "exercise_name": other}


def _number(kind: str, name: str) -> int | None:
    """Return the number of a name among those of a kind; None where there is no such name, or kind."""
    names = FIELD_TYPES[kind].values if kind in FIELD_TYPES else {}
    return next((number for number, known in names.items() if known == name), None)


def _within(text: str) -> str:
    return cut(text, lambda shorter: len(shorter.encode()) <= LONGEST_TEXT)
