"""Calendars: an .ics file for each session in a folder, and the feed that a calendar subscribes to.

channel(path="~/calendar", clock=...)
feed("Mobility", messages, now=...)
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from icalendar import vDuration, vText

from integrations import _events
from integrations._events import GONE, REMOVED, uid
from service.domain.message import Message, Phase
from service.domain.plain_text import clean
from service.ports import Capabilities, Clock, EdgeError, Outcome, Refused, Unavailable

# How often a subscriber should look again. (Google takes a day all the same.)
REFRESH = timedelta(hours=1)
FOLDER = "the folder of channels.calendar"
CLOSED = f"cannot write into {FOLDER}: let Afterrun write there, or correct the path"
STAMPS = (b"DTSTAMP", b"LAST-MODIFIED", b"SEQUENCE")
SECRET_FILE, SECRET_FOLDER = 0o600, 0o700  # the link in an event is a capability


def channel(*, path: str | Path, clock: Clock) -> "CalendarFolder":
    """Return the channel that writes events into a folder, which it makes where it is missing."""
    return CalendarFolder(Path(path).expanduser(), clock)


def feed(name: str, messages: Iterable[Message], *, now: datetime) -> bytes:
    """Return a calendar of that name to subscribe to, with an event for each message that has a moment.

    `now` stamps the events of messages that do not say when they changed; of those that do, the feed is the same bytes
    until one changes.
    """
    calendar = _events.calendar()
    calendar.add("method", "PUBLISH")
    calendar.add("name", vText(clean(name)))
    calendar.add("x-wr-calname", vText(clean(name)))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for message in messages:
        if message.starts_at is not None:
            calendar.add_component(_events.entry(message, now))
    return bytes(calendar.to_ical())


class CalendarFolder:
    """Writes each message that has a moment as an event in a file of its own; a repeat replaces the file."""

    name = "calendar"
    capabilities = Capabilities(idempotent=True, calendar=True, updates=True)

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def check(self) -> str:
        """Return that the folder can be written to, making it where it is missing; raise Refused where it cannot."""
        try:
            self._folder.mkdir(SECRET_FOLDER, parents=True, exist_ok=True)
        except OSError as exc:
            raise _fault(exc) from exc
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise Refused(CLOSED)
        return "the folder can be written to"

    def send(self, message: Message, earlier: str | None = None) -> str:
        """Write the event, change or remove it, durable before this returns; raise as Channel says.

        Return the file's name, or REMOVED or GONE where there is no file any more: what somebody else took away stays
        away.
        """
        content = _file(message, self._clock.now())
        target = self._folder / f"{uid(message.key)}.ics"
        try:
            if message.phase is not Phase.NEW and earlier != REMOVED and not target.exists():
                return GONE
            if message.phase is Phase.WITHDRAWN:
                return _remove(target)
            if not _same(_read(target), content):
                _write(target, content)
        except OSError as exc:
            raise _fault(exc) from exc
        return target.name

    def reconcile(self, message: Message, since: datetime) -> Outcome:
        """Return ARRIVED where the file says what the message says (whenever it was written), else ABSENT."""
        try:
            written = _read(self._folder / f"{uid(message.key)}.ics")
        except OSError as exc:
            raise _fault(exc) from exc
        return Outcome.ARRIVED if _same(written, _file(message, since)) else Outcome.ABSENT


def _file(message: Message, stamp: datetime) -> bytes:
    return bytes(_events.alone(message, stamp).to_ical())


def _same(written: bytes | None, content: bytes) -> bool:
    """Say whether two files differ in nothing but when they were written."""
    return written is not None and _without_stamps(written) == _without_stamps(content)


def _without_stamps(content: bytes) -> list[bytes]:
    return [line for line in content.splitlines() if not line.startswith(STAMPS)]


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(target: Path, content: bytes) -> None:
    """Put a file in place whole and durable; a crash leaves the old one, or at most a hidden half beside it."""
    target.parent.mkdir(SECRET_FOLDER, parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.part")
    with open(half, "wb", opener=lambda name, flags: os.open(name, flags, SECRET_FILE)) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    half.replace(target)
    _settle(target.parent)


def _remove(target: Path) -> str:
    with suppress(FileNotFoundError):
        target.unlink()
        _settle(target.parent)
    return REMOVED


def _settle(folder: Path) -> None:
    """Have what was changed in a folder outlast a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _fault(exc: OSError) -> EdgeError:
    if isinstance(exc, PermissionError | NotADirectoryError | FileExistsError):
        return Refused(
            "cannot write into the folder of channels.calendar: let Afterrun write there, or correct the path"
        )
    return Unavailable(f"cannot write into the folder of channels.calendar ({exc.strerror}): trying again later")
