"""The skeleton: a pose's joint angles and contacts become joints in space. No bone ever changes its length."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.domain.drawing import body
from service.domain.drawing.pose import Arm, Leg, Limb, Pose, Triple

type Vector = NDArray[np.float64]
type Frame = NDArray[np.float64]  # columns: forward, left, up

SIDES: Mapping[str, int] = {"left": 1, "right": -1}
ALMOST_STRAIGHT = 0.05  # a limb at full stretch keeps this much bend, so that its elbow or knee has a direction
WRIST_BEHIND_PALM = 4.5  # a hand that rests on the body touches it with the palm

FORWARD, LEFT, UP = np.eye(3)


@dataclass(slots=True)
class Skeleton:
    """Joints by name ("left_knee"), frames by bone ("left_shin"), and the pose they come from."""

    pose: Pose
    joints: dict[str, Vector] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Vector:
        return self.joints[name]


def solve(pose: Pose) -> Skeleton:
    """Return the skeleton in this pose."""
    skeleton = Skeleton(pose)
    _trunk(skeleton, pose)
    for side in sorted(SIDES, key=lambda side: bool(pose.leg(side).on)):  # the other leg first, where one rests on it
        _leg(skeleton, side, pose.leg(side))
    for side in SIDES:
        _arm(skeleton, side, pose.arm(side))
    return skeleton


# ---- rotations


def about_length(degrees: float) -> Frame:
    """Return a turn to the left about the up axis."""
    c, s = _cos_sin(degrees)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def forward_bend(degrees: float) -> Frame:
    """Return a bend that tips what points up to the front."""
    c, s = _cos_sin(degrees)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def side_bend(degrees: float) -> Frame:
    """Return a bend that tips what points up to the right."""
    c, s = _cos_sin(degrees)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _cos_sin(degrees: float) -> tuple[float, float]:
    angle = np.radians(degrees)
    return float(np.cos(angle)), float(np.sin(angle))


def _bent(bends: Triple) -> Frame:
    forward, aside, twist = bends
    return about_length(-twist) @ side_bend(aside) @ forward_bend(forward)


# ---- trunk


def _trunk(skeleton: Skeleton, pose: Pose) -> None:
    joints, frames = skeleton.joints, skeleton.frames
    pelvis = about_length(-pose.turn) @ side_bend(pose.tilt) @ forward_bend(pose.lean)
    lumbar = pelvis @ _bent(pose.low)
    thorax = lumbar @ _bent(pose.high)
    head = thorax @ _bent(pose.neck)
    frames |= {"pelvis": pelvis, "lumbar": lumbar, "thorax": thorax, "head": head}
    joints["hips"] = np.zeros(3)
    joints["loins"] = joints["hips"] + pelvis @ UP * body.PELVIS
    joints["ribs"] = joints["loins"] + lumbar @ UP * body.LUMBAR
    joints["nape"] = joints["ribs"] + thorax @ UP * body.THORAX
    joints["skull"] = joints["nape"] + _bisect(thorax, head) * body.NECK
    joints["head"] = joints["skull"] + head @ UP * body.SKULL
    moved = np.array(pose.place) - joints[pose.root]
    joints |= {name: joint + moved for name, joint in joints.items()}
    lift, ahead = pose.shoulders
    for side, sign in SIDES.items():
        joints[f"{side}_hip"] = joints["hips"] + pelvis @ LEFT * sign * body.HALF_HIPS
        collar = thorax @ about_length(-sign * ahead) @ side_bend(sign * lift)
        joints[f"{side}_shoulder"] = joints["nape"] + collar @ LEFT * sign * body.CLAVICLE


def _bisect(below: Frame, above: Frame) -> Vector:
    """Return the direction halfway between the length of two bones: a neck bends along its length."""
    return unit(below @ UP + above @ UP)


def unit(vector: Vector) -> Vector:
    """Return the direction of a vector."""
    return np.asarray(vector / np.linalg.norm(vector))


# ---- limbs


@dataclass(frozen=True, slots=True)
class Bones:
    """The two bones of a limb, and where its joint yields to when it reaches: to the back (1) or to the front (-1)."""

    first: float
    second: float
    yields: int


ARM = Bones(body.UPPER_ARM, body.FOREARM, 1)
LEG = Bones(body.THIGH, body.SHIN, -1)


def _limb_frame(base: Frame, sign: int, swing: float, out: float, twist: float) -> Frame:
    return base @ forward_bend(-swing) @ side_bend(sign * out) @ about_length(sign * twist)


def _leg(skeleton: Skeleton, side: str, leg: Leg) -> None:
    joints, frames, sign = skeleton.joints, skeleton.frames, SIDES[side]
    hip, wanted = joints[f"{side}_hip"], _wanted_ankle(skeleton, sign, leg)
    thigh, bend = _aimed(frames["pelvis"], sign, leg, LEG, None if wanted is None else wanted - hip)
    shin = thigh @ forward_bend(bend)
    knee = hip - thigh @ UP * body.THIGH
    ankle = knee - shin @ UP * body.SHIN
    joints |= {f"{side}_knee": knee, f"{side}_ankle": ankle}
    frames |= {f"{side}_thigh": thigh, f"{side}_shin": shin}
    _foot(skeleton, side, leg)


def _foot(skeleton: Skeleton, side: str, leg: Leg) -> None:
    joints, heading = skeleton.joints, about_length(SIDES[side] * leg.turn)
    hangs = leg.at is None
    foot = skeleton.frames[f"{side}_shin"] @ forward_bend(leg.tip) if hangs else heading @ forward_bend(leg.lift)
    toes = heading if leg.on_ball and not hangs else foot
    sole = joints[f"{side}_ankle"] - foot @ UP * (body.ANKLE_HEIGHT - body.SOLE_R)
    ball = sole + foot @ FORWARD * body.BALL_AHEAD
    joints[f"{side}_heel"] = sole - foot @ FORWARD * (body.HEEL_BACK - body.SOLE_R)
    joints[f"{side}_ball"] = ball
    joints[f"{side}_toe"] = ball + toes @ FORWARD * (body.TOE_AHEAD - body.BALL_AHEAD - body.TOE_R)
    skeleton.frames[f"{side}_foot"] = foot


def _wanted_ankle(skeleton: Skeleton, sign: int, leg: Leg) -> Vector | None:
    if leg.at is not None:
        return _standing_ankle(_place(leg.at, sign), sign, leg)
    return place_on(skeleton, leg.on) if leg.on else None


def _place(at: Triple, sign: int) -> Vector:
    return np.array([at[0], sign * at[1], at[2]], dtype=float)


def _standing_ankle(place: Vector, sign: int, leg: Leg) -> Vector:
    """Return the ankle of a foot whose heel is lifted about the ball, or whose toes are lifted about the heel."""
    heading = about_length(sign * leg.turn)
    ahead = body.BALL_AHEAD if leg.on_ball else body.SOLE_R - body.HEEL_BACK
    pivot = place + heading @ FORWARD * ahead + UP * body.SOLE_R
    flat = place + UP * body.ANKLE_HEIGHT
    return np.asarray(pivot + heading @ forward_bend(leg.lift) @ heading.T @ (flat - pivot))


def _arm(skeleton: Skeleton, side: str, arm: Arm) -> None:
    joints, frames, sign = skeleton.joints, skeleton.frames, SIDES[side]
    shoulder = joints[f"{side}_shoulder"]
    wanted = _wanted_wrist(skeleton, shoulder, sign, arm)
    upper, bend = _aimed(frames["thorax"], sign, arm, ARM, None if wanted is None else wanted - shoulder)
    fore = upper @ forward_bend(-bend)
    elbow = shoulder - upper @ UP * body.UPPER_ARM
    wrist = elbow - fore @ UP * body.FOREARM
    pointing = -(fore @ forward_bend(-arm.tip) @ UP) if arm.fingers is None else unit(_place(arm.fingers, sign))
    joints |= {f"{side}_elbow": elbow, f"{side}_wrist": wrist, f"{side}_fingers": wrist + pointing * body.HAND}
    frames |= {f"{side}_upper": upper, f"{side}_fore": fore}


def _wanted_wrist(skeleton: Skeleton, shoulder: Vector, sign: int, arm: Arm) -> Vector | None:
    if arm.at is not None:
        return _place(arm.at, sign)
    if not arm.on:
        return None
    touched = place_on(skeleton, arm.on)
    back = unit(shoulder - touched) if arm.fingers is None else -unit(_place(arm.fingers, sign))
    return np.asarray(touched + back * WRIST_BEHIND_PALM)


def _aimed(base: Frame, sign: int, limb: Limb, bones: Bones, way: Vector | None) -> tuple[Frame, float]:
    """Return the frame of a limb's first bone and the bend of its joint: as the angles say, or to the end of `way`."""
    if way is None:
        return _limb_frame(base, sign, limb.swing, limb.out, limb.twist), limb.bend
    upper, bend = _reaching(base.T @ way, sign, limb.twist, bones)
    return base @ upper, bend


