"""A routine: the steps a runner does, composed for one run and one body."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.classification import RunType
from service.domain.movements import BodyArea, Kit, Position


class Part(StrEnum):
    """Which part of a session: the five minutes right now, the thorough rest later, or all of it at once."""

    NOW = "now"
    LATER = "later"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One movement as dosed today.

    `seconds` is the whole step, both sides included, changes between steps excluded. `reps` and `hold_s` are per
    side where `sides` is 2. `reason` says in plain words why this step is here.
    """

    movement: str
    name: str
    seconds: int
    sides: int
    cue: str
    reason: str
    position: Position
    reps: int | None = None
    hold_s: int | None = None
    kit: tuple[Kit, ...] = ()
    areas: tuple[BodyArea, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """What to do after a run. `seconds` holds the steps and the changes between them."""

    run_type: RunType
    title: str
    part: Part
    steps: tuple[Step, ...]
    seconds: int
    focus: tuple[BodyArea, ...]
    reasons: tuple[str, ...]
