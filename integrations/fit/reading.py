"""Reading: bytes -> plain messages. The only door to fitparse, and the place that bounds what a file may cost.

Nearly all of a file are records, and all records of one layout mean the same. So fitparse reads the layouts and the
few other messages, and says what they mean; the records are lifted out as columns by that meaning. A file where a value
hangs on the messages before it is read by fitparse alone.

fitparse's decoder is used without its unit and type processors: times stay seconds, which is what one computes with.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import thread_time
from typing import Any

import numpy as np
from fitparse import FitFileDecoder
from fitparse.profile import FIELD_TYPE_TIMESTAMP, MESSAGE_TYPES
from numpy.typing import NDArray

from integrations._samples.records import Records
from integrations.fit.container import CUT_SHORT, Piece, header
from integrations.fit.lifting import Source, UnusualError, lifted
from integrations.fit.meaning import Slot, first_values, sources
from integrations.fit.messages import Message, Recording
from integrations.fit.outline import COMPRESSED, Outline, outline
from integrations.fit.stamps import Clock, stamps
from service.ports import Malformed

# 100 h at 1 Hz are 360,000 records. A megabyte of records without fields would be a million messages.
MAX_MESSAGES = 500_000
# Message by message an hour at 1 Hz takes 0.4 s on a desktop, 2 s on a small board; a hundred hours there take 200 s.
MAX_CPU_S = 240.0
# Asking for the time now and then is enough: even the largest message FIT allows is read in 20 ms.
_CLOCK_EVERY = 64

KEPT = frozenset({"file_id", "session", "lap", "event", "activity", "sport", "workout", "hr"})
_STAMP_SIZE = 4
_NEEDED = KEPT | {"developer_data_id", "field_description"}
_NEEDED_NUMBERS = [number for number, kind in MESSAGE_TYPES.items() if kind.name in _NEEDED]
_RECORD = next(number for number, kind in MESSAGE_TYPES.items() if kind.name == "record")


class Budget:
    """What reading one body may cost, however many files it holds."""

    def __init__(self, messages: int = MAX_MESSAGES, cpu_s: float = MAX_CPU_S) -> None:
        self.messages_left = messages
        self._until = thread_time() + cpu_s

    def spend(self, messages: int) -> None:
        """Count messages; raise Malformed where they are more than any recording needs."""
        self.messages_left -= messages
        if self.messages_left < 0:
            raise Malformed("The file holds more messages than any recording needs, so it was left alone.")

    def check(self) -> None:
        """Raise Malformed where too much time has gone."""
        if thread_time() > self._until:
            raise Malformed("The file takes far too long to read, so it was left alone.")


def read(piece: Piece, budget: Budget) -> Recording:
    """Return what one file says, up to where it breaks off; raise Malformed where the budget is spent."""
    outlined = _outlined(piece, budget)
    try:
        return _lifting(piece, outlined, budget)
    except UnusualError:
        return _plainly(piece, budget)


def read_plainly(piece: Piece, budget: Budget) -> Recording:
    """Return the same as `read`, message by message: the measure of what lifting must find."""
    _outlined(piece, budget)
    return _plainly(piece, budget)


def _outlined(piece: Piece, budget: Budget) -> Outline:
    found = outline(piece.messages, budget.messages_left + 1)
    budget.spend(len(found.begins) + len(found.definitions))
    return found


@dataclass(slots=True)
class _Told:
    """What fitparse said of some messages: how many it read before it was done, or before they broke off."""

    definitions: list[Any] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)
    kept: dict[str, list[Message]] = field(default_factory=dict)
    count: int = 0
    whole: bool = False


def _plainly(piece: Piece, budget: Budget) -> Recording:
    told = _interpreted(piece.messages, budget)
    return _recording(piece, told, _table(told.rows))


def _lifting(piece: Piece, outlined: Outline, budget: Budget) -> Recording:
    begins, definitions, kinds = outlined.columns()
    body = np.frombuffer(piece.messages, dtype=np.uint8)
    needed, counting_on = np.isin(kinds, _NEEDED_NUMBERS), body[begins] >= COMPRESSED
    if (counting_on & needed).any() or piece.messages[outlined.end : outlined.end + 1] >= bytes([COMPRESSED]):
        raise UnusualError("a message whose time counts on from a record's")
    spans = _spans(outlined, np.flatnonzero(needed), len(body))
    told = _interpreted(b"".join(piece.messages[first:last] for first, last in spans), budget)
    readable = len(body) if told.whole or told.count == len(spans) else spans[told.count][0]
    records = (kinds == _RECORD) & (begins < readable)
    meaning, same = _meaning(told.definitions, outlined)
    table = lifted(body, begins[records], same[definitions[records]], meaning, len(Slot))
    if counting_on.any():
        in_headers = stamps(piece.messages, outlined, _clocks(told.definitions, outlined))[records]
        table[:, Slot.TIME] = np.where(np.isnan(table[:, Slot.TIME]), in_headers, table[:, Slot.TIME])
    return _recording(piece, told, np.concatenate([table, _table(told.rows)]))


def _spans(outlined: Outline, needed: Iterable[int], size: int) -> list[tuple[int, int]]:
    """Return the bytes fitparse is to read: all definitions, the messages needed, and what could not be walked over."""
    defined = [(first, last) for first, last, _ in outlined.definitions]
    return sorted([*defined, *map(outlined.span, needed), (outlined.end, size)])


def _meaning(definitions: Sequence[Any], outlined: Outline) -> tuple[dict[int, tuple[Source, ...]], NDArray[np.int64]]:
    """Return what records hold, one entry for definitions that say the same, and which entry each definition has."""
    entries: dict[tuple[Source, ...], int] = {}
    same = np.zeros(len(outlined.definitions), dtype=np.int64)
    for number, (definition, (_, _, layout)) in enumerate(zip(definitions, outlined.definitions, strict=False)):
        if layout.message == _RECORD:
            same[number] = entries.setdefault(tuple(sources(definition, layout)), len(entries))
    return {entry: found for found, entry in entries.items()}, same


def _clocks(definitions: Sequence[Any], outlined: Outline) -> dict[int, Clock]:
    """Return by definition where its messages' own time stamp lies, and its byte order."""
    found = {}
    for number, (definition, (_, _, layout)) in enumerate(zip(definitions, outlined.definitions, strict=False)):
        for defined, place in zip(definition.field_defs, layout.offsets, strict=False):
            if defined.def_num == FIELD_TYPE_TIMESTAMP.def_num:
                if defined.base_type.name != "uint32" or defined.size != _STAMP_SIZE:
                    raise UnusualError("a time stamp of another type")
                found[number] = Clock(f"{layout.order}I", place)
    return found


