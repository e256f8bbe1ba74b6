"""Reading: bytes -> plain messages. The only door to fitparse, and the place that bounds what a file may cost.

fitparse's decoder is used without its unit and type processors: times stay seconds, which is what one computes with.
"""

import warnings
from collections.abc import Iterable
from time import thread_time
from typing import Any

import numpy as np
from fitparse import FitFileDecoder

from integrations.fit.container import CUT_SHORT, Piece, header
from integrations.fit.messages import Message, Recording, Records, no_records
from service.ports import Malformed

# 100 h at 1 Hz are 360,000 records. A megabyte of records without fields would be a million messages.
MAX_MESSAGES = 500_000
# An hour at 1 Hz takes 0.4 s on a desktop and 2 s on a small board; a hundred such hours there take 200 s.
MAX_CPU_S = 240.0
# Asking for the time now and then is enough: even the largest message FIT allows is read in 20 ms.
_CLOCK_EVERY = 64

KEPT = frozenset({"file_id", "session", "lap", "event", "activity", "sport", "workout", "hr"})

_TIME, _DISTANCE, _SPEED, _HEART_RATE, _CADENCE, _FRACTION, _ALTITUDE = range(7)
_NATIVE = {
    "timestamp": _TIME,
    "distance": _DISTANCE,
    "enhanced_speed": _SPEED,
    "speed": _SPEED,
    "heart_rate": _HEART_RATE,
    "cadence": _CADENCE,
    "cadence256": _CADENCE,
    "fractional_cadence": _FRACTION,
    "enhanced_altitude": _ALTITUDE,
    "altitude": _ALTITUDE,
}
# A developer field stands in for a native one only where its description says so, in the native field's own unit.
_DEVELOPER = {
    (2, "m"): _ALTITUDE,
    (3, "bpm"): _HEART_RATE,
    (4, "rpm"): _CADENCE,
    (5, "m"): _DISTANCE,
    (6, "m/s"): _SPEED,
}


class Budget:
    """What reading one body may cost, however many files it holds."""

    def __init__(self, messages: int = MAX_MESSAGES, cpu_s: float = MAX_CPU_S) -> None:
        self._left = messages
        self._until = thread_time() + cpu_s

    def spend(self) -> None:
        """Count one message; raise Malformed where it is one too many, or where too much time has gone."""
        self._left -= 1
        if self._left < 0:
            raise Malformed("The file holds more messages than any recording needs, so it was left alone.")
        if self._left % _CLOCK_EVERY == 0 and thread_time() > self._until:
            raise Malformed("The file takes far too long to read, so it was left alone.")


def read(piece: Piece, budget: Budget) -> Recording:
    """Return what one file says, up to where it breaks off; raise Malformed where the budget is spent."""
    rows: list[list[float]] = []
    kept: dict[str, list[Message]] = {}
    trouble = piece.trouble
    with warnings.catch_warnings():
        # fitparse warns of what it mends: odd field sizes, developer fields without a description. Two threads at once
        # may leave the filter behind, which does no harm: it names fitparse alone.
        warnings.filterwarnings("ignore", module=r"fitparse\.")
        try:
            _walk(piece.messages, budget, rows, kept)
        except Malformed:
            raise
        except Exception:  # noqa: BLE001 - on damaged bytes fitparse leaks whatever its code meets, AttributeError included
            if trouble != CUT_SHORT:
                trouble = f"The file is damaged after {len(rows)} samples: what came before is kept."
    return Recording(messages=kept, records=_columns(rows), trouble=(trouble,) if trouble else ())


def _walk(messages: bytes, budget: Budget, rows: list[list[float]], kept: dict[str, list[Message]]) -> None:
    decoder = FitFileDecoder(header(len(messages)) + messages, check_crc=False, check_developer_data=False)
    for message in decoder.get_messages(with_definitions=True):
        budget.spend()
        if message.type != "data":
            continue
        name = message.name
        if name == "record":
            rows.append(_row(message.fields))
        elif name in KEPT:
            kept.setdefault(name, []).append(_plain(message.fields))


def _row(found: Iterable[Any]) -> list[float]:
    """Return a record's values by slot: the first valid one of each. Developer fields come after the native ones."""
    row = [np.nan] * 7
    for data in found:
        field, value = data.field, data.value
        if field is None or value is None:
            continue
        slot = _slot(field)
        if slot is None or row[slot] == row[slot]:  # the quickest way to ask whether it is a number already
            continue
        if isinstance(value, tuple) and slot != _TIME:
            value = next((single for single in value if single is not None), None)
        if isinstance(value, (int, float)):
            row[slot] = value
    return row


def _slot(field: Any) -> int | None:  # noqa: ANN401 - fitparse ships no types
    if field.field_type == "devfield":
        return _DEVELOPER.get((field.native_field_num, str(field.units).lower()))
    return _NATIVE.get(field.name)


def _plain(found: Iterable[Any]) -> Message:
    plain: dict[str, object] = {}
    for data in found:
        if data.field is not None and data.value is not None and data.field.field_type != "devfield":
            plain.setdefault(data.field.name, data.value)
    return plain


def _columns(rows: list[list[float]]) -> Records:
    if not rows:
        return no_records()
    table = np.array(rows, dtype=np.float64)
    table[~np.isfinite(table)] = np.nan
    return Records(
        time=table[:, _TIME],
        distance=table[:, _DISTANCE],
        speed=table[:, _SPEED],
        heart_rate=table[:, _HEART_RATE],
        cadence=table[:, _CADENCE] + np.nan_to_num(table[:, _FRACTION]),
        altitude=table[:, _ALTITUDE],
    )
