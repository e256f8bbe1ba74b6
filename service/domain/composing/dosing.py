"""How much of each: doses raised from the low end of their range until the time is used."""

from collections.abc import Sequence

from service.domain.composing.flow import Pick
from service.domain.composing.sizing import Size


def doses(picks: Sequence[Pick], changes_s: int, size: Size) -> list[int]:
    """Return the amount of each pick, in its dose's own unit, never outside the pick's range.

    The picks that matter most are raised first, each to the top of its range; then all others in turn, a notch at a
    time, as long as the aim is not passed. Below the size's window, a last notch may pass the aim within it.
    """
    amounts = [pick.low for pick in picks]
    spare = size.aim - changes_s - sum(pick.movement.dose.lasts(pick.low) for pick in picks)
    full = [index for index, pick in enumerate(picks) if pick.full]
    others = [index for index, pick in enumerate(picks) if not pick.full]
    for turn in (*([index] for index in full), others):
        spare = _raise(picks, amounts, turn, spare)
    missing = spare - (size.aim - size.low)
    if missing > 0:
        _top_up(picks, amounts, missing, spare + size.high - size.aim)
    return amounts


def _raise(picks: Sequence[Pick], amounts: list[int], turn: Sequence[int], spare: int) -> int:
    """Raise the amounts of a turn one notch after another while it fits the spare seconds; return what is left."""
    raised = True
    while raised:
        raised = False
        for index in turn:
            notched, gain = _notch(picks[index], amounts[index])
            if 0 < gain <= spare:
                amounts[index], spare, raised = notched, spare - gain, True
    return spare


def _top_up(picks: Sequence[Pick], amounts: list[int], missing: int, room: int) -> None:
    """Raise one amount by the smallest notch that makes up what is missing and stays within the room."""
    notches = [(*_notch(pick, amount), index) for index, (pick, amount) in enumerate(zip(picks, amounts, strict=True))]
    enough = [(gain, index, notched) for notched, gain, index in notches if missing <= gain <= room]
    if enough:
        _, index, notched = min(enough)
        amounts[index] = notched


def _notch(pick: Pick, amount: int) -> tuple[int, int]:
    """Return the next higher amount, the top of the range at most, and the seconds that it adds."""
    dose = pick.movement.dose
    notched = min(pick.high, amount + dose.notch)
    return notched, dose.lasts(notched) - dose.lasts(amount)
