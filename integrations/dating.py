"""When a recording was begun, from its first bytes: enough to take a decade's newest runs first.

A guess for sorting and for finding a run's title again, never the date that is stored.
"""

import re
import struct
from datetime import UTC, datetime, timedelta

FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
# FIT: the message "file_id" (0) stands first and holds "time_created" (4), seconds since the epoch.
FILE_ID, TIME_CREATED = 0, 4
IS_DEFINITION, HAS_DEVELOPER_FIELDS, LOCAL_TYPE = 0x40, 0x20, 0x0F
# Definitions and messages that may stand before it in a file that keeps to no order.
LOOKED_AT = 8
TIMES = {"gpx": re.compile(rb"<time>\s*([^<]+?)\s*<"), "tcx": re.compile(rb"<Id>\s*([^<]+?)\s*<")}


def begun(media_type: str, head: bytes) -> datetime | None:
    """Return when a recording was begun by its first few kilobytes, None where they do not tell."""
    try:
        return _fit(head) if media_type == "fit" else _written(media_type, head)
    except (LookupError, ValueError, OverflowError, struct.error):
        return None


def _fit(head: bytes) -> datetime | None:
    if head[8:12] != b".FIT":
        return None
    place = head[0]
    definitions: dict[int, tuple[int, str, list[tuple[int, int]], int]] = {}
    for _ in range(LOOKED_AT):
        header = head[place]
        place += 1
        if header & IS_DEFINITION:
            definitions[header & LOCAL_TYPE], place = _definition(head, place, header)
            continue
        message, order, fields, length = definitions[header & LOCAL_TYPE]
        if message == FILE_ID:
            return _time_created(head, place, order, fields)
        place += length
    return None


def _definition(head: bytes, place: int, header: int) -> tuple[tuple[int, str, list[tuple[int, int]], int], int]:
    order = ">" if head[place + 1] else "<"
    (message,) = struct.unpack_from(f"{order}H", head, place + 2)
    count = head[place + 4]
    place += 5
    fields = [(head[place + 3 * number], head[place + 3 * number + 1]) for number in range(count)]
    place += 3 * count
    length = sum(size for _, size in fields)
    if header & HAS_DEVELOPER_FIELDS:
        length += sum(head[place + 3 * number + 2] for number in range(head[place]))
        place += 1 + 3 * head[place]
    return (message, order, fields, length), place


def _time_created(head: bytes, place: int, order: str, fields: list[tuple[int, int]]) -> datetime | None:
    for number, size in fields:
        if number == TIME_CREATED:
            (seconds,) = struct.unpack_from(f"{order}I", head, place)
            return FIT_EPOCH + timedelta(seconds=seconds) if 0 < seconds < 2**32 - 1 else None
        place += size
    return None


def _written(media_type: str, head: bytes) -> datetime | None:
    found = TIMES[media_type].search(head) if media_type in TIMES else None
    if found is None:
        return None
    moment = datetime.fromisoformat(found[1].decode("ascii"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
