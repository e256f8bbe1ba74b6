"""What platforms told by themselves, and how much they were asked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update

from service.domain.budget import usable
from service.persistence._base import Questions
from service.persistence.documents import load
from service.persistence.ledger import EVERYONE, Count
from service.persistence.tables import budgets, events
from service.ports import Aspect, Event, StoredEvent, Usage


class EventQuestions(Questions):
    """Questions about events and budgets."""

    def add_event(self, athlete: str, event: Event, at: datetime) -> None:
        """Write down what a platform told; told again it is the same event, to be looked into once more."""
        named = {
            "athlete": athlete,
            "source": event.source,
            "subject": event.subject,
            "aspect": event.aspect.value,
            "at": event.at,
        }
        if not self._insert_new(events, **named, owner=event.owner, heard_at=at):
            same = and_(*(events.c[column] == value for column, value in named.items()))
            self.connection.execute(update(events).where(same).values(settled_at=None, heard_at=at))

    def open_events(self, athlete: str, source: str) -> Sequence[StoredEvent]:
        """Return what was told of an athlete's source and not yet looked into, oldest first."""
        theirs = select(events).where(events.c.athlete == athlete, events.c.source == source)
        waiting = theirs.where(events.c.settled_at.is_(None)).order_by(events.c.id)
        return [
            StoredEvent(
                id=row.id,
                athlete=row.athlete,
                event=Event(
                    source=row.source, owner=row.owner, subject=row.subject, aspect=Aspect(row.aspect), at=row.at
                ),
            )
            for row in self.connection.execute(waiting)
        ]

    def sources_with_news(self) -> Sequence[tuple[str, str]]:
        """Return the sources, by athlete and name, with events not yet looked into, in the order they were told of."""
        told = select(events.c.athlete, events.c.source).where(events.c.settled_at.is_(None))
        in_turn = told.group_by(events.c.athlete, events.c.source).order_by(func.min(events.c.id))
        return [(athlete, source) for athlete, source in self.connection.execute(in_turn)]

    def settle_events(self, event_ids: Collection[int], at: datetime) -> None:
        """Say that events were looked into."""
        self.connection.execute(update(events).where(events.c.id.in_(event_ids)).values(settled_at=at))

    def drop_events(self, before: datetime) -> None:
        """Forget events that were looked into before a moment."""
        self.connection.execute(delete(events).where(events.c.settled_at < before))

    def usage(self, athlete: str, platform: str, now: datetime) -> Sequence[Usage]:
        """Return how much of a platform's allowances is used in the accounts an athlete is asked for through."""
        theirs = select(budgets.c.account).where(budgets.c.athlete == athlete)
        counted = select(budgets.c.counts).where(
            budgets.c.athlete == EVERYONE,
            budgets.c.account.in_(theirs),
            budgets.c.account.startswith(f"{platform}:", autoescape=True),
        )
        return [one for counts in self.connection.execute(counted).scalars() for one in _usages(counts, now)]


def _usages(counts: Mapping[str, Any], now: datetime) -> Iterator[Usage]:
    for name, document in counts.items():
        count = load(Count, document)
        if now < count.until:
            yield Usage(name=name, used=count.used, usable=usable(count.limit), until=count.until)
