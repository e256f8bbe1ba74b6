"""Something else instead of a movement that hurts, in the middle of a routine."""

from dataclasses import replace

from service.domain.composing.policy import Policy
from service.domain.composing.possible import possible
from service.domain.composing.steps import Step, step
from service.domain.movements import Catalogue, Demand, Kind, Movement
from service.domain.wish import Wish

REASON = "Instead of what hurt: it leaves that part of you alone."


def swap(hurting: Step, others: tuple[Step, ...], wish: Wish, catalogue: Catalogue, policy: Policy) -> Step | None:
    """Return what to do instead of a step that hurts; None where it is better to leave it out."""
    return next(iter(instead(hurting, others, wish, catalogue, policy)), None)


def instead(
    hurting: Step, others: tuple[Step, ...], wish: Wish, catalogue: Catalogue, policy: Policy
) -> tuple[Step, ...]:
    """Return what could be done instead of a step that hurts, the best first; nothing where it is better left out.

    Each stretches, presses and loads nothing that the hurting movement does, is not among the other steps in any form,
    and lasts no longer, so the routine still fits. Movements in the same position come first, then gentle ones.
    """
    spared = replace(wish, pain=wish.pain | catalogue[hurting.movement].loads)
    taken = {catalogue[other.movement].root for other in (hurting, *others)}
    able = [
        movement
        for movement in possible(spared, catalogue, policy).values()
        if movement.root not in taken
        and not movement.needs
        and movement.dose.lasts(movement.dose.low) <= hurting.seconds
    ]
    able.sort(key=lambda movement: _strangeness(movement, hurting))
    return tuple(_in_its_place(movement, hurting, catalogue) for movement in able)


def _in_its_place(movement: Movement, hurting: Step, catalogue: Catalogue) -> Step:
    made = step(movement, movement.dose, _amount(movement, hurting.seconds), REASON, catalogue)
    return replace(made, position=movement.position or hurting.position, change_s=hurting.change_s)


def _strangeness(movement: Movement, hurting: Step) -> tuple[bool, bool, bool]:
    moved = movement.position is not None and movement.position is not hurting.position
    return movement.kind is Kind.BREATH, moved, movement.demand is not Demand.GENTLE


def _amount(movement: Movement, seconds: int) -> int:
    """Return the most of the movement that lasts no longer than these seconds."""
    dose = movement.dose
    return max(amount for amount in range(dose.low, dose.high + 1, dose.notch) if dose.lasts(amount) <= seconds)