def _reaching(way: Vector, sign: int, twist: float, bones: Bones) -> tuple[Frame, float]:
    """Return the frame of the first bone, seen from the trunk, and the bend that bring a limb to the end of `way`.

    This is the two-bone problem: the triangle of both bones and the way has one solution in the plane that the twist
    picks. An end out of reach is reached for.
    """
    first, second = bones.first, bones.second
    length = float(np.linalg.norm(way))
    far = float(np.clip(length, abs(first - second) + ALMOST_STRAIGHT, first + second - ALMOST_STRAIGHT))
    x, y, z = way / length
    swing, out = np.degrees(np.arctan2(x, -z)), np.degrees(np.arcsin(np.clip(sign * y, -1.0, 1.0)))
    at_root = np.degrees(np.arccos((first**2 + far**2 - second**2) / (2 * first * far)))
    between = np.degrees(np.arccos((first**2 + second**2 - far**2) / (2 * first * second)))
    straight = _limb_frame(np.eye(3), sign, float(swing), float(out), twist)
    return straight @ forward_bend(bones.yields * float(at_root)), 180.0 - float(between)


# ---- places of the body that a hand or a foot rests on

# Joint, towards which joint, share of the way, frame, how far in front of the bone.
_ON_LIMBS: Mapping[str, tuple[str, str, float, str, float]] = {
    "knee": ("knee", "ankle", 0.04, "thigh", 3.2),
    "thigh": ("hip", "knee", 0.7, "thigh", 3.6),
    "hamstring": ("hip", "knee", 0.55, "thigh", -3.8),
    "ankle": ("knee", "ankle", 0.97, "shin", 2.0),
}
# Joint, frame, and how far forward, outward and up from it.
_ON_TRUNK: Mapping[str, tuple[str, str, Triple]] = {
    "belly": ("loins", "lumbar", (6.5, 0.0, 2.0)),
    "chest": ("ribs", "thorax", (6.8, 0.0, 6.0)),
    "waist": ("loins", "lumbar", (2.0, 8.0, 0.0)),
    "ear": ("head", "head", (-3.5, 4.5, 0.0)),
}


def place_on(skeleton: Skeleton, name: str) -> Vector:
    """Return the place of the body that a limb rests on: "left_knee", "belly", "left_ear"; KeyError where none is."""
    side, _, place = name.partition("_") if name.partition("_")[0] in SIDES else ("", "", name)
    if place in _ON_TRUNK:
        joint, bone, (forward, outward, up) = _ON_TRUNK[place]
        beside = np.array([forward + _breath(skeleton.pose, place), SIDES.get(side, 0) * outward, up])
        return np.asarray(skeleton[joint] + skeleton.frames[bone] @ beside)
    start, end, share, bone, ahead = _ON_LIMBS[place]
    along = skeleton[f"{side}_{start}"] * (1 - share) + skeleton[f"{side}_{end}"] * share
    return np.asarray(along + skeleton.frames[f"{side}_{bone}"] @ FORWARD * ahead)


def _breath(pose: Pose, place: str) -> float:
    return {"belly": pose.belly * body.BELLY_RISE, "chest": pose.chest * body.CHEST_RISE}.get(place, 0.0)
