"""What a record's fields mean to us: which of fitparse's fields holds which of our values, and how it is stored."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import IntEnum
from math import nan
from typing import Any

import numpy as np

from integrations.fit.lifting import Source, UnusualError
from integrations.fit.outline import Layout


class Slot(IntEnum):
    """The values of a record we use, in the order of a row."""

    TIME = 0
    DISTANCE = 1
    SPEED = 2
    HEART_RATE = 3
    CADENCE = 4
    FRACTION = 5
    ALTITUDE = 6


_NATIVE = {
    "timestamp": Slot.TIME,
    "distance": Slot.DISTANCE,
    "enhanced_speed": Slot.SPEED,
    "speed": Slot.SPEED,
    "heart_rate": Slot.HEART_RATE,
    "cadence": Slot.CADENCE,
    "cadence256": Slot.CADENCE,
    "fractional_cadence": Slot.FRACTION,
    "enhanced_altitude": Slot.ALTITUDE,
    "altitude": Slot.ALTITUDE,
}
# A developer field stands in for a native one only where its description says so, in the native field's own unit.
_DEVELOPER = {
    (2, "m"): Slot.ALTITUDE,
    (3, "bpm"): Slot.HEART_RATE,
    (4, "rpm"): Slot.CADENCE,
    (5, "m"): Slot.DISTANCE,
    (6, "m/s"): Slot.SPEED,
}
_TEXT, _BYTES = "string", "byte"


def slot_of(field: Any) -> Slot | None:  # noqa: ANN401 - fitparse ships no types
    """Return which of our values a field of fitparse holds, None where it is none of them."""
    if field.field_type == "devfield":
        return _DEVELOPER.get((field.native_field_num, str(field.units).lower()))
    return _NATIVE.get(field.name)


def first_values(found: Iterable[Any]) -> list[float]:
    """Return a record's values by slot: the first valid one of each. Developer fields come after the native ones."""
    row = [nan] * len(Slot)
    for data in found:
        field, value = data.field, data.value
        if field is None or value is None:
            continue
        slot = slot_of(field)
        if slot is None or row[slot] == row[slot]:  # the quickest way to ask whether it is a number already
            continue
        if isinstance(value, tuple) and slot != Slot.TIME:
            value = next((single for single in value if single is not None), None)
        if isinstance(value, (int, float)):
            row[slot] = value
    return row


def sources(definition: Any, layout: Layout) -> Iterator[Source]:  # noqa: ANN401 - fitparse ships no types
    """Yield where a record of this definition holds our values, in fitparse's order; raise UnusualError as it says."""
    if 0 in layout.sizes:
        raise UnusualError("a field without a size")
    for defined, place in zip([*definition.field_defs, *definition.dev_field_defs], layout.offsets, strict=True):
        if defined.size % defined.base_type.size:
            raise UnusualError("a developer field whose size is no multiple of its type's")
        if defined.field is not None:
            yield from _components(defined, layout.order, place)
            yield from _own(defined, layout.order, place)


def _own(defined: Any, order: str, place: int) -> Iterator[Source]:  # noqa: ANN401 - fitparse ships no types
    slot, kind = slot_of(defined.field), defined.base_type.name
    if slot is None or kind == _TEXT or (slot == Slot.TIME and (kind == _BYTES or _several(defined))):
        return
    if defined.field.subfields:
        raise UnusualError("a field whose meaning hangs on another's")
    yield _source(defined, order, place, slot, defined.field)


def _components(defined: Any, order: str, place: int) -> Iterator[Source]:  # noqa: ANN401 - fitparse ships no types
    """Yield the values a field holds under other names: its lowest bits, or several packed into its bytes."""
    for component in defined.field.components or ():
        slot, kind = _NATIVE.get(component.name), defined.base_type.name
        if slot is None:
            continue
        if kind != _BYTES and (not kind.startswith("uint") or component.bit_offset or _several(defined)):
            raise UnusualError("values packed into something other than a number")
        found = _source(defined, order, place, slot, component)
        if kind == _BYTES or component.accumulate:
            yield replace(found, packed=True)
        else:
            yield replace(found, mask=(1 << min(component.bits, 8 * defined.size)) - 1)


def _several(defined: Any) -> bool:  # noqa: ANN401 - fitparse ships no types
    return bool(defined.size != defined.base_type.size)


def _source(defined: Any, order: str, place: int, slot: Slot, scaled: Any) -> Source:  # noqa: ANN401 - fitparse ships no types
    base = defined.base_type
    dtype = np.dtype(base.fmt).newbyteorder(order)
    return Source(
        slot=slot,
        place=place,
        dtype=dtype.str,
        count=defined.size // base.size,
        invalid=_invalid(base.name, dtype),
        scale=scaled.scale or 1.0,
        offset=scaled.offset or 0.0,
        opaque=base.name == _BYTES,
        names=tuple(defined.field.type.values or ()),
    )


def _invalid(name: str, dtype: np.dtype) -> float:
    """Return the stored number that means "none": the type's largest; zero for the types that end in z."""
    if dtype.kind == "f":
        return nan
    return 0 if name.endswith("z") else int(np.iinfo(dtype).max)
