"""What a routine should have, the most important first.

musts()      what the run cannot do without: the walk, breathing after hard running, feet after a long run
asked_for()  what this very run and body ask for
usual()      what such a run asks for in general, then what fills spare minutes
"""

from collections.abc import Sequence
from dataclasses import replace

from service.domain.athlete import Level
from service.domain.composing.flow import DOWN
from service.domain.composing.policy import Policy, Walk, Want
from service.domain.composing.possible import shades
from service.domain.movements import BodyArea, Catalogue, Demand, Movement
from service.domain.wish import Part, Wish
from service.domain.words import area_words, feels


def is_beginning(wish: Wish) -> bool:
    """Tell whether a few movements are enough: for a beginner who did not ask for minutes."""
    return wish.level is Level.BEGINNER and wish.minutes is None


def musts(wish: Wish, policy: Policy) -> list[Want]:
    """Return what the routine is refused rather than left without, where it is possible at all: the walk first."""
    return [_opening(wish, policy.walk), *(want for want in policy.types[wish.run_type].wants if want.must)]


def asked_for(wish: Wish, catalogue: Catalogue, policy: Policy) -> list[Want]:
    """Return what this very run and body ask for: tight areas, the run's first want, its flags' hints, what is owed."""
    early = [want for want in policy.types[wish.run_type].wants if want.early]
    hints = [want for shade in shades(wish, policy) for want in shade.wants]
    return [*_tight(wish, catalogue), *early, *hints, *_owed(wish, catalogue, policy)]


def usual(wish: Wish, catalogue: Catalogue, policy: Policy, *, tight_again: bool = True) -> list[Want]:
    """Return what such a run asks for in general, tight areas once more among it, then what fills spare minutes."""
    plan = policy.types[wish.run_type]
    wants = [_varied(want, wish, policy) for want in plan.wants if not want.must and not want.early]
    filling = [] if is_beginning(wish) else _each(policy.filling)
    again = _tight(wish, catalogue) if tight_again else []
    return [*wants[:1], *again, *wants[1:], *filling]


def _each(want: Want) -> list[Want]:
    return [Want(any=(name,), because=want.because) for name in want.any]


def _opening(wish: Wish, walk: Walk) -> Want:
    because = walk.later if wish.cold or wish.part is Part.LATER else walk.want.because
    return replace(walk.want, because=f"{because} {walk.with_pain}" if wish.pain else because)


def _tight(wish: Wish, catalogue: Catalogue) -> list[Want]:
    areas = [area for area in BodyArea if area in wish.tight]
    because = "You said your {} {} tight."
    return [
        Want(area=area, any=_working(area, catalogue), because=because.format(area_words(area), feels(area)))
        for area in areas
    ]


def _owed(wish: Wish, catalogue: Catalogue, policy: Policy) -> list[Want]:
    areas = [area for area in BodyArea if area in wish.owed - wish.tight]
    because = "Left over from an earlier session: {}."
    return [
        Want(
            area=area,
            any=_freshest(_working(area, catalogue), wish, policy),
            because=because.format(area_words(area)),
            once=True,
        )
        for area in areas
    ]


def _working(area: BodyArea, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the movements that work this area: restful before tiring, those made for it first, then the lower ones.

    Tiring ones are left out unless they are made for it.
    """
    found = [
        movement
        for movement in catalogue
        if area is movement.areas[0] or (area in movement.areas and movement.demand is not Demand.WORK)
    ]
    return tuple(movement.id for movement in sorted(found, key=lambda movement: _fitness(movement, area)))


def _fitness(movement: Movement, area: BodyArea) -> tuple[bool, bool, int]:
    depth = 0 if movement.position is None else DOWN[movement.position]
    return movement.demand is Demand.WORK, movement.areas[0] is not area, -depth


def _varied(want: Want, wish: Wish, policy: Policy) -> Want:
    """Return the want with its equals turned by the seed, those of the last routines behind the others."""
    if not want.vary:
        return want
    turn = wish.seed % len(want.any)
    return replace(want, any=_freshest(want.any[turn:] + want.any[:turn], wish, policy))


def _freshest(names: Sequence[str], wish: Wish, policy: Policy) -> tuple[str, ...]:
    """Return the movements with those of the last routines behind the others."""
    lately = [done.movements for done in wish.recent[: policy.vary_over]]
    return tuple(sorted(names, key=lambda name: sum(name in movements for movements in lately)))
