"""CalDAV: sessions as entries in the runner's own calendar, and the runner's changes to them heard.

    channel(url="https://dav.example.org/anna/mobility/", username="anna", password="...", athlete=..., clock=...)

An entry lies at an address made from its UID and is only ever written over the state it was read in (If-Match), so
nobody's change is lost. What the runner moved stays where they moved it, what they removed stays away; `changes` tells
of both. Our own writes are known by their ETag, which is the receipt.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from integrations import _events
from integrations._events import GONE, REMOVED, uid
from integrations.caldav.entry import Entry
from integrations.caldav.merging import merged
from integrations.caldav.server import Collection, Conflict, Held
from service.domain.athlete import Athlete
from service.domain.message import Message, Phase
from service.ports import Capabilities, Change, Clock, Happened, Outcome, Shown, Unavailable

CHANGING = "the calendar changes at this very moment: trying again"
# The receipt for an entry that its owner moved: whatever state it is in, it has still to be looked at.
TO_LOOK_AT = ""


def channel(
    *, url: str, username: str | None = None, password: str | None = None, athlete: Athlete, clock: Clock
) -> "CalDav":
    """Return the channel to a calendar."""
    return CalDav(Collection(url, username or "", password or ""), athlete, clock)


class CalDav:
    """Keeps entries in one calendar, and hears what becomes of them there."""

    name = "caldav"
    capabilities = Capabilities(idempotent=True, calendar=True, updates=True)

    def __init__(self, collection: Collection, athlete: Athlete, clock: Clock) -> None:
        self._collection = collection
        self._athlete = athlete
        self._clock = clock

    def check(self) -> str:
        """Return the calendar's name, changing nothing; raise as Channel says where there is none."""
        return f"the calendar “{self._collection.name()}” answers"

    def send(self, message: Message, earlier: str | None = None) -> str:
        """Write, change or remove the entry, and return its ETag.

        Return REMOVED or GONE where there is none any more, and nothing where its owner moved it, which `changes` is
        then to look at. Raise as Channel says.
        """
        try:
            if message.phase is Phase.WITHDRAWN:
                return self._withdraw(message)
            if message.phase is Phase.NEW or earlier == REMOVED:
                return self._create(message)
            return self._put_right(message)
        except Conflict as exc:
            raise Unavailable(CHANGING) from exc

    def reconcile(self, message: Message, since: datetime) -> Outcome:  # noqa: ARG002 - the port's form
        """Return whether the entry is there; raise as Channel says."""
        return Outcome.ABSENT if self._collection.get(_name(message.key)) is None else Outcome.ARRIVED

    def changes(self, shown: Sequence[Shown]) -> Iterator[Change]:
        """Yield what the runner moved, removed or marked as done; raise as Channel says."""
        held = self._collection.get_all([_name(one.key) for one in shown])
        for one in shown:
            found = held.get(_name(one.key))
            if found is None or found.etag != one.receipt:
                yield from self._changes_of(one, found)

    def _changes_of(self, shown: Shown, found: Held | None) -> Iterator[Change]:
        entry = self._entry(found, shown.key)
        if entry is None or entry.cancelled:
            yield Change(session_id=shown.session_id, happened=Happened.REMOVED)
        elif entry.marked_done:
            yield Change(session_id=shown.session_id, happened=Happened.DONE)
        elif entry.moved and entry.starts_at != shown.starts_at.replace(microsecond=0):
            yield Change(session_id=shown.session_id, happened=Happened.MOVED, moved_to=entry.starts_at)

    def _create(self, message: Message) -> str:
        """Write an entry that is not there yet; one that is, from a send whose answer was lost, is put right."""
        body = bytes(_events.alone(message, self._clock.now()).to_ical())
        try:
            return self._collection.put(_name(message.key), body)
        except Conflict:
            receipt = self._put_right(message)
            if receipt != GONE:
                return receipt
            self.check()  # where the whole calendar is gone, that is what has to be said
            raise

    def _put_right(self, message: Message) -> str:
        held = self._collection.get(_name(message.key))
        entry = self._entry(held, message.key)
        if held is None or entry is None:
            return GONE
        moved_elsewhere = entry.moved and not entry.begins_with(message)
        body = merged(entry, message, self._clock.now())
        etag = held.etag if body is None else self._collection.put(_name(message.key), body, over=held.etag)
        return TO_LOOK_AT if moved_elsewhere else etag

    def _withdraw(self, message: Message) -> str:
        """Remove the entry, unless its owner moved it to a time still ahead."""
        held = self._collection.get(_name(message.key))
        entry = self._entry(held, message.key)
        if held is None or entry is None:
            return GONE
        if entry.moved and not entry.begins_with(message) and entry.is_ahead(self._clock.now()):
            return TO_LOOK_AT
        self._collection.delete(_name(message.key), over=held.etag)
        return REMOVED

    def _entry(self, held: Held | None, key: str) -> Entry | None:
        return None if held is None else Entry.read(held.body, uid(key), self._athlete.timezone)


def _name(key: str) -> str:
    return f"{uid(key)}.ics"
