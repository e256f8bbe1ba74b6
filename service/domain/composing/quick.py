"""The fixed ten-minute sequence, slot by slot, for when time is short (article, L51 to L66)."""

from dataclasses import replace
from math import isfinite

from service.domain.composing.policy import Policy, Slot
from service.domain.composing.possible import possible
from service.domain.composing.steps import Step, step
from service.domain.movements import Catalogue
from service.domain.wish import Part, Wish


def is_quick(wish: Wish, catalogue: Catalogue, policy: Policy) -> bool:
    """Tell whether the fixed sequence is what is asked for and every slot of it can be done as it stands.

    A runner who names areas gets a routine of their own instead.
    """
    quick = policy.quick
    if wish.minutes is None or not isfinite(wish.minutes) or round(wish.minutes) != quick.minutes:
        return False
    fixed = wish.part is Part.WHOLE and wish.run_type in quick.run_types and not wish.tight | wish.owed
    return fixed and possible(wish, catalogue, policy).keys() >= {slot.movement for slot in quick.slots}


def quick_steps(catalogue: Catalogue, policy: Policy) -> tuple[Step, ...]:
    """Return the slots in their fixed order, at their own doses, with the least change between them."""
    slots = policy.quick.slots
    return tuple(_slot_step(slot, 0 if slot is slots[0] else policy.quick.change_s, catalogue) for slot in slots)


def _slot_step(slot: Slot, change_s: int, catalogue: Catalogue) -> Step:
    made = step(catalogue[slot.movement], slot.dose, slot.dose.low, slot.because, catalogue)
    return replace(made, change_s=0 if slot.joined else change_s)