def _interpreted(messages: bytes, budget: Budget) -> _Told:
    told = _Told()
    with warnings.catch_warnings():
        # fitparse warns of what it mends: odd field sizes, developer fields without a description. Two threads at once
        # may leave the filter behind, which does no harm: it names fitparse alone.
        warnings.filterwarnings("ignore", module=r"fitparse\.")
        try:
            _walk(messages, budget, told)
            told.whole = True
        except Malformed:
            raise
        except Exception:  # noqa: BLE001, S110 - on damaged bytes fitparse leaks whatever its code meets, AttributeError included
            pass
    return told


def _walk(messages: bytes, budget: Budget, told: _Told) -> None:
    decoder = FitFileDecoder(header(len(messages)) + messages, check_crc=False, check_developer_data=False)
    budget.check()
    for message in decoder.get_messages(with_definitions=True):
        told.count += 1
        if told.count % _CLOCK_EVERY == 0:
            budget.check()
        if message.type != "data":
            told.definitions.append(message)
        elif message.name == "record":
            told.rows.append(first_values(message.fields))
        elif message.name in KEPT:
            told.kept.setdefault(message.name, []).append(_plain(message.fields))


def _plain(found: Iterable[Any]) -> Message:
    plain: dict[str, object] = {}
    for data in found:
        if data.field is not None and data.value is not None and data.field.field_type != "devfield":
            plain.setdefault(data.field.name, data.value)
    return plain


def _table(rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    return np.array(rows, dtype=np.float64).reshape(-1, len(Slot))


def _recording(piece: Piece, told: _Told, table: NDArray[np.float64]) -> Recording:
    trouble = piece.trouble
    if not told.whole and trouble != CUT_SHORT:
        trouble = f"The file is damaged after {len(table)} samples: what came before is kept."
    table = np.where(np.isfinite(table), table, np.nan)
    records = Records(
        time=table[:, Slot.TIME],
        distance=table[:, Slot.DISTANCE],
        speed=table[:, Slot.SPEED],
        heart_rate=table[:, Slot.HEART_RATE],
        cadence=table[:, Slot.CADENCE] + np.nan_to_num(table[:, Slot.FRACTION]),
        altitude=table[:, Slot.ALTITUDE],
    )
    return Recording(messages=told.kept, records=records, trouble=(trouble,) if trouble else ())
