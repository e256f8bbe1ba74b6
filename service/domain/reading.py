"""A routine as a person likes to read it: lines of plain text with the clock, the dose, what to do and why."""

from collections.abc import Iterator

from service.domain.movements import Kit
from service.domain.routine import Routine
from service.domain.steps import Step
from service.domain.words import listed

KIT_WORDS = {
    Kit.WALL: "a wall",
    Kit.STEP: "a step",
    Kit.ROLLER: "a foam roller",
    Kit.BALL: "a small ball",
    Kit.BAND: "a band",
}
INDENT = " " * 7


def reading(routine: Routine) -> tuple[str, ...]:
    """Return the routine as lines without line ends: title, why, what is needed, the steps, the total, the closing."""
    return tuple(_lines(routine))


def _lines(routine: Routine) -> Iterator[str]:
    yield routine.title
    yield from (f"  {reason}" for reason in routine.reasons)
    if needed := [words for kit, words in KIT_WORDS.items() if any(kit in step.kit for step in routine.steps)]:
        yield f"  You need {listed(needed)}."
    yield ""
    at = 0
    for step in routine.steps:
        at += step.change_s
        yield from _step(step, at)
        at += step.seconds
    yield f"{_clock(at)}  Done."
    yield f"{INDENT}{routine.closing}"


def _step(step: Step, at: int) -> Iterator[str]:
    yield f"{_clock(at)}  {step.name}: {step.dose}"
    yield f"{INDENT}{step.how} {step.cue}"
    yield f"{INDENT}Why: {step.reason}"


def _clock(seconds: int) -> str:
    return f"{seconds // 60:2d}:{seconds % 60:02d}"
