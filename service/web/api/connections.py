"""Sources and channels: how each is doing, and a talk that connects, tries or leaves one."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

from pydantic import StringConstraints

from service.application.status import Condition
from service.ports import Usage
from service.web.api.operation import Call, Model, Operation, RefusedError
from service.web.talking import MOST_ANSWER, Question, Talk

ONE = "/connections/{name}"
UNKNOWN = {404: "the settings have no such source or channel"}


class UsageOut(Model):
    """How much of a platform's allowance is used until a moment, and how much of it we use at most."""

    name: str
    used: int
    usable: int
    until: datetime

    @classmethod
    def of(cls, usage: Usage) -> Self:
        """Return a usage as it is sent."""
        return cls(name=usage.name, used=usage.used, usable=usage.usable, until=usage.until)


class ConditionOut(Model):
    """How a source or channel is doing, what a human has to do, and whether a consent can be given back there."""

    name: str
    group: str
    state: str
    last_success: datetime | None
    newest_activity: datetime | None
    backlog: int
    next_try: datetime | None
    trouble: str
    todo: str
    budget: list[UsageOut]
    can_leave: bool

    @classmethod
    def of(cls, condition: Condition, *, can_leave: bool, **more: object) -> Self:
        """Return a condition as it is sent."""
        group, _, name = condition.system.partition(".")
        same = ("last_success", "newest_activity", "backlog", "next_try", "trouble", "todo")
        return cls.model_validate(
            {
                "name": name,
                "group": group,
                "state": condition.health,
                "budget": [UsageOut.of(one) for one in condition.budget],
                "can_leave": can_leave,
                **{key: getattr(condition, key) for key in same},
                **more,
            }
        )


class QuestionOut(Model):
    """What is being asked. The answer to yes_or_no is "yes" or "no"; a hidden one is not to be seen over a shoulder."""

    text: str
    hidden: bool
    yes_or_no: bool

    @classmethod
    def of(cls, question: Question) -> Self:
        """Return a question as it is sent."""
        return cls(text=question.text, hidden=question.hidden, yes_or_no=question.yes_or_no)


class TalkOut(Model):
    """A talk: what was said, the question that waits for an answer, and how it ended."""

    lines: list[str]
    question: QuestionOut | None
    over: bool
    trouble: str

    @classmethod
    def of(cls, talk: Talk) -> Self:
        """Return a talk as it is sent."""
        question = None if talk.question is None else QuestionOut.of(talk.question)
        return cls(lines=list(talk.lines), question=question, over=talk.over, trouble=talk.trouble)


class ConnectionOut(ConditionOut):
    """A source or channel with the last talk about it."""

    talk: TalkOut | None


class AnswerIn(Model):
    """The answer to the question of a talk."""

    answer: Annotated[str, StringConstraints(max_length=MOST_ANSWER)]


def list_connections(call: Call) -> list[ConditionOut]:
    """Return how each source and channel is doing."""
    return [ConditionOut.of(one, can_leave=_can_leave(call, one)) for one in _mine(call)]


def get_connection(call: Call) -> ConnectionOut:
    """Return how one is doing, and the last talk about it."""
    condition, talk = _named(call), call.site.talks.of(call.athlete, call.path["name"])
    so_far = None if talk is None else TalkOut.of(talk)
    return ConnectionOut.of(condition, can_leave=_can_leave(call, condition), talk=so_far)


def connect_connection(call: Call) -> ConnectionOut:
    """Begin a talk that connects a source, or tries a channel; ask again for how it goes on."""
    return _talked(call, call.site.talks.begin)


def leave_connection(call: Call) -> ConnectionOut:
    """Begin a talk that gives a source's consent back and lets go of what it lent."""
    if not _can_leave(call, _named(call)):
        raise RefusedError(409, "there is no consent to give back: take its table out of the settings instead")
    return _talked(call, call.site.talks.leave)


def answer_connection(call: Call) -> ConnectionOut:
    """Answer the question of a talk."""
    _named(call)
    talk = call.site.talks.of(call.athlete, call.path["name"])
    if talk is None or talk.question is None:
        raise RefusedError(409, "nothing is being asked")
    talk.answer(call.body.answer.strip())
    return get_connection(call)


def _talked(call: Call, begin: Callable[[str, str], Talk]) -> ConnectionOut:
    _named(call)
    call.site.talks.forget(call.athlete, call.path["name"])
    begin(call.athlete, call.path["name"])
    return get_connection(call)


def _mine(call: Call) -> list[Condition]:
    return list(call.site.status.conditions(call.athlete))


def _named(call: Call) -> Condition:
    found = next((one for one in _mine(call) if one.system.partition(".")[2] == call.path["name"]), None)
    if found is None:
        raise RefusedError(404, UNKNOWN[404])
    return found


def _can_leave(call: Call, condition: Condition) -> bool:
    group, _, name = condition.system.partition(".")
    return group == "sources" and name in call.site.consents(call.athlete)


OPERATIONS = (
    Operation("GET", "/connections", list_connections),
    Operation("GET", ONE, get_connection, refuses=UNKNOWN),
    Operation("POST", f"{ONE}/connect", connect_connection, refuses=UNKNOWN),
    Operation("POST", f"{ONE}/disconnect", leave_connection, refuses=UNKNOWN | {409: "it holds no consent"}),
    Operation("POST", f"{ONE}/answer", answer_connection, takes=AnswerIn, refuses=UNKNOWN | {409: "nothing is asked"}),
)
