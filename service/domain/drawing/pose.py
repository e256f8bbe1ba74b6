"""Poses as joint angles, and the motion that leads through them.

Angles are in degrees, lengths in hundredths of stature. The world: x to where the figure faces, y to its left, z up,
the floor at 0. A limb's y counts outward, so that the same numbers do for left and right. Whatever goes to a side
(side bends, twists, turns) counts towards the figure's right.
"""

from dataclasses import dataclass, field, replace

type Triple = tuple[float, float, float]

NOTHING: Triple = (0.0, 0.0, 0.0)
OTHER = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limb:
    """An arm or a leg, told by angles or by where its end is.

    `swing` brings it forward and up, `out` away from the body, `twist` turns it outward about its own length; `bend` is
    the elbow's or the knee's, `tip` the wrist's or the ankle's (palm towards forearm, toes down). With `at` (the wrist,
    or the place on the floor under the ankle) or `on` (a place of the body, "left_knee"), swing, out and bend follow
    from that, and twist says where the elbow or the knee points.
    """

    swing: float = 0.0
    out: float = 0.0
    twist: float = 0.0
    bend: float = 0.0
    tip: float = 0.0
    at: Triple | None = None
    on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm(Limb):
    """`fingers` is the direction they point in, where a hand rests on something."""

    out: float = 8.0
    bend: float = 12.0
    fingers: Triple | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg(Limb):
    """A foot that is `at` a place is turned outward by `turn`; its heel, or below 0 its toes, are lifted by `lift`.

    It tips about the ball where the heel lifts, about the heel where the toes do, or about the `pivot` that is named.
    """

    turn: float = 6.0
    lift: float = 0.0
    pivot: str = ""

    @property
    def on_ball(self) -> bool:
        """Whether the foot tips about its ball, so that the toes stay flat."""
        return self.pivot == "ball" if self.pivot else self.lift > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """One key pose: `move` seconds lead to it, `hold` seconds it lasts.

    `place` is where the `root` is: the middle between the hip joints ("hips"), or the shoulder line ("nape"). `lean`,
    `tilt` and `turn` tip the pelvis forward, to the right and about its length. `low`, `high` and `neck` bend the spine
    (forward, aside, twist) at the loins, under the ribs and at the neck. `shoulders` lifts and brings forward both
    collar bones. `belly` and `chest` are breath, 0 to 1. `kit` is the middle of the roller or ball. `big_toe` and
    `toes` are lifted, which shows in a close-up only.
    """

    move: float = 1.0
    hold: float = 0.0
    place: Triple = (0.0, 0.0, 53.0)
    root: str = "hips"
    lean: float = 0.0
    tilt: float = 0.0
    turn: float = 0.0
    low: Triple = NOTHING
    high: Triple = NOTHING
    neck: Triple = NOTHING
    shoulders: tuple[float, float] = (0.0, 0.0)
    belly: float = 0.0
    chest: float = 0.0
    left_arm: Arm = field(default_factory=Arm)
    right_arm: Arm = field(default_factory=Arm)
    left_leg: Leg = field(default_factory=Leg)
    right_leg: Leg = field(default_factory=Leg)
    kit: Triple = NOTHING
    big_toe: float = 0.0
    toes: float = 0.0

    def arm(self, side: str) -> Arm:
        """Return the arm of a side."""
        return self.left_arm if side == "left" else self.right_arm

    def leg(self, side: str) -> Leg:
        """Return the leg of a side."""
        return self.left_leg if side == "left" else self.right_leg


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A wall at `x` in front, or at `y` beside the figure; exactly one is given."""

    x: float | None = None
    y: float | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless one of them is given."""
        if (self.x is None) == (self.y is None):
            raise ValueError("a wall is either at x or at y")


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """How a movement is done and looked at.

    `keys` are its key poses. With `flow` the figure passes through them, otherwise it comes to rest at each;
    `alternate` adds the same keys with left and right changed. `still` names the keys that stand side by side where
    nothing moves.

    `view` is the camera: degrees from the figure's right side towards its front, and degrees above the floor. `crop`
    shows the heights from and to only, `close_up` a foot. `dim` names limbs that are drawn faint although they are not
    behind, `front` those in front of the rest.

    `works` is the side that is tinted, and `tint` what is tinted where not all of the areas are. `wall`, `step` (x from
    and to, height), `post` (x, y, height), `band` (from the post to a joint, or round the "thighs") and `roller` (the
    axis it lies along) are kit; `arrows` (x, y, z, radius, degrees clockwise from and to) and the `counter` of breaths
    that is drawn `beside` are signs.
    """

    keys: tuple[Pose, ...]
    flow: bool = False
    alternate: bool = False
    still: tuple[int, ...] = ()
    view: tuple[float, float] = (15.0, 7.0)
    crop: tuple[float, float] | None = None
    close_up: bool = False
    dim: tuple[str, ...] = ()
    front: tuple[str, ...] = ()
    works: str = "both"
    tint: tuple[str, ...] = ()
    wall: Wall | None = None
    step: Triple | None = None
    post: Triple | None = None
    band: str = ""
    roller: str = "y"
    arrows: tuple[tuple[float, float, float, float, float, float], ...] = ()
    counter: str = ""
    beside: Triple = NOTHING

    def __post_init__(self) -> None:
        """Raise ValueError where there is nothing to draw."""
        if not self.keys:
            raise ValueError("a motion needs a key pose")

    @property
    def cycle(self) -> tuple[Pose, ...]:
        """The key poses of one whole round."""
        return self.keys + tuple(other_side(key) for key in self.keys) if self.alternate else self.keys

    @property
    def stills(self) -> tuple[int, ...]:
        """Which of the cycle's key poses stand side by side."""
        return self.still or tuple(range(len(self.keys)))

    @property
    def seconds(self) -> float:
        """How long one round takes."""
        return sum(key.move + key.hold for key in self.cycle)

    @property
    def is_frontal(self) -> bool:
        """Whether both sides are seen alike, so that neither is the far one."""
        return self.view[0] >= FRONTAL


FRONTAL = 45.0  # degrees from the side


def other_side(pose: Pose) -> Pose:
    """Return the pose as in a mirror: left and right changed."""
    return replace(
        pose,
        place=_across(pose.place),
        kit=_across(pose.kit),
        tilt=-pose.tilt,
        turn=-pose.turn,
        low=_aside(pose.low),
        high=_aside(pose.high),
        neck=_aside(pose.neck),
        left_arm=_swapped(pose.right_arm),
        right_arm=_swapped(pose.left_arm),
        left_leg=_swapped(pose.right_leg),
        right_leg=_swapped(pose.left_leg),
    )


def _across(place: Triple) -> Triple:
    x, y, z = place
    return x, -y, z


def _aside(bends: Triple) -> Triple:
    forward, aside, twist = bends
    return forward, -aside, -twist


def _swapped[L: Limb](limb: L) -> L:
    side, _, place = limb.on.partition("_")
    return replace(limb, on=f"{OTHER[side]}_{place}") if side in OTHER else limb
