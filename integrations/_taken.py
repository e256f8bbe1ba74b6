"""What has been taken of the activities that a platform lists, as a cursor remembers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Self

from pydantic import TypeAdapter

# Watches are synchronised days after the run, so the days before the newest run taken are listed again.
OVERLAP = timedelta(days=7)
# What cannot be had while others can is asked for so often, and for so long, before it is given up.
TRIES, PATIENCE = 5, timedelta(days=2)
# 32 bits: one change in four thousand million goes unseen.
TOLD_BYTES = 4
FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An activity as it is listed, by the local time it began at. `sport` has FIT's name, "" where it is not known."""

    id: str
    begun: datetime
    title: str = ""
    sport: str = ""

    @property
    def day(self) -> date:
        """The date it is listed under."""
        return self.begun.date()

    @property
    def seen(self) -> "Seen":
        """What is remembered of it."""
        told = f"{self.title}\0{self.sport}".encode()
        return Seen(day=self.day, told=blake2b(told, digest_size=TOLD_BYTES).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is remembered of an activity that was taken: its day, and a mark of what the platform told of it."""

    day: date
    told: str


def moment(said: object) -> datetime | None:
    """Return a local time as platforms write it; None where there is none to be read."""
    try:
        return datetime.fromisoformat(str(said)).replace(tzinfo=None)
    except ValueError:
        return None


def line(said: object) -> str:
    """Return a title in one line; "" where there is none."""
    return " ".join(said.split()) if isinstance(said, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An entry that could not be had so often, and was passed over."""

    entry: Entry
    tries: int

    def is_hopeless(self, today: date) -> bool:
        """Return whether it has been asked for often and long enough."""
        return self.tries >= TRIES and today - self.entry.day > PATIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What has been taken: all that is listed from `downto` (None: from the beginning) to `upto`, but for what is owed.

    `known` are those of the last days, by id, which are listed again; `within` those of the span of the past under way.
    """

    upto: date
    downto: date | None
    known: Mapping[str, Seen] = field(default_factory=dict)
    within: frozenset[str] = frozenset()
    owed: tuple[Owed, ...] = ()
    form: int = FORM

    @classmethod
    def nothing(cls, today: date) -> Self:
        """Return that nothing has been taken yet."""
        return cls(upto=today, downto=today - OVERLAP)

    def listed_again_from(self, today: date) -> date:
        """Return the first of the days that are listed again; a day that is still to come was the error of a clock."""
        return min(self.upto, today) - OVERLAP


_CURSORS = TypeAdapter(Taken)


def read(cursor: str | None, today: date) -> Taken:
    """Return what a cursor says; nothing taken for one of another form, for a repeat is better than a loss."""
    try:
        taken = _CURSORS.validate_json(cursor or "")
    except ValueError:
        return Taken.nothing(today)
    return taken if taken.form == FORM else Taken.nothing(today)


def written(taken: Taken) -> str:
    """Return what has been taken as a cursor."""
    return _CURSORS.dump_json(taken).decode()
