"""The outbox: messages waiting, leased, delivered and given up.

A lease says who may send until when; its token fences, so that a worker that comes back late settles nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, literal, not_, null, or_, select, true, update

from service.domain.delivery import NEEDLESS, OUTDATED
from service.domain.message import Message
from service.domain.sessions import OPEN_STATES
from service.persistence._base import Questions, runs_on
from service.persistence.documents import dump, load
from service.persistence.tables import outbox, sessions
from service.ports import Brought, Delivery, Queued, Receipt, Shown, Told

# Messages are leased for a minute (application/outbox.py).
LONGEST_LEASE = timedelta(minutes=2)
# A message that failed so often may be the trouble itself: the others go first.
MANY_ATTEMPTS = 3
FATES = ("waiting", "delivered", "given_up")
_TITLE = outbox.c.message["title"].as_string().label("title")


class OutboxQuestions(Questions):
    """Questions about messages."""

    def add_message(
        self,
        athlete: str,
        channel: str,
        message: Message,
        due_at: datetime,
        session_id: int | None = None,
        *,
        stands_in: bool = False,
    ) -> bool:
        """Queue a message for a channel; return False where that key was queued there before.

        `stands_in`: it is only for where no other channel brings it by then.
        """
        return self._insert_new(
            outbox,
            athlete=athlete,
            channel=channel,
            key=message.key,
            session_id=session_id,
            message=dump(message),
            due_at=due_at,
            useful_until=message.useful_until,
            best_before=message.best_before,
            stands_in=stands_in,
            attempts=0,
            trouble="",
        )

    def was_queued(self, athlete: str, key: str) -> bool:
        """Return whether a message of this name was ever queued."""
        named = select(outbox.c.id).where(outbox.c.athlete == athlete, outbox.c.key == key).limit(1)
        return self.connection.execute(named).one_or_none() is not None

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
        self._set(message_id, **_words(message), **values)

    def _set(self, message_id: int, **values: Any) -> None:  # noqa: ANN401 - columns of many types
        self.connection.execute(update(outbox).where(outbox.c.id == message_id).values(**values))

    def due_channels(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Return the channels that messages are due on and may be leased, by athlete and name."""
        due = select(outbox.c.athlete, outbox.c.channel).where(_due(now)).distinct()
        return [(athlete, channel) for athlete, channel in self.connection.execute(due)]

    def claim(self, athlete: str, channel: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Delivery]:
        """Lease a channel's due messages, the most useful first.

        That is what can still come in time, the soonest late first; then the soonest useless. What failed again and
        again lets the others go first. An expired lease may be taken over; a held one may not.
        """
        in_time = case((outbox.c.best_before > now, outbox.c.best_before))
        due = (
            select(outbox)
            .where(outbox.c.athlete == athlete, outbox.c.channel == channel, _due(now))
            .order_by(
                outbox.c.attempts >= MANY_ATTEMPTS, in_time.is_(None), in_time, outbox.c.useful_until, outbox.c.id
            )
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = self.connection.execute(due).all()
        brought = self._brought(athlete, channel, [row.key for row in rows])
        return [self._lease(row, now + lease, brought.get(row.key, ())) for row in rows]

    def _brought(self, athlete: str, channel: str, keys: Collection[str]) -> Mapping[str, tuple[Brought, ...]]:
        """Return which other channels have brought these messages."""
        there = outbox.c.athlete == athlete, outbox.c.key.in_(keys), outbox.c.receipt.is_not(None)
        found = select(outbox.c.key, outbox.c.channel, outbox.c.stands_in).where(*there, outbox.c.channel != channel)
        brought: dict[str, tuple[Brought, ...]] = {}
        for row in self.connection.execute(found) if keys else ():
            one = Brought(channel=row.channel, stood_in=row.stands_in)
            brought[row.key] = (*brought.get(row.key, ()), one)
        return brought

    def _lease(self, row: Row[Any], until: datetime, brought: tuple[Brought, ...]) -> Delivery:
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
            session_id=row.session_id,
            stands_in=row.stands_in,
            brought=brought,
        )

    def release(self, delivery: Delivery) -> None:
        """Give a lease back untouched."""
        self._release(delivery)

    def postpone(self, delivery: Delivery, due_at: datetime) -> None:
        """Give a lease back, with the message due at a later moment."""
        self._release(delivery, due_at=due_at)

    def put_fresh(self, delivery: Delivery, message: Message) -> Delivery:
        """Put the words of this moment into a leased message, before its send begins, and return it so."""
        self._settle(delivery, **_words(message))
        return replace(delivery, message=message, revision=delivery.revision + 1)

    def hasten(self, athlete: str, channel: str, now: datetime) -> None:
        """Have what stands in for what is due on a channel be sent now: the channel will not bring it by itself."""
        held = select(outbox.c.key).where(outbox.c.athlete == athlete, outbox.c.channel == channel, _due(now))
        standing_in = outbox.c.athlete == athlete, outbox.c.stands_in.is_(true()), outbox.c.settled_at.is_(None)
        waiting = update(outbox).where(*standing_in, outbox.c.due_at > now, outbox.c.key.in_(held))
        self.connection.execute(waiting.values(due_at=now))

    def spare(self, athlete: str, key: str) -> None:
        """Take away what was to stand in for a message that has been brought, where no send of it has begun."""
        unsent = outbox.c.receipt.is_(None), outbox.c.perhaps_sent_since.is_(None), outbox.c.lease_token.is_(None)
        spared = outbox.c.athlete == athlete, outbox.c.key == key, outbox.c.stands_in.is_(true()), *unsent
        self.connection.execute(delete(outbox).where(*spared))

    def call_off(self, athlete: str, key: str, at: datetime) -> bool:
        """Settle what still waits of a message as outdated; return whether any channel brought it, or may have."""
        named = outbox.c.athlete == athlete, outbox.c.key == key
        out = or_(outbox.c.receipt.is_not(None), outbox.c.perhaps_sent_since.is_not(None))
        waiting = outbox.c.settled_at.is_(None), outbox.c.receipt.is_(None), outbox.c.lease_token.is_(None)
        self.connection.execute(update(outbox).where(*named, *waiting).values(settled_at=at, given_up=OUTDATED))
        return bool(self.connection.execute(select(func.count()).where(*named, out)).scalar_one())

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

    def retry(self, delivery: Delivery, trouble: str, *, perhaps_sent: bool, counts: bool) -> bool:
        """Put a message back, to be sent once its channel works; return False where the lease was lost.

        The attempt `counts` where the message itself may have been the trouble.
        """
        since = outbox.c.perhaps_sent_since if perhaps_sent else None
        attempts = outbox.c.attempts if counts else outbox.c.attempts - 1
        return self._release(delivery, trouble=trouble, perhaps_sent_since=since, attempts=attempts)

    def give_up(self, delivery: Delivery, reason: str, at: datetime) -> bool:
        """Settle a message as never to be sent; return False where the lease was lost."""
        return self._release(delivery, settled_at=_unless_reworded(delivery, at), given_up=reason)

    def due_since(self, now: datetime) -> Mapping[str, datetime]:
        """Return by channel since when the oldest message that is due has been due."""
        waiting = outbox.c.settled_at.is_(None) & (outbox.c.due_at <= now)
        oldest = select(outbox.c.channel, func.min(outbox.c.due_at)).where(waiting).group_by(outbox.c.channel)
        return {row.channel: row[1] for row in self.connection.execute(oldest)}

    def queued(self, limit: int) -> Sequence[Queued]:
        """Return the messages that wait, the soonest due first."""
        waiting = select(outbox, _TITLE).where(outbox.c.settled_at.is_(None)).order_by(outbox.c.due_at, outbox.c.id)
        return [
            Queued(
                athlete=row.athlete,
                channel=row.channel,
                title=row.title,
                due_at=row.due_at,
                useful_until=row.useful_until,
                attempts=row.attempts,
                trouble=row.trouble,
                stands_in=row.stands_in,
            )
            for row in self.connection.execute(waiting.limit(limit))
        ]

    def receipts(self, limit: int) -> Sequence[Receipt]:
        """Return the messages that arrived last, the last one first."""
        arrived = select(outbox, _TITLE).where(outbox.c.settled_at.is_not(None), outbox.c.receipt.is_not(None))
        newest = arrived.order_by(outbox.c.settled_at.desc(), outbox.c.id.desc()).limit(limit)
        return [
            Receipt(athlete=row.athlete, channel=row.channel, title=row.title, at=row.settled_at, receipt=row.receipt)
            for row in self.connection.execute(newest)
        ]

    def waiting_messages(self) -> Mapping[tuple[str, str], int]:
        """Return how many messages wait, by athlete and channel; those with none are left out."""
        waiting = select(outbox.c.athlete, outbox.c.channel, func.count()).where(outbox.c.settled_at.is_(None))
        counted = waiting.group_by(outbox.c.athlete, outbox.c.channel)
        return {(athlete, channel): count for athlete, channel, count in self.connection.execute(counted)}

    def outbox_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return by channel how many messages wait, were delivered, and were given up, but for those nobody misses."""
        fate = case(
            (outbox.c.settled_at.is_(None), "waiting"),
            (outbox.c.receipt.is_not(None), "delivered"),
            (outbox.c.given_up.in_(NEEDLESS), "needless"),
            else_="given_up",
        )
        counts: dict[str, dict[str, int]] = {}
        counted = select(outbox.c.channel, fate.label("fate"), func.count()).group_by(outbox.c.channel, "fate")
        for channel, name, count in self.connection.execute(counted):
            mine = counts.setdefault(channel, dict.fromkeys(FATES, 0))
            if name in mine:
                mine[name] = count
        return counts

    def _release(self, delivery: Delivery, **values: Any) -> bool:  # noqa: ANN401 - columns of many types
        return self._settle(delivery, lease_until=None, lease_token=None, **values)

    def _settle(self, delivery: Delivery, **values: Any) -> bool:  # noqa: ANN401 - columns of many types
        mine = (outbox.c.id == delivery.id) & (outbox.c.lease_token == delivery.token)
        return self.connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1


def _words(message: Message) -> dict[str, Any]:
    """Return the columns that hold a message's words, for a row that gets other ones."""
    return {
        "message": dump(message),
        "useful_until": message.useful_until,
        "best_before": message.best_before,
        "revision": outbox.c.revision + 1,
    }


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
    free = or_(outbox.c.lease_until.is_(None), not_(runs_on(outbox.c.lease_until, now, LONGEST_LEASE)))
    return and_(outbox.c.settled_at.is_(None), outbox.c.due_at <= now, free)
