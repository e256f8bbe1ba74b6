"""TCX files (Garmin's Training Center): laps of tracks of points, with what the watch counted.

Places are not read: the file states the distance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import isnan, nan
from typing import ClassVar
from xml.etree.ElementTree import Element

import numpy as np

from integrations._samples.decoded import numbered
from integrations._samples.records import Records
from integrations._samples.segments import Sampled, sampled
from integrations._samples.sports import GENERIC, named
from integrations._xml import Document, as_number, local, moment, number, text
from service.domain.activity import Activity, Lap, Ref
from service.ports import Decoded, Malformed, Raw

# 100 h at 1 Hz are 360,000 points.
MAX_POINTS = 500_000
_WIDTH = 6

NOTHING = "not an activity: a TCX file without one, perhaps a course or a workout"

_TRIGGERS = {"Manual": "manual", "Distance": "distance", "Location": "distance", "Time": "time"}
_INTENSITIES = {"Active": "active", "Resting": "rest"}


@dataclass(slots=True)
class _Lap:
    """A lap as it is read: its own element, and stretches of points (time, distance, speed, heart rate, cadence, m)."""

    begins: datetime | None
    seconds: float = nan
    metres: float = nan
    heart_rate: float = nan
    highest: float = nan
    trigger: str = ""
    intensity: str = ""
    stretches: list[list[tuple[float, ...]]] = field(default_factory=list)


@dataclass(slots=True)
class _Activity:
    """An activity as it is read."""

    sport: str
    begins: datetime | None = None
    device: str = ""
    title: str = ""
    laps: list[_Lap] = field(default_factory=list)


class Decoder:
    """Reads TCX files of any app (Decoder)."""

    media_types: ClassVar[frozenset[str]] = frozenset({"tcx"})

    def decode(self, raw: Raw) -> Decoded:
        """Return an activity for each one in the file, or why there is none; raise Malformed as a Document does."""
        document = Document(raw.body, "TrainingCenterDatabase", "TCX")
        ref = Ref(source=raw.source, external_id=raw.external_id)
        read = list(_activities(document))
        found = [made for one in read if (made := _made(one, document.trouble, ref)) is not None]
        if found:
            return Decoded(activities=tuple(numbered(found, raw.received_at)))
        if document.trouble:
            raise Malformed("The file is damaged before anything could be used: export it again.")
        return Decoded(skipped=NOTHING)


def _activities(document: Document) -> Iterator[_Activity]:
    """Yield the activities as they end; the one a damaged file breaks off in comes last."""
    activity: _Activity | None = None
    inside: list[str] = []
    points = 0
    for event, name, element in document.events():
        if event == "start":
            inside.append(name)
            if name == "Activity":
                activity = _Activity(sport=element.get("Sport") or "")
            elif activity is not None:
                _begin(activity, name, element)
            continue
        inside.pop()
        if activity is None:
            continue
        if name == "Activity":
            yield activity
            activity = None
        elif name == "Trackpoint" and activity.laps and activity.laps[-1].stretches:
            points += 1
            if points > MAX_POINTS:
                raise Malformed("The file holds more points than any recording needs, so it was left alone.")
            activity.laps[-1].stretches[-1].append(_point(element))
            element.clear()
        else:
            _end(activity, name, element, inside)
    if activity is not None:
        yield activity


def _begin(activity: _Activity, name: str, element: Element) -> None:
    if name == "Lap":
        activity.laps.append(_Lap(begins=moment(element.get("StartTime"))))
    elif name == "Track" and activity.laps:
        activity.laps[-1].stretches.append([])


def _end(activity: _Activity, name: str, element: Element, inside: Sequence[str]) -> None:
    parent = inside[-1] if inside else ""
    if name == "Lap" and activity.laps:
        lap = activity.laps[-1]
        lap.seconds, lap.metres = number(element, "TotalTimeSeconds"), number(element, "DistanceMeters")
        lap.heart_rate = number(element, "AverageHeartRateBpm", "Value")
        lap.highest = number(element, "MaximumHeartRateBpm", "Value")
        lap.trigger = _TRIGGERS.get(text(element, "TriggerMethod"), "")
        lap.intensity = _INTENSITIES.get(text(element, "Intensity"), "")
        element.clear()
    elif name == "Id" and parent == "Activity":
        activity.begins = moment(element.text)
    elif name == "Name" and parent == "Creator":
        activity.device = text(element)
    elif name == "Name" and parent == "Plan":
        activity.title = text(element)


def _point(element: Element) -> tuple[float, ...]:
    told = {local(one.tag): one.text for one in element.iter()}
    when = moment(told.get("Time"))
    values = (told.get(name) for name in ("DistanceMeters", "Speed", "Value"))
    cadence = told.get("RunCadence") or told.get("Cadence")
    return (
        nan if when is None else when.timestamp(),
        *map(as_number, values),
        as_number(cadence),
        as_number(told.get("AltitudeMeters")),
    )


def _made(read: _Activity, trouble: str, ref: Ref) -> Activity | None:
    sport, sub_sport = named(read.sport)
    found = sampled([_records(stretch) for lap in read.laps for stretch in lap.stretches], sport)
    begins = _begins(read, found)
    elapsed = _elapsed_s(read, begins, found)
    if begins is None or elapsed <= 0:
        return None
    moving, average, highest = _moving_s(read, elapsed, found), *_heart_rates(read, found)
    return Activity(
        ref=ref,
        sport=sport or GENERIC,
        sub_sport=sub_sport,
        started_at=begins,
        elapsed_s=elapsed,
        moving_s=moving,
        distance_m=_total([lap.metres for lap in read.laps]) or (found.distance_m if found else None),
        avg_hr=average,
        max_hr=highest,
        streams=None if found is None else found.streams,
        laps=tuple(_laps(read.laps, begins, elapsed)),
        pauses=() if found is None else found.pauses,
        device=read.device,
        title=read.title,
        notes=tuple(filter(None, (trouble, found.left_out if found else ""))),
    )


def _records(stretch: Sequence[tuple[float, ...]]) -> Records:
    time, distance, speed, heart_rate, cadence, altitude = np.array(stretch).reshape(-1, _WIDTH).T
    return Records(time=time, distance=distance, speed=speed, heart_rate=heart_rate, cadence=cadence, altitude=altitude)


def _begins(read: _Activity, found: Sampled | None) -> datetime | None:
    """Return the moment of the first sample; without samples what the file states."""
    if found is not None:
        return datetime.fromtimestamp(found.begins, UTC)
    return next((lap.begins for lap in read.laps if lap.begins is not None), read.begins)


def _elapsed_s(read: _Activity, begins: datetime | None, found: Sampled | None) -> float:
    if found is not None:
        return found.elapsed_s
    last = next((lap for lap in reversed(read.laps) if not isnan(lap.seconds)), None)
    if last is None or begins is None:
        return 0.0
    return ((last.begins or begins) - begins + timedelta(seconds=last.seconds)).total_seconds()


def _moving_s(read: _Activity, elapsed: float, found: Sampled | None) -> float:
    stated = _total([lap.seconds for lap in read.laps])
    if stated is not None:
        return min(stated, elapsed)
    return elapsed if found is None else found.moving_s


def _total(values: Sequence[float]) -> float | None:
    """Return the sum where each lap states its part."""
    total = sum(values)
    return total if values and total > 0 else None  # a sum with a NaN in it is not above zero


def _heart_rates(read: _Activity, found: Sampled | None) -> tuple[float | None, float | None]:
    if found is not None and found.heart_rates[0] is not None:
        return found.heart_rates
    told = [(lap.heart_rate, lap.seconds) for lap in read.laps if lap.heart_rate > 0 and lap.seconds > 0]
    seconds = sum(length for _, length in told)
    highest = [lap.highest for lap in read.laps if lap.highest > 0]
    average = sum(rate * length for rate, length in told) / seconds if seconds else None
    return average, max(highest, default=None)


def _laps(laps: Sequence[_Lap], begins: datetime, elapsed: float) -> Iterator[Lap]:
    for lap in laps:
        after = 0.0 if lap.begins is None else (lap.begins - begins).total_seconds()
        if lap.seconds > 0 and after >= -1.0 and after + lap.seconds <= elapsed + 1.0:
            yield Lap(
                start_s=max(after, 0.0),
                elapsed_s=lap.seconds,
                distance_m=lap.metres if lap.metres > 0 else None,
                avg_hr=lap.heart_rate if lap.heart_rate > 0 else None,
                trigger=lap.trigger,
                intensity=lap.intensity,
            )
