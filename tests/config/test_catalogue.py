"""The movement catalogue and the routine policy as shipped: every stated dose, and texts that claim nothing."""

import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from garminconnect.exercises import EXERCISES

from config import catalogue
from config.catalogue import CatalogueError, exercises, load
from service.domain.classification import RunType
from service.domain.movements import BodyArea, Demand, Kind, Kit, Movement, Position, Site
from tests.claims import overclaims

CATALOGUE, POLICY = load()

# The specification, section 1: what is counted, least, most, sides, ways (directions), hold within a repetition.
STATED: dict[str, tuple[str, int, int, int, int, int | None]] = {
    "light_walk": ("s", 120, 180, 1, 1, None),
    "hip_circles": ("reps", 10, 10, 2, 2, None),
    "lunge_rotation": ("reps", 8, 10, 2, 1, None),
    "wall_ankle": ("reps", 10, 10, 2, 1, 5),
    "calf_raise_twist": ("reps", 15, 15, 1, 1, None),
    "figure_four": ("s", 30, 45, 2, 1, None),
    "glute_bridge": ("reps", 15, 20, 1, 1, 2),
    "t_spine_rotation": ("reps", 10, 10, 2, 1, None),
    "shoulder_rolls": ("reps", 10, 10, 1, 2, None),
    "arm_circles": ("reps", 5, 10, 1, 2, None),
    "cat_cow": ("reps", 10, 15, 1, 1, None),
    "high_knees_walk": ("s", 30, 45, 1, 1, None),
    "worlds_greatest": ("reps", 5, 5, 2, 1, None),
    "quad_pull": ("s", 30, 30, 2, 1, None),
    "dog_cobra": ("reps", 8, 8, 1, 1, None),
    "side_bends": ("reps", 8, 8, 2, 1, None),
    "roll_calves": ("s", 45, 60, 1, 1, None),
    "roll_quads": ("s", 45, 60, 1, 1, None),
    "roll_it_band": ("s", 45, 60, 2, 1, None),
    "roll_glutes": ("s", 45, 60, 2, 1, None),
    "ball_foot": ("s", 120, 120, 2, 1, None),
    "ball_hip_wall": ("s", 45, 60, 2, 1, None),
    "band_leg_swings": ("reps", 15, 15, 2, 2, None),
    "band_hip_bridge": ("reps", 15, 20, 1, 1, 2),
    "diaphragm_breath": ("s", 120, 180, 1, 1, None),
    "box_breath": ("reps", 5, 10, 1, 1, None),
}
# Section 11: what a full dose lasts, least and most.
LASTS = {
    "light_walk": (120, 180),
    "hip_circles": (60, 60),
    "lunge_rotation": (64, 80),
    "wall_ankle": (120, 120),
    "calf_raise_twist": (60, 60),
    "figure_four": (60, 90),
    "glute_bridge": (60, 80),
    "t_spine_rotation": (80, 80),
    "shoulder_rolls": (40, 40),
    "arm_circles": (20, 40),
    "cat_cow": (50, 75),
    "high_knees_walk": (30, 45),
    "worlds_greatest": (80, 80),
    "quad_pull": (60, 60),
    "dog_cobra": (48, 48),
    "side_bends": (48, 48),
    "roll_calves": (45, 60),
    "roll_quads": (45, 60),
    "roll_it_band": (90, 120),
    "roll_glutes": (90, 120),
    "ball_foot": (240, 240),
    "ball_hip_wall": (90, 120),
    "band_leg_swings": (90, 90),
    "band_hip_bridge": (60, 80),
    "diaphragm_breath": (120, 180),
    "box_breath": (80, 160),
}
# Section 6.
NEEDS_KIT = {
    "wall_ankle": {Kit.WALL},
    "ball_hip_wall": {Kit.BALL, Kit.WALL},
    "calf_raise_twist": {Kit.STEP},
    "roll_calves": {Kit.ROLLER},
    "roll_quads": {Kit.ROLLER},
    "roll_it_band": {Kit.ROLLER},
    "roll_glutes": {Kit.ROLLER},
    "ball_foot": {Kit.BALL},
    "band_leg_swings": {Kit.BAND},
    "band_hip_bridge": {Kit.BAND},
}
# Section 5, by position; None where it can be done anywhere.
POSITIONS: dict[str, Position | None] = {
    **dict.fromkeys(STATED, Position.STANDING),
    "t_spine_rotation": Position.HANDS_AND_KNEES,
    "cat_cow": Position.HANDS_AND_KNEES,
    "figure_four": Position.LYING,
    "glute_bridge": Position.LYING,
    "band_hip_bridge": Position.LYING,
    "diaphragm_breath": Position.LYING,
    "dog_cobra": Position.FLOOR,
    "worlds_greatest": Position.FLOOR,
    "roll_calves": Position.FLOOR,
    "roll_quads": Position.FLOOR,
    "roll_it_band": Position.FLOOR,
    "roll_glutes": Position.FLOOR,
    "box_breath": None,
}
# Section 5: the areas stated for each movement.
AREAS = {
    "ball_foot": {BodyArea.FEET},
    "wall_ankle": {BodyArea.CALVES, BodyArea.ANKLES},
    "calf_raise_twist": {BodyArea.CALVES},
    "roll_calves": {BodyArea.CALVES},
    "roll_quads": {BodyArea.QUADS},
    "lunge_rotation": {BodyArea.HIP_FLEXORS, BodyArea.THORACIC_SPINE},
    "band_hip_bridge": {BodyArea.HIP_FLEXORS, BodyArea.GLUTES},
    "hip_circles": {BodyArea.HIPS},
    "band_leg_swings": {BodyArea.HIPS},
    "ball_hip_wall": {BodyArea.HIPS, BodyArea.GLUTES},
    "figure_four": {BodyArea.GLUTES},
    "glute_bridge": {BodyArea.GLUTES},
    "roll_glutes": {BodyArea.GLUTES},
    "roll_it_band": {BodyArea.IT_BAND},
    "cat_cow": {BodyArea.LOWER_BACK},
    "t_spine_rotation": {BodyArea.THORACIC_SPINE},
    "shoulder_rolls": {BodyArea.SHOULDERS},
    "arm_circles": {BodyArea.SHOULDERS},
    "diaphragm_breath": {BodyArea.NERVOUS_SYSTEM},
    "box_breath": {BodyArea.NERVOUS_SYSTEM},
    "light_walk": {BodyArea.NERVOUS_SYSTEM},
}
ADDED = {
    "toe_lifts",
    "calf_stretch",
    "hamstring_hinge",
    "hamstring_lying",
    "hip_circles_supported",
    "quad_pull_supported",
    "figure_four_standing",
    "cat_cow_standing",
    "easy_breath",
}


