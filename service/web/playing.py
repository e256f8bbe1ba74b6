"""A session's turns as the player in the browser reads them: short names, and nothing that says nothing."""

from collections.abc import Container, Sequence
from typing import Any

from service.application.play import Turn
from service.domain.player import Cue, Phase
from service.domain.sessions import Session

type Document = dict[str, Any]


def plan(session: Session, turns: Sequence[Turn], drawn: Container[str]) -> Document:
    """Return what the player plays: `drawn` are the movements that have a figure.

    `key` names the session on this device, `closing` is said at the end. `ways` are the ways out, each once: a turn
    names those that suit it.
    """
    ways = {_way(way): _turn(way, drawn) for turn in turns for way in turn.instead}
    played = [_turn(turn, drawn) for turn in turns]
    return {"key": session.key, "closing": session.routine.closing, "turns": played, "ways": ways}


def _way(turn: Turn) -> str:
    """Return what a way out is called: its movement, and how long it and the change before it take."""
    return f"{turn.round.step.movement}/{turn.round.seconds:g}"


def _turn(turn: Turn, drawn: Container[str]) -> Document:
    step = turn.round.step
    document = {
        "movement": step.movement,
        "root": turn.root,
        "name": step.name,
        "dose": step.dose,
        "how": step.how,
        "cue": step.cue,
        "figure": step.movement if step.movement in drawn else None,
        "phases": [_phase(phase) for phase in turn.round.phases],
        "instead": [_way(way) for way in turn.instead],
    }
    return {name: value for name, value in document.items() if value}


def _phase(phase: Phase) -> Document:
    breath = phase.breath
    document = {
        "act": phase.act.value,
        "seconds": phase.seconds,
        "label": phase.label,
        "mirrored": phase.mirrored,
        "reps": phase.reps,
        "each": phase.each_s,
        "hold": phase.hold_s,
        "breath": [breath.in_s, breath.held_s, breath.out_s, breath.empty_s] if breath else None,
        "cues": _cues(phase.cues),
    }
    return {name: value for name, value in document.items() if value}


def _cues(cues: Sequence[Cue]) -> Document:
    """Return the moments of each sound, with the words where there are any."""
    moments: dict[str, list[Any]] = {}
    for cue in cues:
        moments.setdefault(cue.sound.value, []).append([cue.at_s, cue.words] if cue.words else cue.at_s)
    return moments
