"""What a FIT file said, in plain values: the form that reading hands to assembling. Nothing is judged yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Self

import numpy as np

from service.domain.activity import Column

type Message = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """Record messages as columns in file order, NaN where a record lacks the value.

    `time` is seconds since the FIT epoch, `distance` metres from the start, `speed` m/s, `heart_rate` beats a minute,
    `cadence` turns a minute (of one foot or the crank) with its fraction, `altitude` metres. Positions are never read.
    """

    time: Column
    distance: Column
    speed: Column
    heart_rate: Column
    cadence: Column
    altitude: Column

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: np.ndarray) -> Self:
        """Return the chosen rows, by mask or by index."""
        return type(self)(**{column.name: getattr(self, column.name)[chosen] for column in fields(self)})

    def followed_by(self, more: Self) -> Self:
        """Return these rows and then those."""
        return type(self)(
            **{
                column.name: np.concatenate([getattr(self, column.name), getattr(more, column.name)])
                for column in fields(self)
            }
        )


def no_records() -> Records:
    """Return records of no rows."""
    return Records(**{column.name: np.empty(0) for column in fields(Records)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One FIT file: its messages by name, first valid value of each field; its records; and what went wrong."""

    messages: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    records: Records = field(default_factory=no_records)
    trouble: tuple[str, ...] = ()

    def all(self, name: str) -> Sequence[Message]:
        """Return every message of a name, in file order."""
        return self.messages.get(name, ())

    def first(self, name: str) -> Message:
        """Return the first message of a name, or an empty one."""
        return next(iter(self.all(name)), {})

    def followed_by(self, more: Self) -> Self:
        """Return this file and the one that goes on with it, as one."""
        names = self.messages.keys() | more.messages.keys()
        return type(self)(
            messages={name: (*self.all(name), *more.all(name)) for name in names},
            records=self.records.followed_by(more.records),
            trouble=tuple(dict.fromkeys(self.trouble + more.trouble)),
        )


def number(message: Message, name: str) -> float | None:
    """Return a field as a number (of several, the first), or None where it holds none."""
    value = message.get(name)
    if isinstance(value, tuple):
        value = next((single for single in value if single is not None), None)
    if isinstance(value, (int, float)) and isfinite(value):
        return float(value)
    return None


def positive(message: Message, name: str) -> float | None:
    """Return a field as a number above zero, or None."""
    value = number(message, name)
    return value if value is not None and value > 0 else None


def word(message: Message, name: str) -> str:
    """Return a field as text, without line breaks or anything unprintable; "" where it holds none."""
    value = message.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(letter for letter in value if letter.isprintable()).strip()


def moment_in(message: Message, name: str) -> float | None:
    """Return a field as a FIT time stamp. An array of bytes in its place is not one."""
    value = message.get(name)
    return float(value) if isinstance(value, int) else None
