"""What a message says. Calm, short, and nothing of the run that the run's source would not let through."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid5

from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.message import Action, Message, Phase, Verb
from service.domain.movements import BodyArea
from service.domain.routine import Part, Routine, Step
from service.domain.sessions import NAMESPACE, OPEN_STATES, Session, State
from service.domain.words import area_words, whole_minutes

RUN_NAMES = {
    RunType.EASY: "easy run",
    RunType.TEMPO: "tempo run",
    RunType.INTERVAL: "interval session",
    RunType.LONG: "long run",
}
ANSWERS = {Verb.DONE: "Done", Verb.SNOOZE: "Later", Verb.SKIP: "Not today"}
# So many areas fit the first line of a locked phone.
AREAS_SAID = 4
# Long enough to find the message, short enough not to stand in a calendar for long.
TRIAL_LASTS = timedelta(minutes=15)
# routine_facts T1: mobility work begins within 10-15 minutes of the end.
START_WITHIN = "Start within 15 min, while you are still warm."


def session_message(session: Session, athlete: Athlete, link: str, why: str) -> Message:
    """Return what to say about a session. `why` is the verdict's first reason, empty where it may not be told."""
    routine = session.routine
    return Message(
        key=session.key,
        title=_title(routine),
        body=_body(session, athlete),
        why=why,
        details=tuple(f"{number}. {step_line(step)}" for number, step in enumerate(routine.steps, start=1)),
        link=link,
        actions=tuple(Action(verb=verb, label=label, url=f"{link}/{verb}") for verb, label in ANSWERS.items()),
        starts_at=session.window.opens,
        ends_at=session.window.opens + timedelta(minutes=whole_minutes(routine.seconds)),
        useful_until=session.window.closes,
        tags=(routine.run_type.value, session.part.value),
        routine=routine,
        changed_at=session.changed_at,
    )


def as_it_stands(message: Message, state: State) -> Message:
    """Return what to say about a session after what has become of it: done, withdrawn, or as it was."""
    if state in OPEN_STATES:
        return message
    if state is State.DONE:
        return replace(message, title=f"✓ {message.title}", actions=(), phase=Phase.DONE)
    return replace(message, actions=(), phase=Phase.WITHDRAWN)


def trial(athlete: Athlete, now: datetime) -> Message:
    """Return the message that shows a channel works."""
    greeting = f"Hello {athlete.name}" if athlete.name else "Hello"
    return Message(
        key=str(uuid5(NAMESPACE, f"{athlete.id}/trial/{now.isoformat()}")),
        title="Afterrun can reach you here",
        body=f"{greeting}, this is where your routines will arrive.",
        useful_until=now + TRIAL_LASTS,
        starts_at=now,
        ends_at=now + TRIAL_LASTS,
        tags=("trial",),
    )


def reminder(message: Message, at: datetime, asked_at: datetime) -> Message:
    """Return a message as the reminder of itself that is sent at a later moment, under a name of its own.

    Whoever asks again, even for the same moment, gets another: the one before was taken back.
    """
    return replace(message, key=str(uuid5(NAMESPACE, f"{message.key}/{at.isoformat()}/{asked_at.isoformat()}")))


def _title(routine: Routine) -> str:
    run = RUN_NAMES[routine.run_type]
    if routine.part is Part.LATER:
        return f"This evening: {whole_minutes(routine.seconds)} min after your {run}"
    now = " now" if routine.part is Part.NOW else ""
    return f"After your {run}: {whole_minutes(routine.seconds)} min{now}"


def _body(session: Session, athlete: Athlete) -> str:
    first_line = f"{whole_minutes(session.routine.seconds)} min: {', '.join(contents(session.routine))}."
    if session.part is Part.LATER:
        return f"{first_line} Any time this evening."
    if session.part is Part.NOW:
        return f"{first_line} {START_WITHIN} The rest waits for {athlete.evening:%H:%M}."
    return f"{first_line} {START_WITHIN}"


def contents(routine: Routine) -> list[str]:
    """Return what a routine is made of, in a few words: walk, the areas it works in their order, breathing."""
    areas = [area for step in routine.steps[1:] for area in step.areas]
    emphasised = [area for area in areas if area in routine.focus] + areas
    said = [area for area in dict.fromkeys(emphasised) if area is not BodyArea.NERVOUS_SYSTEM][:AREAS_SAID]
    breathes = BodyArea.NERVOUS_SYSTEM in areas
    return ["walk", *(area_words(area) for area in said), *(["breathing"] if breathes else [])]


def a_run(kind: RunType) -> str:
    """Return the kind of run with its article: "an easy run"."""
    name = RUN_NAMES[kind]
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def step_line(step: Step) -> str:
    """Return a step in one line: its name and its dose."""
    return f"{step.name}: {step.dose}"
