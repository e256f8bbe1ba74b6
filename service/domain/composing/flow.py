"""In which order: walk, roller, ball, movement, breath; going down once, each thing fetched once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from service.domain.composing.policy import Change
from service.domain.movements import BodyArea, Kind, Kit, Movement, Position

# The article: walk first (L19), rolling before mobility (L74), breathing after it (L90). All else is one block, in
# which the position decides and then the order of the catalogue.
BLOCKS = {Kind.WALK: 0, Kind.ROLL: 1, Kind.BALL: 2, Kind.BREATH: 4}
MOVING = 3

DOWN = {position: depth for depth, position in enumerate(Position)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A movement taken into the routine, the range of its dose today, why and for what area.

    `usual` is the amount it is planned with, `full`: its dose is raised before others are. `place` is where it comes
    in a routine, as place() tells.
    """

    movement: Movement
    because: str
    area: BodyArea
    place: tuple[int, int, int]
    low: int
    usual: int
    high: int
    full: bool = False


def place(movement: Movement, index: int) -> tuple[int, int, int]:
    """Return where a movement, the index-th of the catalogue, comes in a routine; what can be done anywhere is last."""
    depth = len(DOWN) if movement.position is None else DOWN[movement.position]
    return BLOCKS.get(movement.kind, MOVING), depth, index


def in_order(picks: Iterable[Pick]) -> list[Pick]:
    """Return the picks as they are done: block by block, from standing down to lying, then as the catalogue has it."""
    return sorted(picks, key=attrgetter("place"))


def positions(ordered: Sequence[Pick]) -> list[Position]:
    """Return the position of each pick; one that can be done anywhere stays where the one before it was."""
    found: list[Position] = []
    for pick in ordered:
        found.append(pick.movement.position or (found[-1] if found else Position.STANDING))
    return found


def changes(ordered: Sequence[Pick], change: Change) -> list[int]:
    """Return the seconds before each pick: none before the first, more where one gets up, down or something new."""
    at_hand: set[Kit] = set()
    found: list[int] = []
    where: Position | None = None
    for pick in ordered:
        movement = pick.movement
        position = movement.position or where
        effort = position is not where or not at_hand.issuperset(movement.kit)
        found.append(change.most_s if effort else change.least_s)
        at_hand.update(movement.kit)
        where = position
    return [0, *found[1:]] if found else []
