"""What a FIT file said, in plain values: the form that reading hands to assembling. Nothing is judged yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Self

from integrations._samples.records import Records, no_records

type Message = Mapping[str, object]


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
