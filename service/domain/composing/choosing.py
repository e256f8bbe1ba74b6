"""Which movements: the first of each want that can be done today, as long as it fits the minutes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from service.domain.athlete import Level
from service.domain.composing.flow import Pick, changes, in_order, place
from service.domain.composing.policy import Policy, Want
from service.domain.composing.possible import possible
from service.domain.composing.sizing import Size
from service.domain.composing.wanting import asked_for, is_beginning, musts, usual
from service.domain.movements import BodyArea, Catalogue, Kind, Movement
from service.domain.wish import Wish

type Picks = tuple[Pick, ...]

NOT_COUNTED = frozenset({Kind.WALK, Kind.BREATH})  # beside a beginner's movements


def choose(wish: Wish, catalogue: Catalogue, policy: Policy, size: Size, *, tight_again: bool = True) -> Picks | None:
    """Return what to do, the most important first; None where what must be there does not fit the size.

    What must be there and what is asked for may be dosed low to fit; what is usual comes in at its usual dose. Where
    that leaves time over, what was passed over gets another chance at the low end of its dose. Tight areas are asked
    for first, and `tight_again` once more among what is usual.
    """
    today = _Today.of(wish, catalogue, policy, size)
    picks = _all_of(musts(wish, policy), (), today, size.high)
    if picks is None:
        return None
    for want in asked_for(wish, catalogue, policy):
        if want.once and any(want.area in pick.movement.areas for pick in picks):
            continue
        picks += today.bearable(want, picks, today.least_s, size.aim)
    passed_over = []
    for want in usual(wish, catalogue, policy, tight_again=tight_again):
        found = today.bearable(want, picks, today.usual_s, size.aim)
        passed_over += [] if found else [want]
        picks += found
    return _filled(picks, passed_over, today, size)


def _filled(picks: Picks, passed_over: Sequence[Want], today: "_Today", size: Size) -> Picks:
    """Return the picks with more among them where even their greatest doses leave time over.

    What matters most keeps its dose for that, unless the least that will do is not reached otherwise.
    """
    for want in passed_over:
        most_s = today.most_s(picks)
        if most_s < size.low:
            picks += today.bearable(want, picks, today.least_s, size.high)
        elif most_s < size.aim:
            picks += today.bearable(want, picks, today.squeezed_s, size.aim)
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
    places: Mapping[str, tuple[int, int, int]]
    fullest: frozenset[Kind]
    tight: frozenset[BodyArea]
    policy: Policy
    short: bool
    beginner: bool
    most_movements: int | None

    @classmethod
    def of(cls, wish: Wish, catalogue: Catalogue, policy: Policy, size: Size) -> Self:
        plan, growth = policy.types[wish.run_type], policy.beginner
        most = growth.movements + wish.sessions_done // growth.sessions_for_one_more
        return cls(
            movements=possible(wish, catalogue, policy),
            places={movement.id: place(movement, index) for index, movement in enumerate(catalogue)},
            fullest=plan.fullest | {Kind.WALK} if wish.cold else plan.fullest,
            tight=wish.tight,
            policy=policy,
            short=size.aim < plan.seconds[0],
            beginner=wish.level is Level.BEGINNER,
            most_movements=most if is_beginning(wish) else None,
        )

    def bearable(self, want: Want, picks: Picks, lasts: Callable[[Picks], int], room_s: int) -> Picks:
        """Return what the first option that fits adds; nothing where none does, or where a beginner has enough."""
        fitting = (option for option in self.options(want, picks) if lasts(picks + option) <= room_s)
        return next((option for option in fitting if self._is_bearable(picks + option)), ())

    def _is_bearable(self, picks: Picks) -> bool:
        if self.most_movements is None:
            return True
        return sum(pick.movement.kind not in NOT_COUNTED for pick in picks) <= self.most_movements

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
        return (
            self._pick(found, f"It belongs with {movement.name[0].lower()}{movement.name[1:]}.", None)
            if found
            else None
        )

    def _pick(self, movement: Movement, because: str, area: BodyArea | None) -> Pick:
        dose, kept_low = movement.dose, self.beginner and movement.kind not in NOT_COUNTED
        full = not self.short and (movement.kind in self.fullest or area in self.tight)
        high = dose.low if kept_low else dose.high
        return Pick(
            movement=movement,
            because=because,
            area=area or movement.areas[0],
            place=self.places[movement.id],
            low=dose.low,
            usual=high if full else dose.low if self.short else (dose.low + high) // 2,
            high=high,
            full=full,
        )

    def least_s(self, picks: Picks) -> int:
        return self._changes_s(picks) + sum(pick.movement.dose.lasts(pick.low) for pick in picks)

    def usual_s(self, picks: Picks) -> int:
        return self._changes_s(picks) + sum(pick.movement.dose.lasts(pick.usual) for pick in picks)

    def squeezed_s(self, picks: Picks) -> int:
        return self._changes_s(picks) + sum(
            pick.movement.dose.lasts(pick.high if pick.full else pick.low) for pick in picks
        )

    def most_s(self, picks: Picks) -> int:
        return self._changes_s(picks) + sum(pick.movement.dose.lasts(pick.high) for pick in picks)

    def _changes_s(self, picks: Picks) -> int:
        return sum(changes(in_order(picks), self.policy.change))
