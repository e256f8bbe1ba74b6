"""What the runner hears of a source or channel in trouble: once that it needs them, and once that it works again.

| told so far | what it needs now | it works | so                                                       |
| ----------- | ----------------- | -------- | -------------------------------------------------------- |
| nothing     | nothing           |          | nothing is said                                          |
| nothing     | something         |          | it is told                                               |
| something   | the same          |          | nothing is said: once is enough                          |
| something   | something else    |          | that is told                                             |
| something   | nothing           | not yet  | nothing is said                                          |
| something   | nothing           | yes      | that is told, unless the runner never heard of a trouble |
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid5

from service.domain.athlete import Athlete
from service.domain.message import Message
from service.domain.sessions import NAMESPACE

# A passing fault that has not passed for so long is one the runner would want to know of (users.md: a sync died, and
# nobody noticed for weeks).
SILENT_AFTER = timedelta(days=1)
# Tried at most an hour apart, so long a fault has failed as often: a channel nobody used for a day has not.
TRIES_A_DAY = 24
# A trouble still matters weeks later; that something works again is news of the day.
TROUBLE_USEFUL, WELL_USEFUL = timedelta(days=30), timedelta(days=1)
SILENT = "It has not worked for a day. It is tried again by itself; `afterrun status` says more."
# How a message about a silence is tagged, with the system's name behind.
SILENCE = "silence"
NAMES = {
    "folder": "the watched folder",
    "garmin": "Garmin",
    "garmin_connect": "Garmin Connect",
    "intervals": "intervals.icu",
    "strava": "Strava",
    "email": "mail",
    "caldav": "your calendar",
    "calendar": "the calendar folder",
    "apprise": "Apprise",
    "console": "the console",
}
LOWER_CASE = frozenset({"intervals.icu", "ntfy"})


class Word(StrEnum):
    """What is to be said."""

    NOTHING = "nothing"
    TROUBLE = "trouble"
    SOON = "soon"
    WELL = "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a system is.

    What a human has to do, now (`todo`) or `soon`; what is wrong, and how often in a row; when it worked last. Empty
    for nothing, None for never.
    """

    todo: str = ""
    soon: str = ""
    trouble: str = ""
    failures: int = 0
    last_success: datetime | None = None

    def needs(self, now: datetime) -> str:
        """Return what the runner should know of it, empty where that is nothing."""
        tried_all_day = self.failures >= TRIES_A_DAY and self.last_success is not None
        silent = tried_all_day and now - (self.last_success or now) >= SILENT_AFTER
        return self.todo or self.soon or (SILENT if silent else "")


def together(systems: Iterable[str]) -> dict[str, list[str]]:
    """Return what is spoken of in one breath, by the first of it: a platform may be a source and a channel in one."""
    parts: dict[str, list[str]] = {}
    for system in systems:
        parts.setdefault(_name(system), []).append(system)
    return {named[0]: named for named in parts.values()}


def both(system: str) -> tuple[str, str]:
    """Return what a platform may be: a source, a channel, or the two in one."""
    return f"sources.{_name(system)}", f"channels.{_name(system)}"


def worst(parts: Sequence[Health], now: datetime) -> Health:
    """Return the part of a system that says how the whole is: the first that needs something, or is in trouble."""
    return max(parts, key=lambda part: (bool(part.todo), bool(part.needs(now)), bool(part.trouble)))


def word_on(health: Health, told: str, now: datetime) -> Word:
    """Return what is to be said of a system, given what was told of it last."""
    needs = health.needs(now)
    if needs and needs != told:
        return Word.SOON if needs == health.soon else Word.TROUBLE
    return Word.WELL if told and not needs and not health.trouble else Word.NOTHING


def notice(athlete: Athlete, system: str, word: Word, needs: str, now: datetime) -> Message:
    """Return the message for a word on a system; its name is that of this very trouble."""
    if word is Word.WELL:
        return _well(athlete, system, now)
    soon = word is Word.SOON
    tags = (SILENCE, system) if needs == SILENT else ("trouble",)
    return Message(
        key=_key(athlete, word, system, now),
        title=f"{named(system)} will need a hand soon" if soon else f"{named(system)} needs a hand",
        body=needs if soon else f"{needs}\nEverything else goes on meanwhile.",
        useful_until=now + TROUBLE_USEFUL,
        tags=tags,
    )


def silent_system(message: Message) -> str:
    """Return the system that a message calls silent; empty for any other message."""
    return message.tags[1] if message.tags[:1] == (SILENCE,) else ""


def _well(athlete: Athlete, system: str, now: datetime) -> Message:
    what = "Runs arrive from there" if system.startswith("sources.") else "Messages arrive there"
    return Message(
        key=_key(athlete, Word.WELL, system, now),
        title=f"{named(system)} works again",
        body=f"{what} as before. Nothing is left to do.",
        useful_until=now + WELL_USEFUL,
        tags=("well",),
    )


def _key(athlete: Athlete, word: Word, system: str, now: datetime) -> str:
    return str(uuid5(NAMESPACE, f"{athlete.id}/{word}/{system}/{now.isoformat()}"))


def named(system: str) -> str:
    """Return what a source or channel is called at the beginning of a sentence: "The watched folder", "ntfy"."""
    name = called(system)
    return name if name in LOWER_CASE else name[:1].upper() + name[1:]


def called(system: str) -> str:
    """Return what a source or channel is called within a sentence."""
    return NAMES.get(_name(system), _name(system))


def _name(system: str) -> str:
    return system.partition(".")[2]
