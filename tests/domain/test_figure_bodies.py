"""Every figure is a body that could stand there: bones keep their length; hands, feet and kit are where they say."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import pytest

from config import catalogue
from config.figures import motions
from service.domain.drawing import body, kit
from service.domain.drawing.moving import Track
from service.domain.drawing.pose import Motion, Triple
from service.domain.drawing.skeleton import FORWARD, SIDES, Skeleton, Vector, place_on, solve
from service.domain.movements import Kit

CATALOGUE, _ = catalogue.load()
MOTIONS = motions()
WHOLE = sorted(name for name, motion in MOTIONS.items() if not motion.close_up)
LOOKS = 48  # moments in a round: others than those that are drawn

# Joint to joint, and the length that Drillis and Contini give.
BONES = {
    ("hips", "loins"): body.PELVIS,
    ("loins", "ribs"): body.LUMBAR,
    ("ribs", "nape"): body.THORAX,
    ("nape", "skull"): body.NECK,
    ("skull", "head"): body.SKULL,
}
LIMB_BONES = {
    ("hip", "knee"): body.THIGH,
    ("knee", "ankle"): body.SHIN,
    ("shoulder", "elbow"): body.UPPER_ARM,
    ("elbow", "wrist"): body.FOREARM,
    ("wrist", "fingers"): body.HAND,
}
RADII = {
    "hip": 3.5,  # soft below
    "knee": body.KNEE_R,
    "ankle": body.ANKLE_R,
    "heel": body.SOLE_R,
    "ball": body.SOLE_R,
    "toe": body.TOE_R,
    "shoulder": body.SHOULDER_R,
    "elbow": body.ELBOW_R,
    "wrist": body.WRIST_R,
    "fingers": 1.0,
    "head": body.HEAD_R,
}
SOFT = 0.6  # hundredths of stature by which flesh, mat and wall give way


@cache
def round_of(name: str) -> Sequence[Skeleton]:
    track = Track(MOTIONS[name])
    return [solve(track.at(track.seconds * look / LOOKS)) for look in range(LOOKS)]


def radius(joint: str) -> float:
    return RADII.get(joint.rpartition("_")[2], 0.0)


def length(skeleton: Skeleton, one: str, other: str) -> float:
    return float(np.linalg.norm(skeleton[one] - skeleton[other]))


def test_every_movement_of_the_catalogue_is_drawn_and_nothing_else() -> None:
    assert set(MOTIONS) == {movement.id for movement in CATALOGUE}


@pytest.mark.parametrize("name", WHOLE)
def test_no_bone_ever_changes_its_length(name: str) -> None:
    for skeleton in round_of(name):
        for (one, other), told in BONES.items():
            assert length(skeleton, one, other) == pytest.approx(told)
        for side in SIDES:
            for (one, other), told in LIMB_BONES.items():
                assert length(skeleton, f"{side}_{one}", f"{side}_{other}") == pytest.approx(told)
            assert length(skeleton, "hips", f"{side}_hip") == pytest.approx(body.HALF_HIPS)
            assert length(skeleton, "nape", f"{side}_shoulder") == pytest.approx(body.CLAVICLE)


def test_the_body_is_as_long_as_it_is_tall() -> None:
    standing = solve(MOTIONS["arm_circles"].keys[0])

    assert standing["head"][2] + body.HEAD_R == pytest.approx(100, abs=1.5)
    assert standing["left_shoulder"][2] == pytest.approx(81.8)
    assert standing["left_knee"][2] == pytest.approx(28.5)


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_goes_through_the_floor(name: str) -> None:
    for skeleton in round_of(name):
        below = {joint: place[2] for joint, place in skeleton.joints.items() if place[2] < radius(joint) - SOFT}
        assert below == {}


@pytest.mark.parametrize("name", [name for name in WHOLE if MOTIONS[name].wall])
def test_nothing_goes_through_the_wall(name: str) -> None:
    for skeleton in round_of(name):
        through = {joint for joint, place in skeleton.joints.items() if before_wall(name, place) < radius(joint) - SOFT}
        assert through == set()


def before_wall(name: str, place: Vector) -> float:
    wall = MOTIONS[name].wall
    assert wall is not None
    at, along = (wall.x, place[0]) if wall.x is not None else (wall.y or 0.0, place[1])
    return float(np.sign(at) * (at - along))


@pytest.mark.parametrize("name", WHOLE)
def test_knees_bend_backwards_and_elbows_forwards(name: str) -> None:
    for skeleton in round_of(name):
        for side in SIDES:
            shin = skeleton[f"{side}_ankle"] - skeleton[f"{side}_knee"]
            forearm = skeleton[f"{side}_wrist"] - skeleton[f"{side}_elbow"]
            assert shin @ skeleton.frames[f"{side}_thigh"] @ FORWARD < SOFT
            assert forearm @ skeleton.frames[f"{side}_upper"] @ FORWARD > -SOFT


@pytest.mark.parametrize("name", WHOLE)
def test_feet_stand_where_they_are_told_to_in_every_frame(name: str) -> None:
    for skeleton in round_of(name):
        for side, sign in SIDES.items():
            leg = skeleton.pose.leg(side)
            if leg.at is None:
                continue
            place, ahead = outward(leg.at, sign), body.BALL_AHEAD if leg.on_ball else body.SOLE_R - body.HEEL_BACK
            turned = np.radians(sign * leg.turn)
            pivot = place + ahead * np.array([np.cos(turned), np.sin(turned), 0.0]) + [0.0, 0.0, body.SOLE_R]
            joint = "ball" if leg.on_ball else "heel"
            assert np.linalg.norm(skeleton[f"{side}_{joint}"] - pivot) < SOFT


def outward(place: Triple, sign: int) -> Vector:
    x, y, z = place
    return np.array([x, sign * y, z])


@pytest.mark.parametrize("name", WHOLE)
def test_hands_on_the_floor_or_a_wall_stay_there_in_every_frame(name: str) -> None:
    for skeleton in round_of(name):
        for side, sign in SIDES.items():
            at = skeleton.pose.arm(side).at
            if at is not None and rests(name, outward(at, sign)):
                assert np.linalg.norm(skeleton[f"{side}_wrist"] - outward(at, sign)) < SOFT


def rests(name: str, place: Vector) -> bool:
    on_floor = place[2] < body.PALM_R
    return on_floor or (MOTIONS[name].wall is not None and abs(before_wall(name, place)) < body.PALM_R + SOFT)


def contacts(motion: Motion) -> Iterator[tuple[Skeleton, str, str]]:
    """Yield the deepest key pose's limbs that rest on the body: the skeleton, the joint that rests, the place."""
    skeleton = solve(motion.cycle[motion.stills[-1]])
    for side in SIDES:
        if on := skeleton.pose.arm(side).on:
            yield skeleton, f"{side}_wrist", on
        if on := skeleton.pose.leg(side).on:
            yield skeleton, f"{side}_ankle", on


