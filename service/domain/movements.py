"""The movements: what they are, what they work, what they need and how much of each.

The words and doses themselves are data, in config/movements.toml.
"""

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


class Position(StrEnum):
    """Where the body is, in the order a routine goes down."""

    STANDING = "standing"
    HANDS_AND_KNEES = "hands_and_knees"
    FLOOR = "floor"
    LYING = "lying"
