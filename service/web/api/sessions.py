"""Sessions: what is still to do, and what became of it."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from service.application.feedback import NoSuchSessionError
from service.domain.classification import RunType
from service.domain.composing.steps import Step
from service.domain.movements import BodyArea, Kit, Position
from service.domain.putting_off import Later
from service.domain.routine import Part
from service.domain.sessions import Session, SettledError, State
from service.domain.wish import Feedback
from service.web.api.operation import MOST_ID, Call, DoneOut, Model, Operation, RefusedError

NO_SESSION = "there is no such session"
SETTLED = "what became of the session speaks against it"
SESSION = "/sessions/{session_id:int}"
UNKNOWN = {404: NO_SESSION}
SETTLING = UNKNOWN | {409: SETTLED}


class StepOut(Model):
    """One movement of a routine as dosed that day. `reps` and `hold_s` are for one side where `sides` is 2."""

    movement: str
    name: str
    seconds: int
    reps: int | None
    sides: int
    hold_s: int | None
    position: Position
    kit: list[Kit]
    areas: list[BodyArea]
    dose: str
    how: str
    cue: str
    reason: str

    @classmethod
    def of(cls, step: Step) -> Self:
        """Return a step as it is sent."""
        return cls(**{name: getattr(step, name) for name in cls.model_fields})


class SessionOut(Model):
    """A session in a list. `from` and `until` are when it makes sense; `run` is the run it follows."""

    id: int
    run_type: RunType
    part: Part
    title: str
    seconds: int
    opens: datetime = Field(alias="from")
    closes: datetime = Field(alias="until")
    state: State
    run: int | None
    page: str

    @classmethod
    def of(cls, session: Session, page: str, **more: object) -> Self:
        """Return a session as it is sent; `page` is its own address."""
        return cls.model_validate(
            {
                "id": session.id,
                "run_type": session.routine.run_type,
                "part": session.part,
                "title": session.routine.title,
                "seconds": session.routine.seconds,
                "from": session.window.opens,
                "until": session.window.closes,
                "state": session.state,
                "run": session.activity,
                "page": page,
                **more,
            }
        )


class SessionWhole(SessionOut):
    """A session with its steps, and why it is what it is."""

    steps: list[StepOut]
    reasons: list[str]
    closing: str

    @classmethod
    def whole(cls, session: Session, page: str) -> Self:
        """Return a session with its steps."""
        routine = session.routine
        steps = [StepOut.of(step) for step in routine.steps]
        return cls.of(session, page, steps=steps, reasons=list(routine.reasons), closing=routine.closing)


class UntilIn(Model):
    """Until when to put a session off: an hour, the evening, tomorrow, or an hour of the clock."""

    until: Later | Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = Later.HOUR


class FeelIn(Model):
    """How a session was."""

    feeling: Literal["good"] | Feedback


class HurtsIn(Model):
    """Which movement hurts, and what to do instead; None leaves it out."""

    movement: Annotated[str, Field(max_length=64)]
    instead: Annotated[str, Field(max_length=64)] | None = None


def list_pending(call: Call) -> list[SessionOut]:
    """Return what is still to do."""
    return [listed(call, session) for session in call.site.feedback.pending(call.athlete)]


def get_session(call: Call) -> SessionWhole:
    """Return a session with its steps."""
    return _whole(call, _session(call))


def do_session(call: Call) -> SessionWhole:
    """Say that a session is done."""
    return _settled(call, call.site.feedback.done)


def skip_session(call: Call) -> SessionWhole:
    """Leave a session out."""
    return _settled(call, call.site.feedback.skip)


def snooze_session(call: Call) -> SessionWhole:
    """Put a session off."""
    until = call.body.until
    moment = until if isinstance(until, Later) else time.fromisoformat(until)
    return _settled(call, lambda number: call.site.feedback.put_off(number, moment))


def feel_session(call: Call) -> DoneOut:
    """Say how a session was."""
    call.site.feedback.feel(_session(call).id, str(call.body.feeling))
    return DoneOut()


def hurts_in_session(call: Call) -> SessionWhole:
    """Put something else in the place of a movement that hurts."""
    try:
        return _whole(call, call.site.play.hurts(_session(call).id, call.body.movement, call.body.instead))
    except KeyError as exc:
        raise RefusedError(422, "that movement cannot take its place: the session's page shows which can") from exc


def listed(call: Call, session: Session) -> SessionOut:
    """Return a session as it stands in a list."""
    return SessionOut.of(session, call.site.links.session(session.id))


def _whole(call: Call, session: Session) -> SessionWhole:
    return SessionWhole.whole(session, call.site.links.session(session.id))


def _session(call: Call) -> Session:
    """Return the session named in the path; refuse one that is another athlete's as if there were none."""
    number = call.path["session_id"]
    try:
        found = call.site.feedback.session(number) if number <= MOST_ID else None
    except NoSuchSessionError:
        found = None
    if found is None or found.athlete != call.athlete:
        raise RefusedError(404, NO_SESSION)
    return found


def _settled(call: Call, act: Callable[[int], Session]) -> SessionWhole:
    try:
        return _whole(call, act(_session(call).id))
    except SettledError as exc:
        raise RefusedError(409, str(exc)) from exc


OPERATIONS = (
    Operation("GET", "/sessions", list_pending),
    Operation("GET", SESSION, get_session, refuses=UNKNOWN),
    Operation("POST", f"{SESSION}/done", do_session, refuses=SETTLING),
    Operation("POST", f"{SESSION}/skip", skip_session, refuses=SETTLING),
    Operation("POST", f"{SESSION}/snooze", snooze_session, takes=UntilIn, refuses=SETTLING),
    Operation("POST", f"{SESSION}/feel", feel_session, takes=FeelIn, refuses=UNKNOWN),
    Operation("POST", f"{SESSION}/hurts", hurts_in_session, takes=HurtsIn, refuses=UNKNOWN),
)
