"""Which movements: what the run, the flags and the runner want, in order of importance, as far as it fits.

wants()     what should be there, the most important first
possible()  what this body can do here today, with this kit
choose()    the first of each want that is possible, as long as it fits the minutes
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from service.domain.athlete import Level
from service.domain.classification import Flag
from service.domain.flow import Pick, changes, in_order
from service.domain.movements import BodyArea, Catalogue, Demand, Kind, Movement, Position
from service.domain.policy import Policy, Shade, Walk, Want
from service.domain.sizing import Size
from service.domain.wish import Part, Wish
from service.domain.words import area_words, feels

type Picks = tuple[Pick, ...]

NOT_COUNTED = frozenset({Kind.WALK, Kind.BREATH})  # beside a beginner's movements


def shades(wish: Wish, policy: Policy) -> list[Shade]:
    """Return what the run's flags change, in the order of the flags."""
    return [policy.flags[flag] for flag in Flag if flag in wish.flags and flag in policy.flags]


def possible(wish: Wish, catalogue: Catalogue, policy: Policy) -> Mapping[str, Movement]:
    """Return the movements that nothing speaks against: kit, place, pain, and what the run leaves out."""
    plan, flags = policy.types[wish.run_type], shades(wish, policy)
    demands = plan.leaves_out.union(*(shade.leaves_out for shade in flags))
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


def musts(wish: Wish, policy: Policy) -> list[Want]:
    """Return what the routine is refused rather than left without, where it is possible at all: the walk first."""
    return [_opening(wish, policy.walk), *(want for want in policy.types[wish.run_type].wants if want.must)]


def asked_for(wish: Wish, catalogue: Catalogue, policy: Policy) -> list[Want]:
    """Return what this very run and body ask for: tight areas, the flags' hints, tight areas again, what is owed."""
    hints = [want for shade in shades(wish, policy) for want in shade.wants]
    tight = _tight(wish, catalogue)
    return [*tight, *hints, *tight, *_owed(wish, catalogue)]


def usual(wish: Wish, policy: Policy) -> list[Want]:
    """Return what such a run asks for in general, then what fills spare minutes."""
    plan = policy.types[wish.run_type]
    filling = [replace(policy.filling, any=(name,)) for name in policy.filling.any]
    return [*(_varied(want, wish, policy) for want in plan.wants if not want.must), *filling]


def _opening(wish: Wish, walk: Walk) -> Want:
    because = walk.later if wish.part is Part.LATER else walk.want.because
    return replace(walk.want, because=f"{because} {walk.with_pain}" if wish.pain else because)


def _tight(wish: Wish, catalogue: Catalogue) -> list[Want]:
    areas = [area for area in BodyArea if area in wish.tight]
    because = "You said your {} {} tight."
    return [
        Want(area=area, any=_working(area, catalogue), because=because.format(area_words(area), feels(area)))
        for area in areas
    ]


def _owed(wish: Wish, catalogue: Catalogue) -> list[Want]:
    areas = [area for area in BodyArea if area in wish.owed - wish.tight]
    because = "Left over from an earlier session: {}."
    return [Want(area=area, any=_working(area, catalogue), because=because.format(area_words(area))) for area in areas]


