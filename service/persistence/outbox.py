"""The outbox: messages waiting, leased, delivered and given up.

A lease says who may send until when; its token fences, so that a worker that comes back late settles nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, case, func, or_, select, update

from service.domain.message import Message
from service.domain.sessions import State
from service.persistence._base import Questions
from service.persistence.documents import dump, load
from service.persistence.tables import outbox, sessions
from service.ports import Delivery


class OutboxQuestions(Questions):
    """Questions about messages."""

    def add_message(
        self, athlete: str, channel: str, message: Message, due_at: datetime, session_id: int | None = None
    ) -> bool:
        """Queue a message for a channel; return False where that key was queued there before."""
        return self._insert_new(
            outbox,
            athlete=athlete,
            channel=channel,
            key=message.key,
            session_id=session_id,
            message=dump(message),
            due_at=due_at,
            useful_until=message.useful_until,
            attempts=0,
            trouble="",
        )

    def reword(self, session_id: int, message: Message) -> None:
        """Put other words into what waits under the message's key."""
        waiting = (outbox.c.session_id == session_id) & (outbox.c.key == message.key) & outbox.c.settled_at.is_(None)
        self.connection.execute(update(outbox).where(waiting).values(message=dump(message)))

    def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Delivery]:
        """Lease due messages, the soonest useless first. An expired lease may be taken over; a held one may not."""
        free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)
        due = (
            select(outbox, sessions.c.state.label("session_state"))
            .outerjoin(sessions, outbox.c.session_id == sessions.c.id)
            .where(outbox.c.settled_at.is_(None), outbox.c.due_at <= now, free)
            .order_by(outbox.c.useful_until, outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=outbox)
        )
        return [self._lease(row, now + lease) for row in self.connection.execute(due).all()]

    def _lease(self, row: Row[Any], until: datetime) -> Delivery:
        token = str(uuid4())
        self.connection.execute(
            update(outbox).where(outbox.c.id == row.id).values(lease_until=until, lease_token=token)
        )
        return Delivery(
            id=row.id,
            token=token,
            athlete=row.athlete,
            channel=row.channel,
            message=load(Message, row.message),
            attempts=row.attempts,
            perhaps_sent_since=row.perhaps_sent_since,
            session_state=State(row.session_state) if row.session_state else None,
        )

    def begin_sending(self, delivery: Delivery, at: datetime) -> bool:
        """Write down that a send begins; return False where the lease was lost."""
        since = func.coalesce(outbox.c.perhaps_sent_since, at)
        return self._settle(delivery, attempts=outbox.c.attempts + 1, perhaps_sent_since=since)

    def delivered(self, delivery: Delivery, receipt: str, at: datetime) -> bool:
        """Settle a message as delivered; return False where the lease was lost."""
        return self._settle(delivery, settled_at=at, receipt=receipt, lease_until=None, lease_token=None, trouble="")

    def retry(self, delivery: Delivery, due_at: datetime, trouble: str, *, perhaps_sent: bool) -> bool:
        """Put a message back until `due_at`; return False where the lease was lost."""
        since = outbox.c.perhaps_sent_since if perhaps_sent else None
        return self._settle(
            delivery, due_at=due_at, trouble=trouble, perhaps_sent_since=since, lease_until=None, lease_token=None
        )

    def give_up(self, delivery: Delivery, reason: str, at: datetime) -> bool:
        """Settle a message as never to be sent; return False where the lease was lost."""
        return self._settle(delivery, settled_at=at, given_up=reason, lease_until=None, lease_token=None)

    def outbox_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return by channel how many messages wait, were delivered, and were given up."""
        fate = case(
            (outbox.c.settled_at.is_(None), "waiting"), (outbox.c.given_up.is_not(None), "given_up"), else_="delivered"
        )
        counts: dict[str, dict[str, int]] = {}
        counted = select(outbox.c.channel, fate.label("fate"), func.count()).group_by(outbox.c.channel, "fate")
        for channel, name, count in self.connection.execute(counted):
            counts.setdefault(channel, {"waiting": 0, "delivered": 0, "given_up": 0})[name] = count
        return counts

    def _settle(self, delivery: Delivery, **values: Any) -> bool:  # noqa: ANN401 - columns of many types
        mine = (outbox.c.id == delivery.id) & (outbox.c.lease_token == delivery.token)
        return self.connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1