def test_all_stated_movements_are_there_and_the_added_ones_are_marked() -> None:
    assert {movement.id for movement in CATALOGUE if not movement.added} == set(STATED)
    assert {movement.id for movement in CATALOGUE if movement.added} == ADDED


@pytest.mark.parametrize("name", STATED)
def test_the_dose_is_the_stated_one(name: str) -> None:
    unit, low, high, sides, ways, hold_s = STATED[name]
    dose = CATALOGUE[name].dose

    assert (dose.reps, dose.seconds)[unit == "s"] == (low, high)
    assert (dose.sides, dose.ways, dose.hold_s) == (sides, ways, hold_s)


@pytest.mark.parametrize("name", STATED)
def test_the_dose_lasts_as_the_seconds_model_has_it(name: str) -> None:
    dose = CATALOGUE[name].dose

    assert (dose.lasts(dose.low), dose.lasts(dose.high)) == LASTS[name]


@pytest.mark.parametrize("name", STATED)
def test_kit_position_and_areas_are_the_stated_ones(name: str) -> None:
    movement = CATALOGUE[name]

    assert set(movement.kit) == NEEDS_KIT.get(name, set())
    assert movement.position == POSITIONS[name]
    assert set(movement.areas) >= AREAS.get(name, set())


@pytest.mark.parametrize("name", ["worlds_greatest", "quad_pull", "dog_cobra", "side_bends", "high_knees_walk"])
def test_a_how_to_of_our_own_is_marked_as_ours(name: str) -> None:
    assert "how" in CATALOGUE[name].ours


@pytest.mark.parametrize("name", ["arm_circles", "ball_hip_wall", "band_hip_bridge"])
def test_a_dose_of_our_own_is_marked_as_ours(name: str) -> None:
    assert "dose" in CATALOGUE[name].ours


@pytest.mark.parametrize("name", sorted(ADDED))
def test_what_was_added_says_why_and_from_where(name: str) -> None:
    movement = CATALOGUE[name]

    assert len(movement.added) > 20
    assert movement.source


@pytest.mark.parametrize("movement", list(CATALOGUE), ids=lambda movement: movement.id)
def test_pain_in_what_a_movement_works_rules_it_out(movement: Movement) -> None:
    works = {Site(area.value) for area in movement.areas if area is not BodyArea.NERVOUS_SYSTEM}

    assert movement.loads >= works


def test_only_walking_and_breathing_are_open_to_everyone() -> None:
    assert {movement.kind for movement in CATALOGUE if not movement.loads} == {Kind.WALK, Kind.BREATH}


@pytest.mark.parametrize("name", ["cat_cow", "t_spine_rotation"])
def test_kneeling_loads_knees_and_wrists(name: str) -> None:
    assert CATALOGUE[name].loads >= {Site.KNEE, Site.WRISTS}


@pytest.mark.parametrize("movement", list(CATALOGUE), ids=lambda movement: movement.id)
def test_a_form_of_a_movement_works_the_same_main_area(movement: Movement) -> None:
    assert movement.areas[0] is CATALOGUE[movement.root].areas[0]


def test_easy_runs_ask_for_no_deep_stretch_and_no_work() -> None:
    assert POLICY.types[RunType.EASY].leaves_out == {Demand.DEEP, Demand.WORK}


def test_the_it_band_is_rolled_beside_it_and_with_a_neighbour() -> None:
    movement = CATALOGUE["roll_it_band"]

    assert "muscle beside the band" in movement.cue
    assert set(movement.needs) >= {"roll_glutes", "figure_four"}


