"""Where recordings come from, and those that could not be read."""

from datetime import datetime
from typing import Self

from service.application.status import Condition
from service.ports import Fate, StoredRaw
from service.web.api.operation import Call, Model, Operation


class ConditionOut(Model):
    """How a source or channel is doing, and what a human has to do."""

    name: str
    group: str
    state: str
    last_success: datetime | None
    newest_activity: datetime | None
    backlog: int
    next_try: datetime | None
    trouble: str
    todo: str

    @classmethod
    def of(cls, condition: Condition) -> Self:
        """Return a condition as it is sent."""
        group, _, name = condition.system.partition(".")
        same = ("last_success", "newest_activity", "backlog", "next_try", "trouble", "todo")
        return cls(name=name, group=group, state=condition.health, **{key: getattr(condition, key) for key in same})


class ParkedOut(Model):
    """A recording that could not be read, and why."""

    id: int
    name: str
    source: str
    received_at: datetime
    reason: str

    @classmethod
    def of(cls, raw: StoredRaw) -> Self:
        """Return a recording in quarantine as it is sent."""
        return cls(id=raw.id, name=raw.external_id, source=raw.source, received_at=raw.received_at, reason=raw.reason)


class RetriedOut(Model):
    """How many recordings could be read now, and how many still could not."""

    read: int
    left: int


def list_connections(call: Call) -> list[ConditionOut]:
    """Return how each source and channel is doing."""
    conditions = call.site.status.overview().conditions
    return [ConditionOut.of(one) for one in conditions if one.athlete == call.athlete]


def list_quarantine(call: Call) -> list[ParkedOut]:
    """Return the recordings that could not be read."""
    return [ParkedOut.of(raw) for raw in call.site.quarantine.parked(call.athlete)]


def retry_quarantine(call: Call) -> RetriedOut:
    """Try again to read them."""
    taken = call.site.quarantine.retry(call.athlete)
    left = sum(one.fate is Fate.MALFORMED for _, one in taken)
    return RetriedOut(read=len(taken) - left, left=left)


OPERATIONS = (
    Operation("GET", "/connections", list_connections),
    Operation("GET", "/quarantine", list_quarantine),
    Operation("POST", "/quarantine/retry", retry_quarantine),
)
