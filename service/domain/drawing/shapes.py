"""Outlines: a skeleton becomes the parts of a drawn body.

A round pen draws every outline, so that a tapering leg needs few points.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from service.domain.drawing import body
from service.domain.drawing.camera import Camera, Point
from service.domain.drawing.part import Part, Shape
from service.domain.drawing.skeleton import FORWARD, LEFT, SIDES, UP, Frame, Skeleton, Vector

LITTLE = 0.15  # hundredths of stature that nobody sees
FACING_AWAY = -0.5  # a head that turns away more than this shows its hair


def parts(skeleton: Skeleton, camera: Camera) -> Iterator[Part]:
    """Yield the parts of the body, each group from back to front."""
    for side in SIDES:
        yield _leg(skeleton, camera, side)
        yield _foot(skeleton, camera, side)
        yield _arm(skeleton, camera, side)
    yield from _trunk(skeleton, camera)
    yield from _head(skeleton, camera)


def _leg(skeleton: Skeleton, camera: Camera, side: str) -> Part:
    hip, knee, ankle = (skeleton[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
    calf = knee + body.CALF_SHARE * (ankle - knee) - skeleton.frames[f"{side}_shin"] @ FORWARD * body.CALF_BACK
    chain = [camera.place(joint) for joint in (hip, knee, calf, ankle)]
    outline = taper(chain, (body.HIP_R, body.KNEE_R, body.CALF_R, body.ANKLE_R))
    return Part(name=f"{side}_leg", group=f"{side}_leg", colour="tights", points=outline, pen=2 * body.ANKLE_R)


def _foot(skeleton: Skeleton, camera: Camera, side: str) -> Part:
    heel, ankle, ball, toe = (skeleton[f"{side}_{joint}"] for joint in ("heel", "ankle", "ball", "toe"))
    broad = skeleton.frames[f"{side}_foot"] @ LEFT * (body.FOOT_BREADTH / 2 - body.SOLE_R)
    outline = (heel + broad / 2, ankle, ball + broad, toe + broad / 2, toe - broad / 2, ball - broad, heel - broad / 2)
    points = tuple(camera.place(point) for point in outline)
    return Part(name=f"{side}_foot", group=f"{side}_leg", colour="shoe", points=points, pen=2 * body.SOLE_R)


def _arm(skeleton: Skeleton, camera: Camera, side: str) -> Part:
    shoulder, elbow, wrist, tips = (skeleton[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist", "fingers"))
    knuckles = wrist + (tips - wrist) * body.MITTEN
    chain = [camera.place(joint) for joint in (shoulder, elbow, wrist, knuckles)]
    outline = taper(chain, (body.SHOULDER_R, body.ELBOW_R, body.WRIST_R, body.PALM_R))
    return Part(name=f"{side}_arm", group=f"{side}_arm", colour="skin", points=outline, pen=2 * body.WRIST_R)


def taper(chain: Sequence[Point], radii: Sequence[float]) -> tuple[Point, ...]:
    """Return the outline of a limb that is as thick as the radii say, less the roundness of the pen.

    The pen is as wide as the thinnest joint; the first joint gets a round head.
    """
    pen = min(radii)
    normals = list(_normals(chain))
    edges = [normal * (radius - pen) for normal, radius in zip(normals, radii, strict=True)]
    head = chain[0] + _across(normals[0]) * (radii[0] - pen)
    near = [point + edge for point, edge in zip(chain, edges, strict=True)]
    far = [point - edge for point, edge in zip(chain, edges, strict=True)]
    if radii[-1] - pen < LITTLE:
        far.pop()
    return (head, *near, *reversed(far))


def _normals(chain: Sequence[Point]) -> Iterator[Point]:
    """Yield for each point the direction across the chain, halfway between its two pieces."""
    whole = chain[-1] - chain[0]
    ways = [_direction(end - start, whole) for start, end in pairwise(chain)]
    for before, after in zip([ways[0], *ways], [*ways, ways[-1]], strict=True):
        yield _across(_direction(before + after, after))


def _direction(vector: Point, otherwise: Point) -> Point:
    length = float(np.hypot(*vector))
    if length > LITTLE:
        return np.asarray(vector / length)
    return np.asarray(otherwise / max(float(np.hypot(*otherwise)), LITTLE))


def _across(direction: Point) -> Point:
    return np.array([-direction[1], direction[0]])


# ---- trunk

type Section = tuple[Vector, Frame, tuple[float, float, float]]


def _trunk(skeleton: Skeleton, camera: Camera) -> Iterator[Part]:
    outlines = {
        "seat": ("tights", _hull(_seat(skeleton), camera)),
        "shirt": ("shirt", _hull(_chest(skeleton), camera, _yoke(skeleton, camera))),
    }
    for name, (colour, outline) in outlines.items():
        yield Part(name=name, group="trunk", colour=colour, points=outline, pen=body.TRUNK_PEN, shape=Shape.SMOOTH)


def _seat(skeleton: Skeleton) -> list[Section]:
    hips, pelvis = skeleton["hips"], skeleton.frames["pelvis"]
    return [
        (hips - pelvis @ UP * 1.5, pelvis, body.SEAT),
        (hips + pelvis @ UP * 3.0, pelvis, body.SEAT),
        (skeleton["loins"], skeleton.frames["lumbar"], body.LOINS),
    ]


def _chest(skeleton: Skeleton) -> list[Section]:
    loins, ribs = skeleton["loins"], skeleton["ribs"]
    lumbar, thorax = skeleton.frames["lumbar"], skeleton.frames["thorax"]
    belly, breath = skeleton.pose.belly * body.BELLY_RISE, skeleton.pose.chest * body.CHEST_RISE
    return [
        (loins - lumbar @ UP * 1.5, lumbar, _swollen(body.LOINS, belly / 2)),
        (loins + lumbar @ UP * 3.5, lumbar, _swollen(body.LOINS, belly)),
        (ribs, thorax, _swollen(body.RIBS, (belly + breath) / 2)),
        (ribs + thorax @ UP * 6.0, thorax, _swollen(body.CHEST, breath)),
    ]


def _swollen(section: tuple[float, float, float], by: float) -> tuple[float, float, float]:
    breadth, front, back = section
    return breadth, front + by, back


def _hull(sections: Sequence[Section], camera: Camera, top: Sequence[Point] = ()) -> tuple[Point, ...]:
    """Return the outline of elliptic sections along the spine, less the roundness of the pen."""
    lefts, rights = [], []
    for centre, frame, (breadth, front, back) in sections:
        middle = camera.place(centre + frame @ FORWARD * (front - back) / 2)
        across = _sideways(frame, camera)
        broad = breadth * float(camera.place(frame @ LEFT) @ across)
        deep = (front + back) / 2 * float(camera.place(frame @ FORWARD) @ across)
        half = max(float(np.hypot(broad, deep)) - body.TRUNK_PEN / 2, LITTLE)
        lefts.append(middle + across * half)
        rights.append(middle - across * half)
    return (*lefts, *top, *reversed(rights))


def _sideways(frame: Frame, camera: Camera) -> Point:
    return _across(_direction(camera.place(frame @ UP), np.array([0.0, -1.0])))


def _yoke(skeleton: Skeleton, camera: Camera) -> tuple[Point, ...]:
    """Return the line over the shoulders as seen: one shoulder, the neck, the other shoulder."""
    nape, thorax = skeleton["nape"], skeleton.frames["thorax"]
    across = _sideways(thorax, camera)
    deep = body.SHOULDER_DEPTH * abs(float(camera.place(thorax @ FORWARD) @ across))
    tips = [camera.place(skeleton[f"{side}_shoulder"] - thorax @ UP * 1.2) for side in SIDES]
    tips.sort(key=lambda tip: -float(tip @ across))
    middle = camera.place(nape)
    ends = []
    for tip, sign in zip(tips, (1, -1), strict=True):
        reach = max(float((tip - middle) @ across) * sign, 0.0)
        wide = max(float(np.hypot(reach, deep)) - body.TRUNK_PEN / 2, LITTLE)
        ends.append(tip + across * sign * (wide - reach))
    collar = camera.place(nape + thorax @ UP * 1.2)
    return ends[0], collar + across * 2.0, collar - across * 2.0, ends[1]


# ---- head


def _head(skeleton: Skeleton, camera: Camera) -> Iterator[Part]:
    centre, frame = skeleton["head"], skeleton.frames["head"]
    spots = {
        "neck": ("skin", body.NECK_R, (skeleton["nape"], skeleton["skull"])),
        "hair": ("hair", body.HEAD_R, (centre + frame @ np.array([-0.8, 0.0, 0.8]),)),
        "face": ("skin", body.HEAD_R - 0.7, (centre + frame @ np.array([1.0, 0.0, -0.7]),)),
        "nose": ("skin", body.NOSE_R, (centre + frame @ np.array([6.4, 0.0, -1.2]),)),
    }
    facing_away = camera.near(frame @ FORWARD) < FACING_AWAY
    for name in ("neck", "face", "nose", "hair") if facing_away else spots:
        colour, radius, places = spots[name]
        points = tuple(camera.place(place) for place in places)
        yield Part(name=name, group="head", colour=colour, points=points, pen=2 * radius)