@pytest.mark.parametrize("name", WHOLE)
def test_hands_and_feet_that_rest_on_the_body_touch_it(name: str) -> None:
    for skeleton, joint, place in contacts(MOTIONS[name]):
        palm = body.HAND / 2 if joint.endswith("wrist") else SOFT
        assert np.linalg.norm(skeleton[joint] - place_on(skeleton, place)) < palm


def test_wall_movements_have_their_hands_on_the_wall() -> None:
    for name in ("wall_ankle", "figure_four_standing", "quad_pull_supported", "hip_circles_supported"):
        for skeleton in round_of(name):
            assert 0 < before_wall(name, skeleton["left_wrist"]) < body.PALM_R + SOFT


def test_the_knee_comes_to_the_wall_and_the_heel_stays() -> None:
    away, pressed = (solve(key) for key in MOTIONS["wall_ankle"].keys)

    assert before_wall("wall_ankle", pressed["right_knee"]) < before_wall("wall_ankle", away["right_knee"])
    assert before_wall("wall_ankle", pressed["right_knee"]) == pytest.approx(body.KNEE_R, abs=2.5)
    assert pressed["right_heel"][2] == pytest.approx(body.SOLE_R)


@pytest.mark.parametrize("name", ["cat_cow", "t_spine_rotation"])
def test_on_hands_and_knees_hands_are_under_shoulders_and_knees_under_hips(name: str) -> None:
    for skeleton in round_of(name):
        wrist, nape = skeleton["left_wrist"], skeleton["nape"]
        assert abs(wrist[0] - nape[0]) < 5
        for side in SIDES:
            assert abs(skeleton[f"{side}_knee"][0] - skeleton[f"{side}_hip"][0]) < 3
            assert skeleton[f"{side}_knee"][2] == pytest.approx(body.KNEE_R, abs=1)


@pytest.mark.parametrize(
    "name", ["figure_four", "hamstring_lying", "glute_bridge", "band_hip_bridge", "diaphragm_breath"]
)
def test_who_lies_lies_on_the_floor(name: str) -> None:
    lying = solve(MOTIONS[name].keys[0])

    for joint in ("hips", "ribs", "nape", "head"):
        assert 4 < lying[joint][2] < body.HEAD_R + 1


def test_a_bridge_rests_on_shoulders_and_feet_in_one_line_from_shoulder_to_knee() -> None:
    up = solve(MOTIONS["glute_bridge"].keys[1])
    to_hip, to_knee = (up[joint] - up["nape"] for joint in ("hips", "left_knee"))

    assert up["nape"][2] < body.HEAD_R
    cosine = (to_hip @ to_knee) / (np.linalg.norm(to_hip) * np.linalg.norm(to_knee))
    assert np.degrees(np.arccos(cosine)) < 12


