"""The movements: what they are, what they work, what they need and how much of each.

The words and doses themselves are data, in config/movements.toml.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kit(StrEnum):
    """Things a movement may need."""

    WALL = "wall"
    STEP = "step"
    ROLLER = "roller"
    BALL = "ball"
    BAND = "band"


class BodyArea(StrEnum):
    """Areas a movement works, as in the command line's contract."""

    FEET = "feet"
    CALVES = "calves"
    ANKLES = "ankles"
    QUADS = "quads"
    HAMSTRINGS = "hamstrings"
    HIP_FLEXORS = "hip_flexors"
    HIPS = "hips"
    GLUTES = "glutes"
    IT_BAND = "it_band"
    LOWER_BACK = "lower_back"
    THORACIC_SPINE = "thoracic_spine"
    SHOULDERS = "shoulders"
    LATERAL_TRUNK = "lateral_trunk"
    NERVOUS_SYSTEM = "nervous_system"


class Site(StrEnum):
    """Where it may hurt: the body areas, and the joints and tendons that no movement sets out to work.

    The singular and everyday words are understood too: Site("calf"), Site("back").
    """

    FEET = "feet"
    ACHILLES = "achilles"
    ANKLES = "ankles"
    CALVES = "calves"
    SHINS = "shins"
    KNEE = "knee"
    QUADS = "quads"
    HAMSTRINGS = "hamstrings"
    IT_BAND = "it_band"
    HIP_FLEXORS = "hip_flexors"
    HIPS = "hips"
    GLUTES = "glutes"
    LOWER_BACK = "lower_back"
    THORACIC_SPINE = "thoracic_spine"
    LATERAL_TRUNK = "lateral_trunk"
    SHOULDERS = "shoulders"
    NECK = "neck"
    WRISTS = "wrists"

    @classmethod
    def _missing_(cls, value: object) -> "Site | None":
        spelled = _EVERYDAY.get(str(value).strip().lower().replace(" ", "_").replace("-", "_"))
        return cls(spelled) if spelled else None


_EVERYDAY = {
    "foot": "feet",
    "heel": "feet",
    "plantar": "feet",
    "ankle": "ankles",
    "calf": "calves",
    "shin": "shins",
    "knees": "knee",
    "quad": "quads",
    "thigh": "quads",
    "hamstring": "hamstrings",
    "itb": "it_band",
    "hip_flexor": "hip_flexors",
    "groin": "hip_flexors",
    "hip": "hips",
    "glute": "glutes",
    "back": "lower_back",
    "upper_back": "thoracic_spine",
    "side": "lateral_trunk",
    "shoulder": "shoulders",
    "wrist": "wrists",
}


class Position(StrEnum):
    """Where the body is, in the order a routine goes down."""

    STANDING = "standing"
    HANDS_AND_KNEES = "hands_and_knees"
    FLOOR = "floor"
    LYING = "lying"


class Kind(StrEnum):
    """What sort of movement it is."""

    WALK = "walk"
    ROLL = "roll"
    BALL = "ball"
    DYNAMIC = "dynamic"
    BAND = "band"
    FLOW = "flow"
    HOLD = "hold"
    ACTIVATION = "activation"
    BREATH = "breath"


class Demand(StrEnum):
    """What a movement asks of tired legs: nothing much, a strong stretch, or work."""

    GENTLE = "gentle"
    DEEP = "deep"
    WORK = "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """How much of a movement: a range of repetitions or of seconds, each for one side and one direction.

    Exactly one of `reps` and `seconds` is given, as (least, most). `each_s` is what one repetition takes, its hold
    of `hold_s` included. `notch` is by how much an amount is raised. `called` and `side` are the words for a
    repetition and for a side ("circles", "leg").
    """

    reps: tuple[int, int] | None = None
    seconds: tuple[int, int] | None = None
    each_s: float = 1.0
    hold_s: int | None = None
    sides: int = 1
    ways: int = 1
    notch: int = 1
    called: str = "times"
    side: str = "side"

    def __post_init__(self) -> None:
        """Raise ValueError unless one range is given and its ends are in order."""
        if (self.reps is None) == (self.seconds is None):
            raise ValueError("a dose needs either reps or seconds")
        if not 0 < self.low <= self.high:
            raise ValueError("a dose goes from less to more")

    @property
    def _range(self) -> tuple[int, int]:
        return self.reps or self.seconds or (0, 0)

    @property
    def low(self) -> int:
        """The least amount, in repetitions or seconds."""
        return self._range[0]

    @property
    def high(self) -> int:
        """The greatest amount, in repetitions or seconds."""
        return self._range[1]

    def lasts(self, amount: int) -> int:
        """Return the seconds that this amount takes, every side and direction included."""
        return round(amount * self.each_s * self.sides * self.ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of the catalogue.

    `position` is None where it can be done in whatever position one is in. `areas` are what it works, the main one
    first; `loads` are the sites that it stretches, presses or puts weight on, so that pain there rules it out.
    `holds_breath` marks breathing with pauses, which does not suit everyone; `with_breath` a movement whose every
    repetition is one breath in and one out; `alternates` one whose sides take turns, repetition by repetition.
    `form_of` names the movement this is another form of: a routine holds one form. `needs` names movements of which
    one has to be in the same routine. `source` says where the dose comes from, `ours` which of its fields are
    our own reading, and `added` why it is here although the article does not have it.
    """

    id: str
    name: str
    kind: Kind
    dose: Dose
    areas: tuple[BodyArea, ...]
    how: str
    cue: str
    source: str
    position: Position | None = None
    demand: Demand = Demand.GENTLE
    kit: tuple[Kit, ...] = ()
    loads: frozenset[Site] = frozenset()
    holds_breath: bool = False
    with_breath: bool = False
    alternates: bool = False
    form_of: str = ""
    needs: tuple[str, ...] = ()
    ours: frozenset[str] = frozenset()
    added: str = ""

    @property
    def root(self) -> str:
        """The movement that this is a form of, itself where it is none."""
        return self.form_of or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All movements by id, in the order in which a routine does them within one block and position.

    `said_with` is what is said with every movement of a kind ("breathe out and let go" with every hold).
    """

    movements: Mapping[str, Movement]
    said_with: Mapping[Kind, str]

    def __getitem__(self, name: str) -> Movement:
        """Return the movement of this id; raise KeyError where there is none."""
        return self.movements[name]

    def __iter__(self) -> Iterator[Movement]:
        return iter(self.movements.values())

    def __len__(self) -> int:
        return len(self.movements)
