"""An entry as it stands in a calendar, after its owner and whatever program they use changed it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from integrations._events import MEANT_FOR, MEANT_FORMAT
from service.domain.message import Message
from service.ports import Unavailable

# What people put before the title of what is done. There is no other way: RFC 5545 knows "completed" for tasks only.
DONE_MARKS = ("✓", "✔", "✅", "☑", "[x]", "(x)")
UNREADABLE = "the calendar hands out an entry nobody can read: trying again later"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: when it begins, and for when we meant it last (both UTC; None where it does not say)."""

    calendar: Calendar
    event: Event
    starts_at: datetime | None
    meant_for: datetime | None

    @classmethod
    def read(cls, body: bytes, uid: str, zone: ZoneInfo) -> Self | None:
        """Return the entry of that UID, None where the calendar does not hold it any more.

        `zone` is its owner's, in which a time without a zone is meant. Raise Unavailable for what cannot be read: it
        was readable when we wrote it, so it may be again.
        """
        try:
            calendar = Calendar.from_ical(body)
            event = next((event for event in calendar.events if str(event.get("UID", "")) == uid), None)
            if event is None:
                return None
            meant_for = _meant_for(event)
            return cls(calendar, event, _starts_at(event, meant_for, zone), meant_for)
        except (ValueError, KeyError, IndexError, AttributeError, TypeError) as exc:
            raise Unavailable(UNREADABLE) from exc

    @property
    def moved(self) -> bool:
        """Whether its owner moved it. A program that forgot for when we meant it moved nothing."""
        return None not in {self.starts_at, self.meant_for} and self.starts_at != self.meant_for

    def begins_with(self, message: Message) -> bool:
        """Whether it begins when the message says, to the second."""
        return message.starts_at is not None and self.starts_at == message.starts_at.replace(microsecond=0)

    def is_ahead(self, now: datetime) -> bool:
        """Whether it has still to begin."""
        return self.starts_at is not None and self.starts_at > now

    @property
    def cancelled(self) -> bool:
        """Whether it was called off."""
        return str(self.event.get("STATUS", "")).upper() == "CANCELLED"

    @property
    def marked_done(self) -> bool:
        """Whether it was marked as done: by a tick before its title, or by a status that only tasks should have."""
        title = str(self.event.get("SUMMARY", "")).strip().lower()
        return title.startswith(DONE_MARKS) or str(self.event.get("STATUS", "")).upper() == "COMPLETED"


def _meant_for(event: Event) -> datetime | None:
    try:
        return datetime.strptime(str(event.get(MEANT_FOR, "")), MEANT_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _starts_at(event: Event, meant_for: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return when an entry begins; one of a whole day keeps the time of day it was meant for."""
    begins = getattr(event.get("DTSTART"), "dt", None)
    if isinstance(begins, datetime):
        return (begins if begins.tzinfo is not None else begins.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(begins, date) and meant_for is not None:
        meant = meant_for.astimezone(zone)
        return meant.replace(year=begins.year, month=begins.month, day=begins.day).astimezone(UTC)
    return None
