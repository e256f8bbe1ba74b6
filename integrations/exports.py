"""The tables that lie beside the recordings in a bulk export: what the runner called each run, and its sport.

Strava: activities.csv, a row an activity with the name of its file. Garmin: *_summarizedActivities.json, by start.
Columns and words may be in the runner's language; what is not understood is left to the recording itself.
"""

import csv
import io
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from integrations._samples.sports import named
from service.domain.activity import SAME_START_S
from service.ports import Malformed

STRAVA, GARMIN = "activities.csv", "_summarizedactivities.json"
# Sports an export's word is believed on; another word may be one of a language not known here.
_KNOWN = frozenset({"running", "cycling", "walking", "hiking"})

# Strava's columns where their names are in another language: the order is the same.
_NAME, _TYPE = 2, 3
_FOLDER = "activities/"

NOT_READ = "this table of an export cannot be read, so titles come from the recordings alone"


@dataclass(frozen=True, slots=True)
class Told:
    """What a table says of a recording; "" for what it does not say. `sport` has FIT's name."""

    title: str = ""
    sport: str = ""


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class Table:
    """What one table says, by the recording's file (from the table's folder, without ".gz") and by its start."""

    by_file: Mapping[str, Told]
    by_start: Sequence[tuple[datetime, Told]] = ()

    def told(self, file: str, begun_at: datetime) -> Told | None:
        """Return what the table says of a recording, None where it does not know it."""
        return self.by_file.get(without_gz(file)) or self._begun(begun_at)

    def _begun(self, moment: datetime) -> Told | None:
        place = bisect_left(self.by_start, moment, key=lambda pair: pair[0])
        near = self.by_start[max(place - 1, 0) : place + 1]
        begun, told = min(
            near, key=lambda pair: abs(pair[0] - moment), default=(datetime.max.replace(tzinfo=UTC), None)
        )
        return told if abs(begun - moment) <= timedelta(seconds=SAME_START_S) else None


def is_table(name: str) -> bool:
    """Return whether a file's name is that of an export's table."""
    base = PurePosixPath(name).name.lower()
    return base == STRAVA or base.endswith(GARMIN)


def read(name: str, body: bytes) -> Table:
    """Return what a table says; raise Malformed where it cannot be read."""
    try:
        text = body.decode("utf-8-sig")
        if name.lower().endswith(GARMIN):
            return Table({}, sorted(_garmin(json.loads(text)), key=lambda pair: pair[0]))
        return Table(dict(_strava(list(csv.reader(io.StringIO(text, newline=""), strict=True)))))
    except (ValueError, csv.Error, RecursionError) as exc:
        raise Malformed(NOT_READ) from exc


def without_gz(name: str) -> str:
    """Return a file's name without the ".gz" that says it is packed."""
    return name.removesuffix(".gz")


def _strava(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, Told]]:
    if not rows:
        return
    header, *activities = rows
    name, kind = (
        header.index(word) if word in header else at
        for word, at in (("Activity Name", _NAME), ("Activity Type", _TYPE))
    )
    for row in activities:
        file = next((cell for cell in row if cell.startswith(_FOLDER)), "")
        if file and len(row) > max(name, kind):
            yield without_gz(file), Told(title=row[name].strip(), sport=_sport(row[kind]))


def _garmin(told: object) -> Iterator[tuple[datetime, Told]]:
    for part in told if isinstance(told, list) else [told]:
        for activity in part.get("summarizedActivitiesExport", ()) if isinstance(part, dict) else ():
            begun = _milliseconds(activity.get("beginTimestamp")) if isinstance(activity, dict) else None
            if begun is not None:
                title, kind = activity.get("name"), activity.get("activityType")
                yield begun, Told(title=_word(title), sport=_sport(_word(kind)))


def _milliseconds(value: object) -> datetime | None:
    if not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _word(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _sport(word: str) -> str:
    sport, _ = named(word)
    return sport if sport in _KNOWN else ""
