"""FIT files for tests, built message by message: an ordinary run, to be made odd."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from integrations._samples.records import Records
from integrations.fit import Decoder
from integrations.fit.container import pieces
from integrations.fit.messages import Recording
from integrations.fit.profile import (
    ACTIVITY,
    DEVELOPER_DATA_ID,
    EVENT,
    EVENT_TIMER,
    EVENT_TYPES,
    FIELD_DESCRIPTION,
    FILE_ID,
    FILE_TYPES,
    LAP,
    RECORD,
    SESSION,
    SPORTS,
)
from integrations.fit.reading import Budget, read
from integrations.fit.writer import Value, fit_file, message
from service.domain.activity import Activity
from service.ports import Decoded, Raw

START = 1_100_000_000  # 2024-11-08 11:33:20 UTC
RECEIVED = datetime(2026, 5, 1, 12, tzinfo=UTC)
SPEED = 3.0


def raw(body: bytes) -> Raw:
    return Raw(source="folder", external_id="run.fit", media_type="fit", body=body, received_at=RECEIVED)


def decode(*messages: bytes) -> Decoded:
    return Decoder().decode(raw(fit_file(*messages)))


def only(*messages: bytes) -> Activity:
    (activity,) = decode(*messages).activities
    return activity


def recording(*messages: bytes) -> Recording:
    (piece,) = pieces(fit_file(*messages))
    return read(piece, Budget())


def identity(kind: str = "activity", **more: Value) -> bytes:
    return message(FILE_ID, type=FILE_TYPES[kind], manufacturer=1, product=3113, time_created=START, **more)


def record(second: float, **values: Value) -> bytes:
    return message(RECORD, timestamp=START + second, **values)


def samples(*seconds: float, speed: float = SPEED) -> bytes:
    """Return records of an even run."""
    return b"".join(record(at, distance=at * speed, speed=speed, heart_rate=150, cadence=85) for at in seconds)


def timer(kind: str, second: float) -> bytes:
    return message(EVENT, timestamp=START + second, event=EVENT_TIMER, event_type=EVENT_TYPES[kind])


def session(begins: float = 0, seconds: float = 100, sport: str = "running", **more: Value) -> bytes:
    told: dict[str, Value] = {
        "timestamp": START + begins + seconds,
        "start_time": START + begins,
        "sport": SPORTS[sport],
        "total_elapsed_time": seconds,
        "total_timer_time": seconds,
    }
    return message(SESSION, **(told | more))


def lap(begins: float, seconds: float, **more: Value) -> bytes:
    return message(LAP, start_time=START + begins, total_elapsed_time=seconds, **more)


def closing(second: float, offset_s: float | None) -> bytes:
    local = None if offset_s is None else START + second + offset_s
    return message(ACTIVITY, timestamp=START + second, local_timestamp=local)


def described(number: int, name: str, base_code: int, units: str = "", native: int | None = None) -> bytes:
    """Return a developer field's description, and the application it belongs to."""
    return message(DEVELOPER_DATA_ID, developer_data_index=0) + description(number, name, base_code, units, native)


def description(number: int, name: str, base_code: int, units: str = "", native: int | None = None) -> bytes:
    """Return a developer field's description alone."""
    return message(
        FIELD_DESCRIPTION,
        developer_data_index=0,
        field_definition_number=number,
        fit_base_type_id=base_code,
        field_name=name,
        units=units,
        native_field_num=native,
    )


def columns(time: Sequence[float], **given: Sequence[float]) -> Records:
    """Return records as reading hands them on; what is not given is missing."""
    names = ("distance", "speed", "heart_rate", "cadence", "altitude")
    missing = [np.nan] * len(time)
    return Records(time=np.array(time, float), **{name: np.array(given.get(name, missing), float) for name in names})
