"""A small FIT writer: bytes of definitions, messages and files, with the freedom to write odd ones.

Nothing is checked: a test may ask for a size no type has, or a checksum that does not match.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import pack

import numpy as np

from integrations.fit.crc import crc16
from integrations.fit.profile import STRING, BaseType, Field, MessageType

type Value = float | str | bytes | None

_DEFINITION, _WITH_DEVELOPER, _COMPRESSED = 0x40, 0x20, 0x80
_PROTOCOL, _PROFILE = 0x20, 21_158
_LONGEST_FIELD = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One field in a definition. `size` in bytes may be several times the type's (an array), or anything else."""

    number: int
    base: BaseType
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeveloperSlot:
    """One developer field in a definition; its type stands in a field description message."""

    number: int
    index: int
    base: BaseType
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How messages under a local number are laid out."""

    message: int
    slots: Sequence[Slot]
    developer: Sequence[DeveloperSlot] = ()
    local: int = 0
    big_endian: bool = False

    def definition(self) -> bytes:
        """Return the definition message."""
        kind = _DEFINITION | (_WITH_DEVELOPER if self.developer else 0)
        written = pack("BBB", kind | self.local, 0, self.big_endian)
        written += pack(">HB" if self.big_endian else "<HB", self.message, len(self.slots))
        written += b"".join(pack("BBB", slot.number, slot.size, slot.base.code) for slot in self.slots)
        if self.developer:
            written += pack("B", len(self.developer))
            written += b"".join(pack("BBB", slot.number, slot.size, slot.index) for slot in self.developer)
        return written

    def data(self, *values: Value) -> bytes:
        """Return a message of stored values, None for "no value"; bytes are written as they are."""
        return pack("B", self.local) + self._content(values)

    def compressed(self, time_offset: int, *values: Value) -> bytes:
        """Return a message with the last five bits of its time in its header."""
        return pack("B", _COMPRESSED | self.local << 5 | time_offset & 0x1F) + self._content(values)

    def _content(self, values: Sequence[Value]) -> bytes:
        slots: list[Slot | DeveloperSlot] = [*self.slots, *self.developer]
        return b"".join(_stored(value, slot, self.big_endian) for slot, value in zip(slots, values, strict=True))


def _stored(value: Value, slot: Slot | DeveloperSlot, big_endian: bool) -> bytes:  # noqa: FBT001 - as the format has it
    if isinstance(value, str):
        return value.encode().ljust(slot.size, b"\0")[: slot.size]
    if isinstance(value, bytes):
        return value
    if slot.base is STRING:
        return bytes(slot.size)
    number = slot.base.invalid if value is None else round(value)
    return number.to_bytes(slot.size, "big" if big_endian else "little", signed=number < 0)


def message(kind: MessageType, **values: Value) -> bytes:
    """Return a definition under local number 0 and one message of it, from values in SI units (bytes as they are)."""
    slots, stored = [], []
    for name, value in values.items():
        field = kind.fields[name]
        slots.append(Slot(number=field.number, base=field.base, size=_size(value, field)))
        stored.append(_scaled(value, field))
    layout = Layout(message=kind.number, slots=slots)
    return layout.definition() + layout.data(*stored)


def _size(value: Value, field: Field) -> int:
    if isinstance(value, str):
        return min(len(value.encode()) + 1, _LONGEST_FIELD)
    return len(value) if isinstance(value, bytes) else np.dtype(field.base.letter).itemsize


def _scaled(value: Value, field: Field) -> Value:
    if isinstance(value, (int, float)):
        return value * field.scale + field.offset
    return value


def table(kind: MessageType, columns: Mapping[str, np.ndarray], *, local: int = 0) -> tuple[bytes, np.ndarray]:
    """Return a definition and the messages of whole columns, one array item (header included) a message.

    Values are in SI units; NaN becomes "no value", as does what the type cannot hold.
    """
    fields = {name: kind.fields[name] for name in columns}
    dtype = np.dtype([("header", "u1"), *((name, f"<{field.base.letter}") for name, field in fields.items())])
    rows = np.empty(len(next(iter(columns.values()))), dtype=dtype)
    rows["header"] = local
    for name, field in fields.items():
        stored = np.rint(columns[name] * field.scale + field.offset)
        limits = np.iinfo(dtype[name])
        held = (stored >= limits.min) & (stored <= limits.max)
        rows[name] = np.where(held, stored, field.base.invalid)
    slots = [Slot(number=field.number, base=field.base, size=dtype[name].itemsize) for name, field in fields.items()]
    return Layout(message=kind.number, slots=slots, local=local).definition(), rows


def fit_file(*messages: bytes, header_size: int = 14, data_size: int | None = None, crc: int | None = None) -> bytes:
    """Return a FIT file. `data_size` and `crc` are the right ones unless told otherwise."""
    content = b"".join(messages)
    stated = len(content) if data_size is None else data_size
    head = pack("<BBHI4s", header_size, _PROTOCOL, _PROFILE, stated, b".FIT")
    head += pack("<H", crc16(head)).ljust(header_size - len(head), b"\0") if header_size > len(head) else b""
    return head + content + pack("<H", crc16(head + content) if crc is None else crc)
