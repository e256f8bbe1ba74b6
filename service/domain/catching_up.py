"""Catching up: the smallest routine that covers what was left undone, within the minutes the runner has."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from service.domain.classification import RunType
from service.domain.composing.policy import Policy
from service.domain.composing.sizing import MINUTE
from service.domain.movements import BodyArea, Catalogue
from service.domain.routine import Routine, Unmet, Wish, compose
from service.domain.words import area_words, listed, minutes_words

# The five minutes that "suffice" after an easy recovery run (routine_facts S2) are the least worth beginning.
LEAST_MINUTES = 5
NAMED = 3  # areas a title can name and still be read at a glance


def catch_up(owed: Mapping[BodyArea, float], wish: Wish, catalogue: Catalogue, policy: Policy) -> Routine | None:
    """Return the routine that makes up for what is owed, None where nothing fits.

    `owed` are areas with their share left. Of the wish, `run_type` is the hardest run they come from and `minutes` the
    most the runner has. Light movement is tried first, then what that run would allow. The first to cover everything
    wins; where nothing does, what covers the most of what is owed, and of those the shortest.
    """
    most = int(wish.minutes or LEAST_MINUTES)
    best, covered = None, 0.0
    for routine in _tried(owed, wish, most, catalogue, policy):
        share = sum(owed[area] for area in owed.keys() & _worked(routine))
        if share > covered:
            best, covered = routine, share
        if owed.keys() <= _worked(routine):
            break
    return best and _named(best, owed, most)


def _tried(
    owed: Mapping[BodyArea, float], wish: Wish, most: int, catalogue: Catalogue, policy: Policy
) -> Iterator[Routine]:
    asked = replace(wish, owed=frozenset(owed), cold=True)
    for minutes in range(LEAST_MINUTES, most + 1):
        for kind in dict.fromkeys([RunType.EASY, wish.run_type]):
            try:
                routine = compose(replace(asked, run_type=kind, minutes=minutes), catalogue, policy)
            except Unmet:
                continue
            if routine.seconds <= most * MINUTE:
                yield routine


def _worked(routine: Routine) -> frozenset[BodyArea]:
    return frozenset(area for step in routine.steps[1:] for area in step.areas)


def _named(routine: Routine, owed: Mapping[BodyArea, float], most: int) -> Routine:
    made_up = [area for area in owed if area in _worked(routine)]
    covers = "the least that covers what was left"
    if len(made_up) < len(owed):
        covers = f"as much of what was left as {most} minutes hold"
    areas = listed([area_words(area) for area in made_up[:NAMED]])
    size = minutes_words(routine.seconds)
    _, *others = routine.reasons
    return replace(
        routine,
        title=f"{size} to catch up: {areas}",
        focus=tuple(made_up[:NAMED]),
        reasons=(f"{size}: {covers}.", *others),
    )
