"""Kit: a wall, a step, a post, the roller, the ball, the band. They stand in the same space as the body."""

from collections.abc import Collection, Iterable, Iterator

import numpy as np

from service.domain.drawing.camera import Camera, Point
from service.domain.drawing.part import Part, Shape
from service.domain.drawing.pose import Motion, Triple, Wall
from service.domain.drawing.skeleton import FORWARD, LEFT, SIDES, Skeleton, Vector
from service.domain.movements import Kit

# In hundredths of a stature of 172 cm: a roller of 15 by 45 cm, a massage ball of 8 cm. The rest is ours.
ROLLER_R, ROLLER_LENGTH, RIM, CORE = 4.4, 26.0, 1.6, 4.6
BALL_R = 2.3
WALL_HALF, WALL_HEIGHT, WALL_THICK = 17.0, 112.0, 4.0
STEP_HALF = 15.0
POST_PEN, HOOK_HEIGHT = 3.0, 6.0
BAND_PEN, LOOP_PEN = 1.6, 2.6
ABOVE_KNEE = 0.8  # share of the thigh where a band lies
THIGH_R = 4.2
EDGE_PEN = 0.5


def behind(motion: Motion, kit: Collection[Kit], skeleton: Skeleton, camera: Camera) -> Iterator[Part]:
    """Yield what stands behind the body, from back to front."""
    if motion.wall:
        yield from _faces("wall", dict.fromkeys(("wall", "edge"), "wall"), _wall(motion.wall), camera)
    if motion.step:
        colours = {"top": "top", "front": "step", "side": "side"}
        yield from _faces("step", colours, _step(motion.step), camera)
    if motion.post:
        x, y, height = motion.post
        ends = _seen(camera, [(x, y, 0.0), (x, y, height)])
        yield Part(name="post", group="post", colour="wall", points=ends, pen=POST_PEN)
    if Kit.ROLLER in kit:
        yield from _roller(np.array(skeleton.pose.kit), motion.roller, camera)


def before(motion: Motion, kit: Collection[Kit], skeleton: Skeleton, camera: Camera) -> Iterator[Part]:
    """Yield what lies over the body."""
    if Kit.BALL in kit:
        middle = _seen(camera, [skeleton.pose.kit])
        yield Part(name="ball", group="ball", colour="ball", points=middle, pen=2 * BALL_R)
    if motion.band == "thighs":
        loop = _seen(camera, _over_the_thighs(skeleton))
        yield Part(name="band", group="band", colour="band", points=loop, pen=LOOP_PEN, shape=Shape.LINE)
    elif motion.band and motion.post:
        x, y, _ = motion.post
        ends = _seen(camera, [(x, y, HOOK_HEIGHT), skeleton[motion.band]])
        yield Part(name="band", group="band", colour="band", points=ends, pen=BAND_PEN)


def _roller(middle: Vector, axis: str, camera: Camera) -> Iterator[Part]:
    half = (FORWARD if axis == "x" else LEFT) * ROLLER_LENGTH / 2
    far, near = sorted((middle - half, middle + half), key=camera.near)
    rings = {
        "roller": ("roller", [far, near], 0.0),
        "roller_end": ("core", [near], RIM),
        "roller_core": ("roller", [near], CORE),
    }
    for name, (colour, places, less) in rings.items():
        points = _seen(camera, places)
        yield Part(name=name, group="roller", colour=colour, points=points, pen=2 * ROLLER_R - less)


def _over_the_thighs(skeleton: Skeleton) -> Iterator[Vector]:
    """Yield the way of a band from the outside of one thigh, over both, to the outside of the other."""
    for side, ahead, outward in (("left", 0, 1), ("left", 1, 0), ("right", 1, 0), ("right", 0, 1)):
        hip, knee = skeleton[f"{side}_hip"], skeleton[f"{side}_knee"]
        beside = THIGH_R * np.array([ahead, SIDES[side] * outward, 0.0])
        yield hip + ABOVE_KNEE * (knee - hip) + skeleton.frames[f"{side}_thigh"] @ beside


def _wall(wall: Wall) -> Iterator[list[Triple]]:
    """Yield the face of the wall, and its nearer edge."""
    at = wall.x if wall.x is not None else wall.y or 0.0
    back = at + float(np.copysign(WALL_THICK, at))
    near = -WALL_HALF if wall.x is not None else WALL_HALF
    for start, end in (((at, -WALL_HALF), (at, WALL_HALF)), ((at, near), (back, near))):
        corners = [(*start, 0.0), (*end, 0.0), (*end, WALL_HEIGHT), (*start, WALL_HEIGHT)]
        yield [(a, b, z) if wall.x is not None else (b, a, z) for a, b, z in corners]


def _step(step: Triple) -> Iterator[list[Triple]]:
    """Yield the top, the front and the end of the step."""
    start, end, height = step
    near, far = -STEP_HALF, STEP_HALF
    yield [(start, near, height), (end, near, height), (end, far, height), (start, far, height)]
    yield [(start, near, 0.0), (end, near, 0.0), (end, near, height), (start, near, height)]
    yield [(end, near, 0.0), (end, far, 0.0), (end, far, height), (end, near, height)]


def _faces(group: str, colours: dict[str, str], faces: Iterable[list[Triple]], camera: Camera) -> Iterator[Part]:
    for (name, colour), face in zip(colours.items(), faces, strict=True):
        yield Part(name=f"{group}_{name}", group=group, colour=colour, points=_seen(camera, face), pen=EDGE_PEN)


def _seen(camera: Camera, places: Iterable[Triple | Vector]) -> tuple[Point, ...]:
    return tuple(camera.place(np.asarray(place, dtype=float)) for place in places)
