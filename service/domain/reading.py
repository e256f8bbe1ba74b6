"""A routine as a person likes to read it: lines of plain text with the clock, the dose, what to do and why."""

from collections.abc import Iterator
from textwrap import wrap

from service.domain.composing.steps import Step
from service.domain.movements import Kit, Position
from service.domain.routine import Routine
from service.domain.words import listed

KIT_WORDS = {
    Kit.WALL: "a wall",
    Kit.STEP: "a step",
    Kit.ROLLER: "a foam roller",
    Kit.BALL: "a small ball",
    Kit.BAND: "a band",
}
POSITION_WORDS = {
    Position.STANDING: "Standing",
    Position.HANDS_AND_KNEES: "On hands and knees",
    Position.FLOOR: "On the floor",
    Position.LYING: "Lying on your back",
}
INDENT = " " * 7
WIDTH = 88


def reading(routine: Routine, width: int = WIDTH) -> tuple[str, ...]:
    """Return the routine as lines of at most `width` characters, without line ends.

    Title, why, what is needed; then each step with the clock at its start, its dose, what to do and why, under the
    position it is done in; last the total and what to mind.
    """
    return tuple(_lines(routine, width))


def _lines(routine: Routine, width: int) -> Iterator[str]:
    yield routine.title
    for reason in routine.reasons:
        yield from _wrapped(reason, "  ", width)
    if needed := [words for kit, words in KIT_WORDS.items() if any(kit in step.kit for step in routine.steps)]:
        yield f"  You need {listed(needed)}."
    yield from _steps(routine.steps, width)
    yield ""
    yield f"{_clock(routine.seconds)}  Done."
    yield from _wrapped(routine.closing, INDENT, width)


def _steps(steps: tuple[Step, ...], width: int) -> Iterator[str]:
    at, position = 0, None
    for step in steps:
        at += step.change_s
        if step.position is not position:
            yield ""
            yield f"{INDENT}{POSITION_WORDS[step.position]}"
        yield f"{_clock(at)}  {step.name}: {step.dose}"
        yield from _wrapped(f"{step.how} {step.cue}", INDENT, width)
        yield from _wrapped(f"Why: {step.reason}", INDENT, width)
        at, position = at + step.seconds, step.position


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return wrap(text, width, initial_indent=indent, subsequent_indent=indent)


def _clock(seconds: int) -> str:
    return f"{seconds // 60:2d}:{seconds % 60:02d}"