def _working(area: BodyArea, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the movements that work this area: those made for it before others, restful before tiring ones."""
    found = [movement for movement in catalogue if area in movement.areas]
    return tuple(m.id for m in sorted(found, key=lambda m: (m.areas.index(area), m.demand is Demand.WORK)))


def _varied(want: Want, wish: Wish, policy: Policy) -> Want:
    """Return the want with its equals turned by the seed, those of the last routines behind the others."""
    if not want.vary:
        return want
    turn = wish.seed % len(want.any)
    turned = want.any[turn:] + want.any[:turn]
    lately = [done.movements for done in wish.recent[: policy.vary_over]]
    return replace(want, any=tuple(sorted(turned, key=lambda name: sum(name in names for names in lately))))


def choose(wish: Wish, catalogue: Catalogue, policy: Policy, size: Size) -> Picks | None:
    """Return what to do, the most important first; None where what must be there does not fit the size.

    What must be there and what is asked for may be dosed low to fit; what is usual comes in at its usual dose. Where
    that leaves the minutes unfilled, what was passed over gets another chance at the low end of its dose.
    """
    today = _Today.of(wish, catalogue, policy)
    picks = _all_of(musts(wish, policy), (), today, size.high)
    if picks is None:
        return None
    for want in asked_for(wish, catalogue, policy):
        picks += today.bearable(want, picks, today.least_s, size.aim)
    passed_over = []
    for want in usual(wish, policy):
        found = today.bearable(want, picks, today.usual_s, size.aim)
        passed_over += [] if found else [want]
        picks += found
    for want in passed_over:
        if today.most_s(picks) >= size.low:
            break
        picks += today.bearable(want, picks, today.least_s, size.high)
    return picks


def _all_of(wanted: Sequence[Want], picks: Picks, today: "_Today", room_s: int) -> Picks | None:
    """Return the first way to meet every want that fits the room, passing over those impossible today."""
    if not wanted:
        return picks
    options = list(today.options(wanted[0], picks)) or [()]
    fitting = (picks + option for option in options if today.least_s(picks + option) <= room_s)
    return next(filter(None, (_all_of(wanted[1:], taken, today, room_s) for taken in fitting)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Today:
    """What can be taken today, at which doses, and how long it would all last."""

    movements: Mapping[str, Movement]
    index: Mapping[str, int]
    fullest: frozenset[Kind]
    areas: frozenset[BodyArea]
    policy: Policy
    beginner: bool
    most_movements: int | None

    @classmethod
    def of(cls, wish: Wish, catalogue: Catalogue, policy: Policy) -> Self:
        beginner, growth = wish.level is Level.BEGINNER, policy.beginner
        most = growth.movements + wish.sessions_done // growth.sessions_for_one_more
        return cls(
            movements=possible(wish, catalogue, policy),
            index={name: index for index, name in enumerate(catalogue.movements)},
            fullest=policy.types[wish.run_type].fullest,
            areas=wish.tight,
            policy=policy,
            beginner=beginner,
            most_movements=most if beginner and wish.minutes is None else None,
        )

    def bearable(self, want: Want, picks: Picks, lasts: Callable[[Picks], int], room_s: int) -> Picks:
        """Return what the first option that fits adds; nothing where none does, or where a beginner has enough."""
        option = next((option for option in self.options(want, picks) if lasts(picks + option) <= room_s), ())
        counted = sum(pick.movement.kind not in NOT_COUNTED for pick in picks + option)
        return option if self.most_movements is None or counted <= self.most_movements else ()

    def options(self, want: Want, picks: Picks) -> Iterator[Picks]:
        """Yield each way to meet the want with what is not yet taken, a needed partner included."""
        taken = {pick.movement.root for pick in picks}
        for movement in (self.movements[name] for name in want.any if name in self.movements):
            if movement.root in taken:
                continue
            pick = self._pick(movement, want.because, want.area)
            if not movement.needs or any(pick.movement.id in movement.needs for pick in picks):
                yield (pick,)
            elif partner := self._partner(movement, taken):
                yield (pick, partner)

    def _partner(self, movement: Movement, taken: set[str]) -> Pick | None:
        able = (self.movements[name] for name in movement.needs if name in self.movements)
        found = next((other for other in able if other.root not in taken), None)
        return self._pick(found, f"It belongs with this: {movement.name}.", None) if found else None

    def _pick(self, movement: Movement, because: str, area: BodyArea | None) -> Pick:
        dose, held_low = movement.dose, self.beginner and movement.kind not in NOT_COUNTED
        return Pick(
            movement=movement,
            because=because,
            area=area or movement.areas[0],
            index=self.index[movement.id],
            low=dose.low,
            high=dose.low if held_low else dose.high,
            full=movement.kind in self.fullest or area in self.areas,
        )

    def least_s(self, picks: Picks) -> int:
        return self._changes_s(picks) + sum(pick.movement.dose.lasts(pick.low) for pick in picks)

    def usual_s(self, picks: Picks) -> int:
        return self._changes_s(picks) + sum(pick.movement.dose.lasts(pick.usual) for pick in picks)

    def most_s(self, picks: Picks) -> int:
        return self._changes_s(picks) + sum(pick.movement.dose.lasts(pick.high) for pick in picks)

    def _changes_s(self, picks: Picks) -> int:
        return sum(changes(in_order(picks), self.policy.change))
