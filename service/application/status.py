"""How everything is doing, and what a human has to do about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.domain.delivery import waits_because
from service.ports import Clock, Database, Fate, Queued, Receipt, Standing, Store, Usage

# As many waiting messages as a person reads through, and as many receipts as show that it works.
SHOWN, RECEIPTS = 20, 5


class Health(StrEnum):
    """Ok; waiting for a passing fault to pass; or in need of a human."""

    OK = "ok"
    WAITING = "waiting"
    NEEDS_YOU = "needs_you"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How one source or channel is doing.

    `trouble` is what went wrong last, `todo` what a human has to do, now or (where all is well) soon. `budget` is how
    much of a platform's allowances is used.
    """

    athlete: str
    system: str
    health: Health
    last_success: datetime | None
    next_try: datetime | None
    trouble: str
    todo: str
    newest_activity: datetime | None = None
    backlog: int = 0
    budget: Sequence[Usage] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that waits, and why."""

    message: Queued
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything at a glance.

    `outbox` counts messages by channel, `waiting` are those that wait, the soonest due first, `receipts` those that
    arrived last. `recordings` are counted by fate, `quarantine` those that could not be read by reason.
    """

    conditions: Sequence[Condition]
    outbox: Mapping[str, Mapping[str, int]]
    recordings: Mapping[Fate, int]
    quarantine: Mapping[str, int]
    waiting: Sequence[Waiting] = ()
    receipts: Sequence[Receipt] = ()

    @property
    def needs_you(self) -> bool:
        """Whether a human is needed anywhere."""
        return any(condition.health is Health.NEEDS_YOU for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Status:
    """Looks around. `systems` are each athlete's sources and channels, named as in the settings."""

    database: Database
    systems: Mapping[str, Sequence[str]]
    clock: Clock

    def overview(self) -> Overview:
        """Return how everything is doing now."""
        with self.database.reading() as store:
            return Overview(
                conditions=self._conditions(store, self.systems),
                outbox=store.outbox_counts(),
                recordings=store.count_raws(),
                quarantine=store.quarantine_reasons(),
                waiting=[self._waiting(store, message) for message in store.queued(SHOWN)],
                receipts=store.receipts(RECEIPTS),
            )

    def conditions(self, athlete: str) -> Sequence[Condition]:
        """Return how the sources and channels of one athlete are doing now."""
        with self.database.reading() as store:
            return self._conditions(store, [athlete])

    def _conditions(self, store: Store, athletes: Iterable[str]) -> list[Condition]:
        waiting = store.waiting_messages()
        named = [(athlete, system) for athlete in athletes for system in self.systems[athlete]]
        return [self._condition(store, athlete, system, waiting) for athlete, system in named]

    def _waiting(self, store: Store, message: Queued) -> Waiting:
        channel = store.standing(message.athlete, f"channels.{message.channel}")
        return Waiting(
            message=message,
            why=waits_because(
                now=self.clock.now(),
                due_at=message.due_at,
                stands_in=message.stands_in,
                trouble=channel.trouble or message.trouble,
                resting_until=channel.next_try,
            ),
        )

    def _condition(self, store: Store, athlete: str, system: str, waiting: Mapping[tuple[str, str], int]) -> Condition:
        standing = store.standing(athlete, system)
        group, _, name = system.partition(".")
        is_source = group == "sources"
        return Condition(
            athlete=athlete,
            system=system,
            health=_health(standing),
            last_success=standing.last_success,
            next_try=standing.next_try,
            trouble=standing.trouble,
            todo=standing.todo or standing.notice,
            newest_activity=store.newest_start(athlete, name) if is_source else None,
            budget=store.usage(athlete, name, self.clock.now()) if is_source else (),
            backlog=0 if is_source else waiting.get((athlete, name), 0),
        )


def _health(standing: Standing) -> Health:
    if standing.todo:
        return Health.NEEDS_YOU
    return Health.WAITING if standing.trouble else Health.OK
