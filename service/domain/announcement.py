"""What a message says. Calm, short, and nothing of the run that the run's source would not let through."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid5

from service.domain.athlete import Athlete
from service.domain.classification import Classification, RunType
from service.domain.message import Action, Message, Phase, Verb
from service.domain.moments import Moment, begins_at, moment_of
from service.domain.movements import BodyArea
from service.domain.quiet import WARM, is_quiet
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
UNSURE = "It was not clear what kind of run this was, so this is the shorter, gentler choice. One tap puts it right."


def session_message(session: Session, athlete: Athlete, link: str, why: str, now: datetime) -> Message:
    """Return what to say about a session at the moment `now`, or when it begins in a calendar where that is later.

    Of what is settled it says what it said then. `why` is the verdict's first reason, empty where it may not be told.
    """
    routine, begins = session.routine, begins_at(session, athlete)
    moment = moment_of(session, max(now, begins) if session.state in OPEN_STATES else begins, athlete)
    return Message(
        key=session.key,
        title=_title(session, moment),
        body=_body(session, athlete, moment),
        why=why,
        details=steps_of(routine),
        link=link,
        actions=answers(link),
        starts_at=begins,
        ends_at=begins + timedelta(minutes=whole_minutes(routine.seconds)),
        useful_until=session.window.closes,
        best_before=session.window.opens + WARM if moment is Moment.NOW else None,
        tags=(routine.run_type.value, session.part.value),
        routine=routine,
        changed_at=session.changed_at,
    )


def because(verdict: Classification) -> str:
    """Return a verdict with its first reason in one line, as the runner reads it; nothing where it has none."""
    if not verdict.reasons:
        return ""
    name, reason = RUN_NAMES[verdict.run_type], verdict.reasons[0].text
    return f"{name[:1].upper()}{name[1:]}: {reason}."


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


def _title(session: Session, moment: Moment) -> str:
    routine, size = session.routine, f"{whole_minutes(session.routine.seconds)} min"
    run = "runs" if routine.also else RUN_NAMES[routine.run_type]
    match moment:
        case Moment.NOW:
            return f"After your {run}: {size}{' now' if session.part is Part.NOW else ''}"
        case Moment.LATE:
            return f"Still good after your {run}: {size}"
        case Moment.EVENING:
            return f"This evening, after your {run}: {size}"
        case Moment.NEXT_DAY:
            return f"From yesterday's {run}: {size}"
        case Moment.PUT_OFF:
            return f"As you wished, after your {run}: {size}"
        case Moment.CATCH_UP:
            return f"To catch up: {size}"


def _body(session: Session, athlete: Athlete, moment: Moment) -> str:
    first = first_line(session, athlete, moment)
    return first if session.routine.sure else f"{first}\n{UNSURE}"


def first_line(session: Session, athlete: Athlete, moment: Moment) -> str:
    """Return what to do in the one line that a locked phone shows: how long, what, and when."""
    size = f"{whole_minutes(session.routine.seconds)} min: {', '.join(contents(session.routine))}."
    rest = [f"The rest waits for {athlete.evening:%H:%M}."] if session.part is Part.NOW else []
    return " ".join([size, when_to_do(session, athlete, moment), *rest])


def when_to_do(session: Session, athlete: Athlete, moment: Moment) -> str:
    """Return until when a session is fine, as one says it at a moment; nobody is told of an hour of the night."""
    match moment:
        case Moment.NOW:
            return START_WITHIN
        case Moment.EVENING:
            return "Any time this evening."
        case Moment.CATCH_UP:
            return "Whenever it suits you today."
        case Moment.LATE | Moment.NEXT_DAY | Moment.PUT_OFF:
            closes = session.window.closes.astimezone(athlete.timezone)
            until = "today" if is_quiet(closes, athlete) else f"until {closes:%H:%M}"
            return f"Walk first, until you feel warm again. Any time {until} is fine."


def answers(link: str) -> tuple[Action, ...]:
    """Return the buttons for the session at an address."""
    return tuple(Action(verb=verb, label=label, url=f"{link}/{verb}") for verb, label in ANSWERS.items())


def steps_of(routine: Routine) -> tuple[str, ...]:
    """Return the steps of a routine, numbered, a line each."""
    return tuple(f"{number}. {step_line(step)}" for number, step in enumerate(routine.steps, start=1))


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
