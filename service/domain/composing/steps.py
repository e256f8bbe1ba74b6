"""The steps of a routine: movements as dosed today, with everything the runner needs to do them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.domain.composing.dosing import doses
from service.domain.composing.flow import Pick, changes, in_order, positions
from service.domain.composing.policy import Change
from service.domain.composing.sizing import Size
from service.domain.movements import BodyArea, Catalogue, Dose, Kind, Kit, Movement, Position
from service.domain.words import dose_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One movement as dosed today.

    `seconds` is the whole step, both sides included, changes between steps excluded; `change_s` is the change before
    it. `reps` and `hold_s` are per side where `sides` is 2, and `reps` per direction where `ways` is 2. `dose` says
    all of that in words, `how` what to do, `cue` what to mind. `reason` says in plain words why this step is here.
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


def step(movement: Movement, dose: Dose, amount: int, reason: str, catalogue: Catalogue) -> Step:
    """Return the movement at this amount of this dose, in its own position and with no change before it."""
    return Step(
        movement=movement.id,
        name=movement.name,
        seconds=dose.lasts(amount),
        sides=dose.sides,
        ways=dose.ways,
        reps=amount if dose.reps else None,
        hold_s=amount if movement.kind is Kind.HOLD else dose.hold_s,
        dose=dose_words(dose, amount),
        how=movement.how,
        cue=" ".join(filter(None, (movement.cue, catalogue.said_with.get(movement.kind)))),
        reason=reason,
        position=movement.position or Position.STANDING,
        kit=movement.kit,
        areas=movement.areas,
    )


def steps(picks: Sequence[Pick], size: Size, change: Change, catalogue: Catalogue) -> tuple[Step, ...]:
    """Return the picks as steps: in the order they are done, dosed to the size, with the changes between them."""
    ordered = in_order(picks)
    before = changes(ordered, change)
    amounts = doses(ordered, sum(before), size)
    rows = zip(ordered, amounts, positions(ordered), before, strict=True)
    return tuple(
        replace(
            step(pick.movement, pick.movement.dose, amount, pick.because, catalogue),
            position=position,
            change_s=change_s,
        )
        for pick, amount, position, change_s in rows
    )


def lasts(steps: Sequence[Step]) -> int:
    """Return the seconds of the steps and of the changes between them."""
    return sum(step.change_s + step.seconds for step in steps)
