"""A routine is a FIT workout that any reader of the format understands."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import fitdecode
import pytest
from fitparse import FitFile
from hypothesis import given
from pyfitparsernative import parse_fit_bytes

from config.catalogue import exercises, load
from integrations.fit import Decoder
from integrations.fit.container import pieces
from integrations.fit.workouts import KINDS, encode_workout
from service.domain.timed import Repeated, Timed, counted, lasting_s, timed
from service.domain.wish import Wish
from tests.domain.wishes import any_wishes, briefly, composed_or_none
from tests.integrations.fit.files import raw

CATALOGUE, _ = load()
MADE_AT = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
PIECES = (
    Timed(seconds=120, called="Light walking", movement="light_walk", note="2 min. Walk slowly."),
    Timed(seconds=5, called="Next: Quad pull", rests=True),
    Timed(seconds=30, called="Quad pull, first leg", movement="quad_pull"),
    Repeated(times=5, step=Timed(seconds=16, called="Box breathing", movement="box_breath", note="In, hold, out.")),
    Timed(seconds=45, called="Dehnübung für die Waden 🦵", movement="calf_stretch"),
)

type Messages = list[tuple[str, Mapping[str, Any]]]


def encoded(sport: str = "mobility") -> bytes:
    return encode_workout("After your easy run", PIECES, sport=sport, serial=7, made_at=MADE_AT, exercises=exercises())


def by_fitparse(body: bytes) -> Messages:
    return [(one.name, {field.name: field.value for field in one}) for one in FitFile(body).get_messages()]


def by_fitdecode(body: bytes) -> Messages:
    with fitdecode.FitReader(body, check_crc=fitdecode.CrcCheck.RAISE) as frames:
        data = [frame for frame in frames if isinstance(frame, fitdecode.FitDataMessage)]
        return [(one.name, {field.name: field.value for field in one.fields}) for one in data]


def by_native(body: bytes) -> Messages:
    return [(str(one["message_type"]), one) for one in parse_fit_bytes(body)]


READERS = (by_fitparse, by_fitdecode, by_native)
each_reader = pytest.mark.parametrize("read", READERS)


def steps(messages: Messages) -> list[Mapping[str, Any]]:
    return [said for name, said in messages if name == "workout_step"]


@each_reader
def test_it_says_what_it_is_and_when_it_was_made(read: Callable[[bytes], Messages]) -> None:
    identity, workout, *_ = read(encoded())
    assert (identity[0], identity[1]["type"]) == ("file_id", "workout")
    assert identity[1]["serial_number"] == 7
    assert "2026-11-22" in str(identity[1]["time_created"])
    assert workout[0] == "workout"
    assert (workout[1]["wkt_name"], workout[1]["num_valid_steps"]) == ("After your easy run", 6)


@each_reader
def test_each_step_says_how_long_and_what(read: Callable[[bytes], Messages]) -> None:
    found = steps(read(encoded()))
    assert [step["message_index"] for step in found] == list(range(6))
    assert [step.get("wkt_step_name") for step in found if step.get("wkt_step_name")] == [
        "Light walking",
        "Next: Quad pull",
        "Quad pull, first leg",
        "Box breathing",
        "Dehnübung für die Waden 🦵",
    ]
    assert [step["intensity"] for step in found[:3]] == ["active", "rest", "active"]
    assert found[0]["notes"] == "2 min. Walk slowly."
    assert [step["duration_type"] for step in found] == ["time"] * 4 + ["repeat_until_steps_cmplt", "time"]


@pytest.mark.parametrize("read", [by_fitparse, by_fitdecode])
def test_a_repetition_says_from_where_and_how_often(read: Callable[[bytes], Messages]) -> None:
    again = steps(read(encoded()))[4]
    assert (again["duration_step"], again["repeat_steps"]) == (3, 5)


@pytest.mark.parametrize("read", [by_fitparse, by_fitdecode])
def test_seconds_are_seconds(read: Callable[[bytes], Messages]) -> None:
    found = steps(read(encoded()))
    assert [step["duration_time"] for step in found if step["duration_type"] == "time"] == [120, 5, 30, 16, 45]


def test_what_garmin_knows_has_its_number() -> None:
    found = steps(by_fitparse(encoded()))
    assert [(step.get("exercise_category"), step.get("exercise_name")) for step in found] == [
        ("run", 1),
        (None, None),
        ("warm_up", 61),
        (None, None),
        (None, None),
        ("warm_up", 37),
    ]


def test_all_we_have_a_name_for_has_a_number() -> None:
    for movement in exercises():
        body = encode_workout(
            "x",
            [Timed(seconds=1, called="x", movement=movement)],
            sport="yoga",
            serial=1,
            made_at=MADE_AT,
            exercises=exercises(),
        )
        assert steps(by_fitparse(body))[0].get("exercise_name") is not None, movement


@pytest.mark.parametrize("sport", KINDS)
def test_each_sport_is_one_that_the_format_has(sport: str) -> None:
    (_, _), (_, workout), *_ = by_fitparse(encoded(sport))
    assert (workout["sport"], workout["sub_sport"]) == (KINDS[sport][0], KINDS[sport][1] or "generic")


def test_its_checksum_is_right_and_our_own_reader_knows_it_for_no_activity() -> None:
    (piece,) = pieces(encoded())
    assert piece.trouble == ""
    assert Decoder().decode(raw(encoded())).skipped == "not an activity: a workout file"


def test_a_text_of_any_length_is_cut_between_two_letters() -> None:
    long = Timed(seconds=5, called="Ü" * 300, note="🦵" * 300)
    body = encode_workout("Ö" * 300, [long], sport="mobility", serial=1, made_at=MADE_AT, exercises={})
    (step,) = steps(by_fitdecode(body))
    assert step["wkt_step_name"] == "Ü" * 125 + "…"
    assert set(step["notes"]) == set("🦵…")


@given(any_wishes())
@briefly
def test_every_routine_there_can_be_reads_back(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return
    made = timed(routine.steps, CATALOGUE)
    body = encode_workout(routine.title, made, sport="mobility", serial=1, made_at=MADE_AT, exercises=exercises())
    found = steps(by_fitparse(body))
    lasting = [step for step in found if step["duration_type"] == "time"]
    rounds = {step["duration_step"]: step["repeat_steps"] for step in found if step not in lasting}
    assert len(found) == counted(made)
    assert sum(step["duration_time"] * rounds.get(step["message_index"], 1) for step in lasting) == lasting_s(made)
