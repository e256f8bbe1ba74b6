"""What this body can do here today: the movements that neither kit, place, pain nor the run speak against."""

from collections.abc import Mapping

from service.domain.classification import Flag
from service.domain.composing.policy import Policy, Shade
from service.domain.movements import BodyArea, Catalogue, Demand, Kind, Movement, Position
from service.domain.wish import Part, Wish

_TIRING = {Demand.WORK}


def shades(wish: Wish, policy: Policy) -> list[Shade]:
    """Return what the run's flags change, in the order of the flags."""
    return [policy.flags[flag] for flag in Flag if flag in wish.flags and flag in policy.flags]


def is_sure(wish: Wish, policy: Policy) -> bool:
    """Tell whether the kind of run is clear; where it is not, the shorter and gentler routine is the one to give."""
    return wish.confidence >= policy.unsure_below


def possible(wish: Wish, catalogue: Catalogue, policy: Policy) -> Mapping[str, Movement]:
    """Return the movements that nothing speaks against, by id."""
    plan, flags = policy.types[wish.run_type], shades(wish, policy)
    demands = plan.leaves_out.union(*(shade.leaves_out for shade in flags), () if is_sure(wish, policy) else _TIRING)
    kinds = plan.without | policy.now.without if wish.part is Part.NOW else plan.without
    holds_breath = wish.breath_holds and all(shade.holds_breath for shade in flags)
    positions = _positions(wish, policy)
    return {
        movement.id: movement
        for movement in catalogue
        if wish.kit.issuperset(movement.kit)
        and (movement.position is None or movement.position in positions)
        and wish.pain.isdisjoint(movement.loads)
        and (movement.demand not in demands or _eases(movement, wish.tight))
        and movement.kind not in kinds
        and (holds_breath or not movement.holds_breath)
    }


def _eases(movement: Movement, tight: frozenset[BodyArea]) -> bool:
    """Tell whether this is a hold for what feels tight: what the body says wins over what the run leaves out."""
    return movement.kind is Kind.HOLD and not tight.isdisjoint(movement.areas)


def _positions(wish: Wish, policy: Policy) -> frozenset[Position]:
    positions = wish.positions & policy.now.positions if wish.part is Part.NOW else wish.positions
    return positions | {Position.STANDING}
