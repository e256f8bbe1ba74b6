"""A session's turns as the player in the browser reads them: short names, and nothing that says nothing."""

from collections.abc import Container, Sequence
from typing import Any

from service.application.play import Turn
from service.domain.player import Cue, Phase
from service.domain.sessions import Session

type Document = dict[str, Any]


def plan(session: Session, turns: Sequence[Turn], drawn: Container[str]) -> Document:
    """Return what the player plays: `drawn` are the movements that have a figure.

    `key` names the session on this device, `closing` is said at the end.
    """
    played = [_turn(turn, drawn) for turn in turns]
    return {"key": session.key, "closing": session.routine.closing, "turns": played}


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
        "instead": [_turn(way, drawn) for way in turn.instead],
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
        "cues": [_cue(cue) for cue in phase.cues],
    }
    return {name: value for name, value in document.items() if value}


def _cue(cue: Cue) -> list[Any]:
    return [cue.at_s, cue.sound.value, *([cue.words] if cue.words else [])]
