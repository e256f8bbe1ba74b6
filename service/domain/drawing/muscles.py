"""Worked areas: a tinted stroke along the muscle, on the side of the body where it lies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from service.domain.drawing.camera import Camera
from service.domain.drawing.part import Part
from service.domain.drawing.pose import Motion, Triple
from service.domain.drawing.skeleton import SIDES, Skeleton, Vector
from service.domain.movements import BodyArea

HIDDEN = -0.6  # a muscle that faces away more than this is behind its limb

BACK, FRONT, OUT, ROUND = (-1.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Spot:
    """A share of a bone's length, and how far beside it: forward, outward, up."""

    bone: str
    share: float
    beside: Triple


@dataclass(frozen=True, slots=True)
class Muscle:
    """A stroke of width `pen`, drawn with a limb or the trunk. `faces` is the side of the body on which it lies."""

    group: str
    start: Spot
    end: Spot
    pen: float
    faces: Triple


def _muscle(
    group: str, bone: str, along: tuple[float, float], beside: Sequence[Triple], *, pen: float, faces: Triple
) -> Muscle:
    """Return a muscle along one bone, from one share of its length to another."""
    return Muscle(group, Spot(bone, along[0], beside[0]), Spot(bone, along[1], beside[-1]), pen, faces)


# What is tinted for each area, as on an anatomical chart; widths are ours.
PAIRED: Mapping[BodyArea, Muscle] = {
    BodyArea.CALVES: _muscle("leg", "shin", (0.12, 0.5), [(-1.7, 0, 0), (-1.0, 0, 0)], pen=3.6, faces=BACK),
    BodyArea.ANKLES: _muscle("leg", "shin", (0.97, 0.97), [(0, 0, 0)], pen=4.6, faces=ROUND),
    BodyArea.FEET: _muscle("leg", "foot", (0.1, 0.85), [(0, 0, -0.6)], pen=2.0, faces=ROUND),
    BodyArea.QUADS: _muscle("leg", "thigh", (0.22, 0.82), [(2.2, 0, 0), (1.4, 0, 0)], pen=4.0, faces=FRONT),
    BodyArea.HAMSTRINGS: _muscle("leg", "thigh", (0.25, 0.85), [(-2.4, 0, 0), (-1.6, 0, 0)], pen=3.8, faces=BACK),
    BodyArea.IT_BAND: _muscle("leg", "thigh", (0.18, 0.95), [(0.4, 2.6, 0), (0.4, 2.0, 0)], pen=2.8, faces=OUT),
    BodyArea.HIP_FLEXORS: Muscle(
        "leg", Spot("pelvis", 0.45, (3.4, 4.4, 0)), Spot("thigh", 0.2, (2.6, 0, 0)), 3.6, FRONT
    ),
    BodyArea.HIPS: _muscle("leg", "thigh", (0.0, 0.0), [(0, 1.5, 0)], pen=6.4, faces=ROUND),
    BodyArea.GLUTES: _muscle("leg", "pelvis", (0.25, -0.05), [(-3.2, 3.6, 0), (-3.4, 3.8, 0)], pen=5.0, faces=BACK),
    BodyArea.SHOULDERS: _muscle("arm", "upper", (0.04, 0.14), [(0, 0, 0)], pen=5.4, faces=ROUND),
    BodyArea.LATERAL_TRUNK: Muscle(
        "trunk", Spot("lumbar", 0.1, (0, 5.4, 0)), Spot("thorax", 0.35, (0, 6.2, 0)), 3.4, ROUND
    ),
}
MIDDLE: Mapping[BodyArea, Muscle] = {
    BodyArea.LOWER_BACK: Muscle(
        "trunk", Spot("pelvis", 0.7, (-2.6, 0, 0)), Spot("lumbar", 0.9, (-3.0, 0, 0)), 4.4, BACK
    ),
    BodyArea.THORACIC_SPINE: _muscle("trunk", "thorax", (0.1, 0.85), [(-3.2, 0, 0), (-2.6, 0, 0)], pen=4.6, faces=BACK),
    BodyArea.NERVOUS_SYSTEM: _muscle("trunk", "lumbar", (0.3, 0.7), [(2.6, 0, 0)], pen=5.0, faces=FRONT),
}
ENDS = {
    "thigh": ("hip", "knee"),
    "shin": ("knee", "ankle"),
    "foot": ("heel", "ball"),
    "upper": ("shoulder", "elbow"),
    "pelvis": ("hips", "loins"),
    "lumbar": ("loins", "ribs"),
    "thorax": ("ribs", "nape"),
}


def names(areas: Sequence[BodyArea], motion: Motion) -> Iterator[str]:
    """Yield what is tinted ("right_calves", "lower_back"): the side that works, or both where both are seen alike."""
    near = list(SIDES) if motion.is_frontal else ["right"]
    sides = near if motion.works == "both" else [motion.works]
    for area in areas:
        yield from [area.value] if area in MIDDLE else (f"{side}_{area.value}" for side in sides)


def tinted(areas: Sequence[BodyArea], motion: Motion, skeleton: Skeleton, camera: Camera) -> Iterator[Part]:
    """Yield the part of each muscle that belongs to these areas, named as in `names`."""
    for name in motion.tint or names(areas, motion):
        side, muscle = named(name)
        group = muscle.group if muscle.group == "trunk" else f"{side}_{muscle.group}"
        points = tuple(camera.place(_spot(skeleton, side, spot)) for spot in (muscle.start, muscle.end))
        yield Part(name=name, group=group, colour="tint", points=points, pen=muscle.pen)


def named(name: str) -> tuple[str, Muscle]:
    """Return the side ("" for none) and the muscle of this name; raise KeyError or ValueError where there is none."""
    side, _, area = name.partition("_")
    return (side, PAIRED[BodyArea(area)]) if side in SIDES else ("", MIDDLE[BodyArea(name)])


def looks_at_us(name: str, skeleton: Skeleton, camera: Camera) -> float:
    """Return how much a muscle faces us: 1 straight, -1 away, 0 for one that is seen from all around."""
    side, muscle = named(name)
    frame = skeleton.frames[_bone(muscle.start.bone, side, skeleton)]
    return camera.near(frame @ _outward(muscle.faces, side))


def _spot(skeleton: Skeleton, side: str, spot: Spot) -> Vector:
    bone = _bone(spot.bone, side, skeleton)
    start, end = (skeleton[bone.replace(spot.bone, joint)] for joint in ENDS[spot.bone])
    return np.asarray(start + spot.share * (end - start) + skeleton.frames[bone] @ _outward(spot.beside, side))


def _bone(bone: str, side: str, skeleton: Skeleton) -> str:
    return bone if bone in skeleton.frames else f"{side}_{bone}"


def _outward(direction: Triple, side: str) -> Vector:
    forward, out, up = direction
    return np.array([forward, SIDES.get(side, 1) * out, up])
