"""Something else instead of a movement that hurts, in the middle of a routine."""

from dataclasses import replace

from service.domain.composing.policy import Policy
from service.domain.composing.possible import possible
from service.domain.composing.steps import Step, step
from service.domain.movements import Catalogue, Demand, Kind, Movement
from service.domain.wish import Wish

REASON = "Instead of what hurt: it leaves that part of you alone."


def swap(hurting: Step, others: tuple[Step, ...], wish: Wish, catalogue: Catalogue, policy: Policy) -> Step | None:
    """Return what to do instead of a step that hurts; None where it is better to leave it out.

    It stretches, presses and loads nothing that the hurting movement does, is not among the other steps in any form,
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
    if not able:
        return None
    found = min(able, key=lambda movement: _strangeness(movement, hurting))
    made = step(found, found.dose, _amount(found, hurting.seconds), REASON, catalogue)
    return replace(made, position=found.position or hurting.position, change_s=hurting.change_s)


def _strangeness(movement: Movement, hurting: Step) -> tuple[bool, bool, bool]:
    moved = movement.position is not None and movement.position is not hurting.position
    return movement.kind is Kind.BREATH, moved, movement.demand is not Demand.GENTLE


def _amount(movement: Movement, seconds: int) -> int:
    """Return the most of the movement that lasts no longer than these seconds."""
    dose = movement.dose
    return max(amount for amount in range(dose.low, dose.high + 1, dose.notch) if dose.lasts(amount) <= seconds)
