"""A message to the runner, before any channel gives it a form."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from service.domain.routine import Routine


class Verb(StrEnum):
    """What a runner can answer from a message."""

    DONE = "done"
    SNOOZE = "snooze"
    SKIP = "skip"


class Phase(StrEnum):
    """What has become of the thing a message speaks of, since it was first said. Only what is new may alert."""

    NEW = "new"
    CHANGED = "changed"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button: its label, what it does, and the capability address that a POST of it goes to."""

    verb: Verb
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What to tell the runner.

    `key` is stable for one session and part (or one digest): receivers that can collapse repeats do so by it.
    `body` is the first lines, `details` the steps below them as the channel allows. `starts_at` and `ends_at` are
    the moment it is about (UTC), `useful_until` is when sending it stops making sense, `best_before` until when it is
    worth the most (None where one hour is as good as another). `title`, `body` and `details`
    name the routine and never a figure of the run, so they may pass through anyone's servers; `why` may hold one, and
    is left empty where the run's source forbids that. `routine` is for channels that show the steps in a form of their
    own. `phase` is what has become of it since: NEW is sent once, the others put the message that came right in place;
    `changed_at` is when that was.
    """

    key: str
    title: str
    body: str
    useful_until: datetime
    best_before: datetime | None = None
    why: str = ""
    details: tuple[str, ...] = ()
    link: str = ""
    actions: tuple[Action, ...] = field(default=())
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    tags: tuple[str, ...] = ()
    routine: Routine | None = None
    phase: Phase = Phase.NEW
    changed_at: datetime | None = None
