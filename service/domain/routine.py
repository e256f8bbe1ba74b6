"""A routine: the steps a runner does, composed for one run and one body."""

from dataclasses import dataclass

from service.domain.classification import RunType
from service.domain.movements import BodyArea, Catalogue, Kit, Position
from service.domain.policy import Policy
from service.domain.wish import Done, Feedback, Part, Unmet, Wish

__all__ = ["Done", "Feedback", "Part", "Routine", "Step", "Unmet", "Wish", "compose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One movement as dosed today.

    `seconds` is the whole step, both sides included, changes between steps excluded; `change_s` is the change before
    it. `reps` and `hold_s` are per side where `sides` is 2, and per direction where `ways` is 2. `dose` says all of
    that in words. `reason` says in plain words why this step is here.
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
    ways: int = 1
    change_s: int = 0
    dose: str = ""
    how: str = ""
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


def compose(wish: Wish, catalogue: Catalogue, policy: Policy) -> Routine:
    """Return the routine for this wish, the same one every time; raise Unmet where none fits, and nothing else."""
    raise NotImplementedError