@pytest.mark.parametrize("name", ["light_walk", "high_knees_walk"])
def test_who_walks_has_a_foot_on_the_floor_at_every_moment(name: str) -> None:
    for skeleton in round_of(name):
        lowest = min(skeleton[f"{side}_{joint}"][2] for side in SIDES for joint in ("heel", "ball", "toe"))
        assert lowest < body.SOLE_R + 2


def test_the_walkers_standing_foot_goes_back_as_evenly_as_the_ground() -> None:
    track = Track(MOTIONS["light_walk"])
    half = track.seconds / 2
    places = [solve(track.at(half * share))["right_ball"][0] for share in np.linspace(0.05, 0.95, 10)]
    steps = np.diff(places)

    assert (steps < 0).all()
    assert steps.std() < 0.2 * abs(steps.mean())


ROLLED = {
    "roll_calves": ("right_knee", "right_ankle", body.CALF_R),
    "roll_quads": ("right_hip", "right_knee", body.HIP_R - 1),
    "roll_it_band": ("right_hip", "right_knee", body.HIP_R - 1),
}


@pytest.mark.parametrize("name", sorted(ROLLED))
def test_the_roller_lies_on_the_floor_under_the_muscle(name: str) -> None:
    start, end, thick = ROLLED[name]
    along = 1 if MOTIONS[name].roller == "x" else 0
    for skeleton in round_of(name):
        roller, one, other = np.array(skeleton.pose.kit), skeleton[start], skeleton[end]
        share = (roller[along] - one[along]) / (other[along] - one[along])
        assert 0.15 < share < 0.85
        above = (one + share * (other - one))[2] - roller[2]
        assert roller[2] == pytest.approx(kit.ROLLER_R)
        assert above == pytest.approx(kit.ROLLER_R + thick, abs=1.2)


def test_the_roller_lies_under_the_seat() -> None:
    for skeleton in round_of("roll_glutes"):
        roller, hip = np.array(skeleton.pose.kit), skeleton["right_hip"]
        assert abs(roller[0] - hip[0]) < 3
        assert hip[2] - roller[2] == pytest.approx(kit.ROLLER_R + body.HIP_R, abs=1.2)


def test_the_ball_lies_under_the_sole() -> None:
    for skeleton in round_of("ball_foot"):
        ball = np.array(skeleton.pose.kit)
        assert skeleton["right_heel"][0] < ball[0] < skeleton["right_toe"][0]
        assert ball[2] == pytest.approx(kit.BALL_R)
        assert skeleton["right_ball"][2] > ball[2] - SOFT


def test_the_ball_is_held_between_hip_and_wall() -> None:
    for skeleton in round_of("ball_hip_wall"):
        ball = np.array(skeleton.pose.kit)
        assert before_wall("ball_hip_wall", ball) == pytest.approx(kit.BALL_R, abs=SOFT)
        assert abs(ball[2] - skeleton["right_hip"][2]) < 5
        assert skeleton["right_hip"][1] - ball[1] == pytest.approx(kit.BALL_R + body.HIP_R, abs=1.5)


def test_kit_is_drawn_where_a_movement_needs_it() -> None:
    for movement in CATALOGUE:
        motion = MOTIONS[movement.id]
        assert (Kit.WALL in movement.kit) == (motion.wall is not None)
        assert (Kit.STEP in movement.kit) == (motion.step is not None)
        assert (Kit.BAND in movement.kit) == bool(motion.band)
        assert not (Kit.ROLLER in movement.kit or Kit.BALL in movement.kit) or motion.keys[0].kit[2] > 0


def test_the_heels_go_below_the_step() -> None:
    motion = MOTIONS["calf_raise_twist"]
    assert motion.step is not None
    lowest = min(skeleton["right_heel"][2] for skeleton in round_of("calf_raise_twist"))
    highest = max(skeleton["right_heel"][2] for skeleton in round_of("calf_raise_twist"))

    assert lowest < motion.step[2] < highest
    assert all(skeleton["right_heel"][0] < motion.step[0] for skeleton in round_of("calf_raise_twist"))


def test_the_elbow_turns_to_the_ceiling() -> None:
    down, up = (solve(key) for key in MOTIONS["t_spine_rotation"].keys)

    assert down["right_elbow"][2] < down["right_shoulder"][2]
    assert up["right_elbow"][2] > up["right_shoulder"][2] + 10


def test_the_belly_rises_with_the_breath_and_only_that_hand_with_it() -> None:
    out, breath = (solve(key) for key in MOTIONS["diaphragm_breath"].keys)

    assert breath["right_wrist"][2] > out["right_wrist"][2] + 2
    assert breath["left_wrist"][2] == pytest.approx(out["left_wrist"][2], abs=0.1)
