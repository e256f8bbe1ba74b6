"""Sessions as calendar entries (RFC 5545 and 7986), for every integration that speaks of calendars.

Times are written in UTC, which every calendar shows in its own zone. An entry's UID comes from its message's key, so
a repeat is the same entry.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid5

from icalendar import Alarm, Calendar, Event

from service.domain.message import Message, Phase
from service.domain.plain_text import clean, plain_text
from service.domain.sessions import NAMESPACE
from service.ports import Malformed

PRODUCT = "-//Afterrun//Afterrun//EN"
CATEGORY = "Mobility"
# Revisions are counted in seconds from here: whoever changed an entry last has the higher number, also after others.
COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
# When we meant it to begin. Where it begins at another time by now, its owner moved it.
MEANT_FOR, MEANT_FORMAT = "X-AFTERRUN-START", "%Y%m%dT%H%M%SZ"
# Receipts: an entry we took away may come back (skipped, and then done after all); one that others took away may not.
REMOVED, GONE = "removed", "gone"


def uid(key: str) -> str:
    """Return the name of the entry of a message of that key."""
    return str(uuid5(NAMESPACE, key))


def calendar() -> Calendar:
    """Return a calendar without entries."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    return made


def alone(message: Message, stamp: datetime) -> Calendar:
    """Return a calendar that holds a message's entry; raise Malformed for a message without a time."""
    made = calendar()
    made.add_component(entry(message, stamp))
    return made


def entry(message: Message, stamp: datetime) -> Event:
    """Return a message's entry, stamped with when the message changed last (`stamp` where it does not say).

    Raise Malformed for a message without a time.
    """
    if message.starts_at is None:
        raise Malformed("a message without a time has no place in a calendar")
    starts, changed = message.starts_at.astimezone(UTC), (message.changed_at or stamp).astimezone(UTC)
    title = clean(message.title)
    event = Event()
    event.add("uid", uid(message.key))
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", revision(changed))
    event.add("dtstart", starts)
    if message.ends_at is not None and message.ends_at > message.starts_at:
        event.add("dtend", message.ends_at.astimezone(UTC))
    event.add(MEANT_FOR, starts.strftime(MEANT_FORMAT))
    event.add("summary", title)
    event.add("description", plain_text(message, fits=lambda _: True, link=True))
    if message.link:
        event.add("url", message.link)
    event.add("categories", [CATEGORY])
    event.add("transp", "TRANSPARENT")  # stretching makes nobody unavailable
    if message.phase is not Phase.DONE:
        event.add_component(_alarm(title))
    return event


def revision(changed: datetime) -> int:
    """Return the number of a revision made at a moment: higher than that of any made before."""
    return max(0, int((changed - COUNTED_FROM).total_seconds()))


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(0))
    return alarm
