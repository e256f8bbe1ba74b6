"""A routine as a list of timed steps, as a watch takes it: work, and the changes between.

    steps -> rounds (player) -> timed steps; what is counted in long breaths is one step, repeated

A watch counts the time down, buzzes and goes on by itself, so every word has to stand in its step.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from service.domain.composing.steps import Step
from service.domain.movements import Catalogue
from service.domain.player import Act, Phase, Round, rounds

# As many as a watch takes (Garmin's own builder of workouts ends there).
MOST_STEPS = 50
# A repetition so long is worth a step of its own; shorter ones would only beep.
LONG_REPETITION_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One step: `seconds` of work on a movement, or a change to what is `called` next where it `rests`.

    `note` is how much, how, and what to mind.
    """

    seconds: int
    called: str
    movement: str = ""
    note: str = ""
    rests: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A step that is done so many times."""

    times: int
    step: Timed


type Piece = Timed | Repeated


def timed(steps: Sequence[Step], catalogue: Catalogue) -> tuple[Piece, ...]:
    """Return the steps of a routine as timed steps, at most as many as a watch takes.

    Where they would be more, the changes between them are left out, and become part of the work after them.
    """
    played = rounds(steps, catalogue)
    pieces = tuple(chain.from_iterable(map(_pieces, played)))
    return pieces if counted(pieces) <= MOST_STEPS else tuple(chain.from_iterable(map(_without_changes, played)))


def _pieces(one: Round) -> Iterator[Piece]:
    """Yield a round's phases, but for getting ready: a watch is started when its runner is."""
    for number, phase in enumerate(one.phases):
        if phase.act is Act.WORK:
            yield _work(one.step, phase, opening=number == 1)
        elif phase.act is not Act.READY:
            yield _change(one.step, phase)


def _without_changes(one: Round) -> Iterator[Piece]:
    """Yield a round's work alone, each with the change before it in its own time."""
    before = 0.0
    for number, phase in enumerate(one.phases):
        if phase.act is Act.WORK:
            work = _work(one.step, phase, opening=number == 1)
            yield work if isinstance(work, Repeated) else replace(work, seconds=work.seconds + round(before))
        before = 0.0 if phase.act in {Act.WORK, Act.READY} else phase.seconds


def _change(step: Step, phase: Phase) -> Timed:
    called = f"Next: {step.name}" if phase.act is Act.CHANGE else phase.label
    return Timed(seconds=_whole(phase.seconds), called=called, rests=True)


def _work(step: Step, phase: Phase, *, opening: bool) -> Piece:
    label = phase.label[:1].lower() + phase.label[1:]
    called = f"{step.name}, {label}" if label else step.name
    note = " ".join(filter(None, (f"{step.dose[:1].upper()}{step.dose[1:]}.", step.how, step.cue) if opening else ()))
    work = Timed(seconds=_whole(phase.seconds), called=called, movement=step.movement, note=note)
    if phase.breath and phase.reps and phase.each_s and phase.each_s >= LONG_REPETITION_S:
        return Repeated(times=phase.reps, step=replace(work, seconds=_whole(phase.each_s)))
    return work


def _whole(seconds: float) -> int:
    return max(1, round(seconds))


def counted(pieces: Sequence[Piece]) -> int:
    """Return how many steps a watch makes of these: a repetition is one, and what it repeats another."""
    return sum(2 if isinstance(piece, Repeated) else 1 for piece in pieces)


def lasting_s(pieces: Sequence[Piece]) -> int:
    """Return the seconds of all of them."""
    return sum(piece.times * piece.step.seconds if isinstance(piece, Repeated) else piece.seconds for piece in pieces)
