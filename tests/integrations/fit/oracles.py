"""Two decoders by other hands, as judges of ours: what they say of a file's records, in our columns.

Neither is used by the product. Both name the fields as the profile does; developer fields are left aside.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from fitdecode import FitDataMessage, FitReader
from fitdecode.reader import CrcCheck, ErrorHandling
from pyfitparsernative import parse_fit_bytes

from integrations._samples.records import Records
from integrations.fit.profile import EPOCH

type Told = Mapping[str, Any]

# Of several names the first one with a value counts: enhanced ones have more digits.
_NAMES = {
    "time": ("timestamp",),
    "distance": ("distance",),
    "speed": ("enhanced_speed", "speed"),
    "heart_rate": ("heart_rate",),
    "cadence": ("cadence", "cadence256"),
    "fraction": ("fractional_cadence",),
    "altitude": ("enhanced_altitude", "altitude"),
}


class GaveUpError(Exception):
    """The judge could not read the file."""


def fitdecode(body: bytes) -> Records:
    """Return the records as fitdecode reads them; raise GaveUpError where it cannot."""
    return _records(body, _by_fitdecode)


def native(body: bytes) -> Records:
    """Return the records as pyfitparsernative (in Rust) reads them; raise GaveUpError where it cannot."""
    return _records(body, _by_native)


JUDGES = (fitdecode, native)


def _by_fitdecode(body: bytes) -> Iterator[Told]:
    with FitReader(body, check_crc=CrcCheck.DISABLED, error_handling=ErrorHandling.IGNORE) as frames:
        for frame in frames:
            if isinstance(frame, FitDataMessage) and frame.name == "record":
                told: dict[str, Any] = {}
                for field in frame.fields:
                    if field.value is not None and not getattr(field.field_def, "is_dev", False):
                        told.setdefault(field.name, field.value)
                yield told


def _by_native(body: bytes) -> Iterator[Told]:
    for message in parse_fit_bytes(body):
        if message["message_type"] == "record":
            when = message.get("timestamp")
            yield message | ({"timestamp": datetime.fromisoformat(when).replace(tzinfo=UTC)} if when else {})


def _records(body: bytes, judge: Callable[[bytes], Iterator[Told]]) -> Records:
    try:
        rows = [[_number(told, names) for names in _NAMES.values()] for told in judge(body)]
    except BaseException as fault:  # Rust's panics are not Exceptions
        if isinstance(fault, KeyboardInterrupt):
            raise
        raise GaveUpError(type(fault).__name__) from fault
    table = dict(zip(_NAMES, np.array(rows, dtype=float).reshape(-1, len(_NAMES)).T, strict=True))
    fraction = np.nan_to_num(table.pop("fraction"))
    return Records(**table | {"cadence": table["cadence"] + fraction})


def _number(told: Told, names: tuple[str, ...]) -> float:
    for name in names:
        value = told.get(name)
        if isinstance(value, (tuple, list)):
            value = next((single for single in value if single is not None), None)
        if isinstance(value, datetime):
            return (value.astimezone(UTC) - EPOCH).total_seconds()
        if isinstance(value, (int, float)):
            return float(value)
    return np.nan
