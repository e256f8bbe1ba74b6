"""Putting an entry right without touching what its owner made of it."""

from datetime import UTC, datetime

from icalendar import Event

from integrations import _events
from integrations._events import MEANT_FOR
from integrations.caldav.entry import Entry
from service.domain.message import Message, Phase

# What is ours in an entry. Everything else (alarms, colours, places, lengths) is its owner's.
WORDS = ("SUMMARY", "DESCRIPTION", "URL")
TIMES = ("DTSTART", "DTEND", MEANT_FOR)


def merged(entry: Entry, message: Message, now: datetime) -> bytes | None:
    """Return the calendar with its entry saying what the message says, None where it does already.

    An entry that its owner moved stays where it is, whatever the message says; one that begins when the message says
    keeps its length.
    """
    wanted = _events.entry(message, now)
    differing = [name for name in _ours(entry, message) if _words(entry.event, name) != _words(wanted, name)]
    rings = message.phase is Phase.DONE and bool(entry.event.walk("VALARM"))
    if not differing and not rings:
        return None
    for name in differing:
        _replace(entry.event, wanted, name)
    if rings:
        entry.event.subcomponents = [part for part in entry.event.subcomponents if part.name != "VALARM"]
    _stamp(entry.event, now)
    return bytes(entry.calendar.to_ical())


def _ours(entry: Entry, message: Message) -> tuple[str, ...]:
    if entry.begins_with(message):
        return (*WORDS, MEANT_FOR)
    return WORDS if entry.moved else (*WORDS, *TIMES)


def _words(event: Event, name: str) -> str:
    """Return what a property says, apart from the white space that programs and servers lay out anew."""
    value = event.get(name)
    text = "" if value is None else value.to_ical().decode() if name in TIMES else str(value)
    return " ".join(text.split())


def _replace(event: Event, wanted: Event, name: str) -> None:
    event.pop(name, None)
    if name == "DTEND":
        event.pop("DURATION", None)
    if name in wanted:
        event[name] = wanted[name]


def _stamp(event: Event, now: datetime) -> None:
    before = int(event.get("SEQUENCE", 0))
    for name in ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE"):
        event.pop(name, None)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("last-modified", now.astimezone(UTC))
    event.add("sequence", max(before + 1, _events.revision(now)))
