"""The outbox: messages waiting, leased, delivered and given up.

A lease says who may send until when; its token fences, so that a worker that comes back late settles nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, null, or_, select, update

from service.domain.message import Message
from service.domain.sessions import OPEN_STATES
from service.persistence._base import Questions
from service.persistence.documents import dump, load
from service.persistence.tables import outbox, sessions
from service.ports import Delivery, Shown, Told


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

    def told(self, session_id: int) -> Sequence[Told]:
        """Return every message about a session, in the order they were queued; none of them moves meanwhile."""
        about = select(outbox).where(outbox.c.session_id == session_id).order_by(outbox.c.id).with_for_update()
        return [_told(row) for row in self.connection.execute(about)]

    def shown(self, athlete: str, channel: str) -> Sequence[Shown]:
        """Return what a channel shows of the athlete's open sessions, but for what is just being put right there."""
        there = (
            select(sessions.c.id, sessions.c.key, sessions.c.opens, outbox.c.receipt, outbox.c.message)
            .join(outbox, (outbox.c.session_id == sessions.c.id) & (outbox.c.key == sessions.c.key))
            .where(sessions.c.athlete == athlete, sessions.c.state.in_(state.value for state in OPEN_STATES))
            .where(outbox.c.channel == channel, outbox.c.receipt.is_not(None), outbox.c.settled_at.is_not(None))
        )
        return [_shown(row) for row in self.connection.execute(there.order_by(sessions.c.id))]

    def reword(self, message_id: int, message: Message) -> None:
        """Put other words into a message that is still to be sent, or being sent."""
        self._restate(message_id, message)

    def say_again(self, message_id: int, message: Message, at: datetime) -> None:
        """Have a message that arrived due again in other words, in the row it has."""
        self._restate(message_id, message, due_at=at, attempts=0, trouble="", settled_at=None, given_up=None)

    def withdraw(self, message_id: int, reason: str, at: datetime) -> None:
        """Settle a message that was never sent as not to be said any more."""
        self._set(message_id, settled_at=at, given_up=reason)

    def _restate(self, message_id: int, message: Message, **values: Any) -> None:  # noqa: ANN401 - columns of many types
        words = {"message": dump(message), "useful_until": message.useful_until, "revision": outbox.c.revision + 1}
        self._set(message_id, **words, **values)

    def _set(self, message_id: int, **values: Any) -> None:  # noqa: ANN401 - columns of many types
        self.connection.execute(update(outbox).where(outbox.c.id == message_id).values(**values))

    def due_channels(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Return the channels that messages are due on and may be leased, by athlete and name."""
        due = select(outbox.c.athlete, outbox.c.channel).where(_due(now)).distinct()
        return [(athlete, channel) for athlete, channel in self.connection.execute(due)]

    def claim(self, athlete: str, channel: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Delivery]:
        """Lease a channel's due messages, the soonest useless first.

        An expired lease may be taken over; a held one may not.
        """
        due = (
            select(outbox)
            .where(outbox.c.athlete == athlete, outbox.c.channel == channel, _due(now))
            .order_by(outbox.c.useful_until, outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
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
            receipt=row.receipt,
            revision=row.revision,
            interrupted=row.lease_token is not None,
        )

    def begin_sending(self, delivery: Delivery, at: datetime) -> bool:
        """Write down that a send begins; return False where the lease was lost."""
        since = func.coalesce(outbox.c.perhaps_sent_since, at)
        return self._settle(delivery, attempts=outbox.c.attempts + 1, perhaps_sent_since=since)

    def delivered(self, delivery: Delivery, receipt: str, at: datetime, *, put_right: bool = False) -> bool:
        """Settle a message as delivered; return False where the lease was lost.

        One that was reworded while it was on its way, or that is to be `put_right`, is due again at once.
        """
        settled_at = None if put_right else _unless_reworded(delivery, at)
        return self._release(
            delivery, settled_at=settled_at, receipt=receipt, given_up=None, perhaps_sent_since=None, trouble=""
        )

    def retry(self, delivery: Delivery, due_at: datetime, trouble: str, *, perhaps_sent: bool) -> bool:
        """Put a message back until `due_at`; return False where the lease was lost."""
        since = outbox.c.perhaps_sent_since if perhaps_sent else None
        return self._release(delivery, due_at=due_at, trouble=trouble, perhaps_sent_since=since)

    def give_up(self, delivery: Delivery, reason: str, at: datetime) -> bool:
        """Settle a message as never to be sent; return False where the lease was lost."""
        return self._release(delivery, settled_at=_unless_reworded(delivery, at), given_up=reason)

    def due_since(self, now: datetime) -> Mapping[str, datetime]:
        """Return by channel since when the oldest message that is due has been due."""
        waiting = outbox.c.settled_at.is_(None) & (outbox.c.due_at <= now)
        oldest = select(outbox.c.channel, func.min(outbox.c.due_at)).where(waiting).group_by(outbox.c.channel)
        return {row.channel: row[1] for row in self.connection.execute(oldest)}

    def outbox_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return by channel how many messages wait, were delivered, and were given up."""
        fate = case(
            (outbox.c.settled_at.is_(None), "waiting"), (outbox.c.receipt.is_not(None), "delivered"), else_="given_up"
        )
        counts: dict[str, dict[str, int]] = {}
        counted = select(outbox.c.channel, fate.label("fate"), func.count()).group_by(outbox.c.channel, "fate")
        for channel, name, count in self.connection.execute(counted):
            counts.setdefault(channel, {"waiting": 0, "delivered": 0, "given_up": 0})[name] = count
        return counts

    def _release(self, delivery: Delivery, **values: Any) -> bool:  # noqa: ANN401 - columns of many types
        return self._settle(delivery, lease_until=None, lease_token=None, **values)

    def _settle(self, delivery: Delivery, **values: Any) -> bool:  # noqa: ANN401 - columns of many types
        mine = (outbox.c.id == delivery.id) & (outbox.c.lease_token == delivery.token)
        return self.connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1


def _unless_reworded(delivery: Delivery, at: datetime) -> ColumnElement[Any]:
    return case((outbox.c.revision == delivery.revision, literal(at, outbox.c.settled_at.type)), else_=null())


def _shown(row: Row[*tuple[Any, ...]]) -> Shown:
    """Return what is shown of a session: where it stands there, which is not always when it opened."""
    starts_at = load(Message, row.message).starts_at or row.opens
    return Shown(session_id=row.id, key=row.key, receipt=row.receipt, starts_at=starts_at)


def _told(row: Row[Any]) -> Told:
    return Told(
        id=row.id,
        channel=row.channel,
        message=load(Message, row.message),
        arrived=row.receipt is not None,
        begun=row.lease_token is not None or row.perhaps_sent_since is not None,
        settled=row.settled_at is not None,
    )


def _due(now: datetime) -> ColumnElement[bool]:
    free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)
    return and_(outbox.c.settled_at.is_(None), outbox.c.due_at <= now, free)
