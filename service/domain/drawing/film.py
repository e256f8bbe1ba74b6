"""The film: every part of the drawing at every moment, and the order in which they lie on one another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from service.domain.drawing import close_up, kit, muscles, palette
from service.domain.drawing.camera import Camera
from service.domain.drawing.moving import Moment, moments
from service.domain.drawing.part import Part
from service.domain.drawing.pose import Motion
from service.domain.drawing.shapes import parts
from service.domain.drawing.signs import signs
from service.domain.drawing.skeleton import SIDES, Skeleton
from service.domain.movements import Movement

BEHIND, BEFORE = ("wall", "step", "post", "roller"), ("band", "ball", "sign")
FAR_AWAY = -3.0  # a limb that begins this much behind the middle of the body is drawn faint
MAT = 6.0  # how far the floor that is drawn reaches beyond the body


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts at one moment, by name."""

    moment: Moment
    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Layer:
    """A group of parts that are drawn together, faint where `opacity` is below 1."""

    names: tuple[str, ...]
    opacity: float


@dataclass(frozen=True, slots=True)
class Film:
    """How a movement is drawn from one side: its frames, and its layers from back to front."""

    movement: Movement
    motion: Motion
    camera: Camera
    frames: Sequence[Frame]
    layers: Sequence[Layer]

    def frame(self, moment: Moment) -> Frame:
        """Return another moment of the same movement."""
        return _frame(self.movement, self.motion, self.camera, moment)


def film(movement: Movement, motion: Motion, *, mirrored: bool) -> Film:
    """Return the film of a movement, or of its other side."""
    camera = Camera(*motion.view, mirrored=mirrored)
    frames = [_frame(movement, motion, camera, moment) for moment in moments(motion)]
    return Film(movement, motion, camera, frames, tuple(_layers(frames, motion, camera)))


def floor(frames: Sequence[Frame], motion: Motion, camera: Camera) -> Part:
    """Return the floor below these frames."""
    corners = close_up.floor() if motion.close_up else _mat([frame.moment.skeleton for frame in frames])
    points = tuple(camera.place(np.array(corner)) for corner in corners)
    return Part(name="floor", group="floor", colour="wall", points=points, pen=1.0)


def _mat(skeletons: Sequence[Skeleton]) -> list[tuple[float, float, float]]:
    spots = np.array([joint for skeleton in skeletons for joint in skeleton.joints.values()])
    (x0, y0, _), (x1, y1, _) = spots.min(axis=0) - MAT, spots.max(axis=0) + MAT
    return [(x0, y0, 0.0), (x1, y0, 0.0), (x1, y1, 0.0), (x0, y1, 0.0)]


def _frame(movement: Movement, motion: Motion, camera: Camera, moment: Moment) -> Frame:
    return Frame(moment, {part.name: part for part in _parts(movement, motion, camera, moment)})


def _parts(movement: Movement, motion: Motion, camera: Camera, moment: Moment) -> Iterator[Part]:
    skeleton = moment.skeleton
    if motion.close_up:
        yield from close_up.parts(skeleton.pose, camera)
        return
    yield from kit.behind(motion, movement.kit, skeleton, camera)
    yield from parts(skeleton, camera)
    yield from muscles.tinted(movement.areas, motion, skeleton, camera)
    yield from kit.before(motion, movement.kit, skeleton, camera)
    yield from signs(motion, moment.share, camera)


def _layers(frames: Sequence[Frame], motion: Motion, camera: Camera) -> Iterator[Layer]:
    skeletons = [frame.moment.skeleton for frame in frames]
    seen = [part for part in frames[0].parts.values() if not _looks_away(part, skeletons, camera)]
    for group in _order(skeletons, motion, camera, {part.group for part in seen}):
        faint = group == "wall" or _is_faint(group, skeletons, motion, camera)
        yield Layer(tuple(part.name for part in seen if part.group == group), palette.FAINT if faint else 1.0)


def _looks_away(part: Part, skeletons: Iterable[Skeleton], camera: Camera) -> bool:
    """Return whether this is a muscle on the far side of the body for most of the round."""
    if part.colour != "tint" or part.group in {"sign", "foot"}:
        return False
    return bool(np.mean([muscles.looks_at_us(part.name, each, camera) for each in skeletons]) < muscles.HIDDEN)


def _order(skeletons: Sequence[Skeleton], motion: Motion, camera: Camera, groups: set[str]) -> list[str]:
    """Return the groups from back to front: kit behind, the body from far to near, kit before."""
    body = groups.difference(BEHIND, BEFORE)
    nearness = {group: _nearness(group, skeletons, camera) for group in sorted(body)}
    far_to_near = sorted(nearness, key=lambda group: (group in motion.front, nearness[group]))
    return [*(group for group in BEHIND if group in groups), *far_to_near, *(each for each in BEFORE if each in groups)]


_MIDDLES = {
    "leg": ("hip", "knee", "knee", "ankle"),
    "arm": ("shoulder", "elbow", "wrist"),
}


def _nearness(group: str, skeletons: Sequence[Skeleton], camera: Camera) -> float:
    side, _, limb = group.partition("_")
    joints = [f"{side}_{joint}" for joint in _MIDDLES[limb]] if side in SIDES else ["hips", "nape"]
    near = np.mean([[camera.near(skeleton[joint]) for joint in joints] for skeleton in skeletons])
    return float(near) + (0.1 if group == "head" else 0.0)  # the head's place is the trunk's, and it lies on it


def _is_faint(group: str, skeletons: Sequence[Skeleton], motion: Motion, camera: Camera) -> bool:
    side, _, limb = group.partition("_")
    if motion.dim or motion.is_frontal or side not in SIDES:
        return group in motion.dim
    root, middle = ("hip", "hips") if limb == "leg" else ("shoulder", "nape")
    behind = np.mean([camera.near(skeleton[f"{side}_{root}"] - skeleton[middle]) for skeleton in skeletons])
    return bool(behind < FAR_AWAY)