def test_calf_raises_have_no_invented_rotation() -> None:
    movement = CATALOGUE["calf_raise_twist"]

    assert "twist" not in f"{movement.name} {movement.how} {movement.cue}".lower()
    assert "lower the heels slowly" in movement.how


def test_holds_breathe_and_rolls_stay_on_muscle() -> None:
    assert "Breathe" in CATALOGUE.said_with[Kind.HOLD]
    assert "No bouncing" in CATALOGUE.said_with[Kind.HOLD]
    assert "never on a joint or bone" in CATALOGUE.said_with[Kind.ROLL]
    assert "10 to 15 s on a tender spot" in CATALOGUE.said_with[Kind.ROLL]


# ---- what the texts may claim


def texts(name: str) -> list[str]:
    """Return every string of a shipped file."""
    table = tomllib.loads((Path(catalogue.__file__).parent / name).read_text(encoding="utf-8"))
    return list(_strings(table))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for below in value.values():
            yield from _strings(below)
    elif isinstance(value, list):
        for below in value:
            yield from _strings(below)


@pytest.mark.parametrize("name", ["movements.toml", "routines.toml"])
def test_no_text_claims_what_is_not_known(name: str) -> None:
    assert {text: overclaims(text) for text in texts(name) if overclaims(text)} == {}


@pytest.mark.parametrize(
    "claim",
    [
        "Stretching prevents injuries.",
        "This reduces muscle soreness.",
        "Foam rolling breaks up adhesions.",
        "Box breathing lowers cortisol.",
        "Improves running economy.",
        "You will notice it within two weeks.",
        "Bounce gently.",
        "Push through the pain.",
        "Roll over the knee.",
    ],
)
def test_the_claims_test_would_notice(claim: str) -> None:
    assert overclaims(claim)


@pytest.mark.parametrize("allowed", ["It may feel a little less sore.", "No bouncing, never into pain."])
def test_the_claims_test_lets_careful_words_pass(allowed: str) -> None:
    assert not overclaims(allowed)


# ---- files that a person has changed


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Return a way to copy the shipped files with one piece of text replaced."""
    for name in ("movements.toml", "routines.toml", "exercises.toml"):
        shutil.copy(Path(catalogue.__file__).parent / name, tmp_path)

    def edit(name: str, old: str, new: str) -> Path:
        path = tmp_path / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return edit


def test_an_edited_dose_is_taken(edited: Callable[[str, str, str], Path]) -> None:
    changed, _ = load(edited("movements.toml", "reps = [10, 15], each_s = 5", "reps = [6, 8], each_s = 5"))

    assert changed["cat_cow_standing"].dose.reps == (6, 8)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("movements.toml", 'kind = "walk"', 'kind = "stroll"', "movements.toml: movements.light_walk.kind: "),
        ("movements.toml", "notch = 15", "nudge = 15", "movements.light_walk.dose.nudge: there is no such key"),
        ("movements.toml", "seconds = [120, 180]", "seconds = [180, 120]", "movements.light_walk.dose: "),
        ("movements.toml", 'name = "Light walking"\n', "", "movements.light_walk.name: "),
        (
            "movements.toml",
            'needs = ["shoulder_rolls"]',
            'needs = ["rolls"]',
            "arm_circles.needs: movements.toml has no",
        ),
        ("movements.toml", 'form_of = "hip_circles"', 'form_of = "circles"', "hip_circles_supported.form_of: "),
        ("movements.toml", "[said_with]", "[said_with", "movements.toml: "),
        (
            "routines.toml",
            'any = ["light_walk"]',
            'any = ["stroll"]',
            "routines.toml: walk.want.0.any: movements.toml has",
        ),
        ("routines.toml", "[types.tempo]", "[types.threshold]", "routines.toml: types.threshold"),
        (
            "routines.toml",
            "start_within_s = 900",
            "start_within = 900",
            "routines.toml: start_within: there is no such",
        ),
        ("routines.toml", "most_s = 300", 'most_s = "five"', "routines.toml: now.most_s: "),
        ("routines.toml", 'movement = "dog_cobra"', 'movement = "cobra"', "quick.slots: movements.toml has no 'cobra'"),
    ],
)
def test_a_mistake_is_named_by_file_and_key_in_one_line(
    edited: Callable[[str, str, str], Path], name: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(CatalogueError) as caught:
        load(edited(name, old, new))

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"movements\.toml"):
        load(tmp_path)


def test_it_is_read_once() -> None:
    assert load() is load()


def test_what_a_watch_calls_a_movement_is_what_garmin_calls_something() -> None:
    """One name that Garmin does not know, and it refuses the whole routine."""
    known = {(one["category"], one["exercise"]) for one in EXERCISES}
    assert set(exercises().values()) <= known
    assert set(exercises()) <= set(CATALOGUE.movements)


def test_a_movement_that_there_is_none_of_is_named(edited: Callable[[str, str, str], Path]) -> None:
    with pytest.raises(CatalogueError, match=r"exercises\.toml: there: movements\.toml has no 'cobra'"):
        exercises(edited("exercises.toml", "dog_cobra", "cobra"))
