"""The outline of a FIT file: where each message lies and how it is laid out, without reading one.

A message's header names its layout, the layout its length; so one walk from header to header finds them all.
"""

from dataclasses import dataclass, field
from itertools import accumulate
from struct import Struct, error

import numpy as np
from numpy.typing import NDArray

COMPRESSED, TIME_OFFSET = 0x80, 0x1F
_DEFINITION, _WITH_DEVELOPER = 0x40, 0x20
_LOCAL, _COMPRESSED_LOCAL = 0x0F, 0x03
_FIXED = {"<": Struct("<xxxHB"), ">": Struct(">xxxHB")}
_FIELD_SIZE = 3

type Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the messages under one definition lie: global message number, byte order, and the fields' sizes in bytes.

    `numbers` are those of the fields in the profile; developer fields come after them and have none.
    """

    message: int
    order: str
    numbers: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def length(self) -> int:
        """Bytes of a message, its header included."""
        return 1 + sum(self.sizes)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where each field begins, counted from the message's header."""
        return tuple(accumulate(self.sizes, initial=1))[:-1]


@dataclass(slots=True, kw_only=True)
class Outline:
    """The messages of a file in order: where each begins and the place of its definition among all `definitions`.

    A definition is its bytes' begin and end and its layout. `end` is where the walk stopped: at the end of the bytes,
    or at what cannot be walked over (a message without a definition, or one that is not whole).
    """

    definitions: list[tuple[int, int, Layout]] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    defined_by: list[int] = field(default_factory=list)
    end: int = 0

    def columns(self) -> tuple[Numbers, Numbers, Numbers]:
        """Return for each message where it begins, which definition it goes by, and its global message number."""
        definitions = np.array(self.defined_by, dtype=np.int64)
        kinds = np.array([layout.message for _, _, layout in self.definitions], dtype=np.int64)
        return np.array(self.begins, dtype=np.int64), definitions, kinds[definitions]

    def span(self, message: int) -> tuple[int, int]:
        """Return where a message begins and ends."""
        begin = self.begins[message]
        return begin, begin + self.definitions[self.defined_by[message]][2].length


def outline(messages: bytes, limit: int) -> Outline:
    """Return the outline of a file's first `limit` messages, definitions included."""
    found = Outline()
    begins, defined_by = found.begins, found.defined_by
    lengths, places = [0] * 256, [0] * 256
    size, here = len(messages), 0
    for _ in range(limit):
        if here >= size:
            break
        header = messages[here]
        if length := lengths[header]:
            if here + length > size:
                break
            begins.append(here)
            defined_by.append(places[header])
            here += length
        elif header & COMPRESSED or not header & _DEFINITION:
            break
        else:
            read = _definition(messages, here)
            if read is None:
                break
            end, layout = read
            for name in _headers(header & _LOCAL):
                lengths[name], places[name] = layout.length, len(found.definitions)
            found.definitions.append((here, end, layout))
            here = end
    found.end = here
    return found


def _headers(local: int) -> tuple[int, ...]:
    """Return the headers of the data messages under a local number: plain, or with a few bits of time in them."""
    plain = (local, local | _WITH_DEVELOPER, local | 0x10, local | _WITH_DEVELOPER | 0x10)
    if local > _COMPRESSED_LOCAL:
        return plain
    first = COMPRESSED | local << 5
    return *plain, *range(first, first + TIME_OFFSET + 1)


def _definition(messages: bytes, here: int) -> tuple[int, Layout] | None:
    """Return where a definition ends and what it says; None where it is not whole."""
    try:
        order = ">" if messages[here + 2] else "<"
        message, count = _FIXED[order].unpack_from(messages, here)
        first = here + _FIXED[order].size
        end = first + _FIELD_SIZE * count
        sizes = messages[first + 1 : end : _FIELD_SIZE]
        if messages[here] & _WITH_DEVELOPER:
            first_own, end = end + 1, end + 1 + _FIELD_SIZE * messages[end]
            sizes += messages[first_own + 1 : end : _FIELD_SIZE]
    except (IndexError, error):
        return None
    if end > len(messages):
        return None
    numbers = messages[first : first + _FIELD_SIZE * count : _FIELD_SIZE]
    return end, Layout(message=message, order=order, numbers=tuple(numbers), sizes=tuple(sizes))
