"""GPX files: tracks of points with time, place and altitude, and what an app wrote beside them (heart rate, cadence).

Distance is what lies between the points of a stretch; the points themselves are not kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import nan
from typing import ClassVar
from xml.etree.ElementTree import Element

import numpy as np

from integrations._samples.decoded import numbered
from integrations._samples.records import Records
from integrations._samples.segments import sampled
from integrations._samples.sports import by_speed, named
from integrations._xml import Document, as_number, local, moment, text
from service.domain.activity import RUNNING, Activity, Column, Ref
from service.ports import Decoded, Malformed, Raw

# 100 h at 1 Hz are 360,000 points.
MAX_POINTS = 500_000
_WIDTH = 7
_EARTH_M = 6_371_009.0  # mean radius, IUGG

NO_TIMES = "not an activity: a course or a route, its points have no times"
NOTHING = "not an activity: a GPX file without a track"

# Garmin's extensions and those modelled on them, whatever prefix they come under.
_HEART_RATE = frozenset({"hr", "heartrate", "HeartRateBpm"})
_CADENCE = frozenset({"cad", "cadence", "RunCadence"})
_SPEED = frozenset({"speed"})


@dataclass(slots=True)
class _Track:
    """A track as it is read: stretches of points, each (latitude, longitude, time, speed, heart rate, cadence, m)."""

    name: str = ""
    kind: str = ""
    stretches: list[list[tuple[float, ...]]] = field(default_factory=list)


class Decoder:
    """Reads GPX files of any app (Decoder)."""

    media_types: ClassVar[frozenset[str]] = frozenset({"gpx"})

    def decode(self, raw: Raw) -> Decoded:
        """Return an activity for each track with times, or why there is none; raise Malformed as a Document does."""
        document = Document(raw.body, "gpx", "GPX")
        reading = _Reading(document)
        tracks = list(reading.tracks())
        ref = Ref(source=raw.source, external_id=raw.external_id)
        made = [_activity(track, reading, ref) for track in tracks]
        found = [activity for activity in made if activity is not None]
        if found:
            return Decoded(activities=tuple(numbered(found, raw.received_at)))
        if document.trouble:
            raise Malformed("The file is damaged before anything could be used: export it again.")
        return Decoded(skipped=NO_TIMES if any(track.stretches for track in tracks) or reading.routes else NOTHING)


class _Reading:
    """Reads a document's tracks one by one, and what it says of them all."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.title = self.device = ""
        self.routes = self.points = 0

    def tracks(self) -> Iterator[_Track]:
        """Yield the tracks as they end; the one a damaged file breaks off in comes last."""
        track: _Track | None = None
        inside: list[str] = []
        for event, name, element in self.document.events():
            if event == "start":
                inside.append(name)
                track = self._begun(name, element, track)
                continue
            inside.pop()
            if name == "trk" and track is not None:
                yield track
                track = None
            self._ended(name, element, track, inside)
        if track is not None:
            yield track

    def _begun(self, name: str, element: Element, track: _Track | None) -> _Track | None:
        if name == "gpx":
            self.device = " ".join((element.get("creator") or "").split())
        elif name == "trk":
            return _Track()
        elif name == "trkseg" and track is not None:
            track.stretches.append([])
        return track

    def _ended(self, name: str, element: Element, track: _Track | None, inside: list[str]) -> None:
        parent = inside[-1] if inside else ""
        if name == "trkpt" and track is not None and track.stretches:
            track.stretches[-1].append(self._counted(element))
            element.clear()
        elif name == "rtept":
            self.routes += 1
            element.clear()
        elif name == "name" and parent == "trk" and track is not None:
            track.name = text(element)
        elif name == "type" and parent == "trk" and track is not None:
            track.kind = text(element)
        elif name == "name" and parent == "metadata":
            self.title = text(element)

    def _counted(self, element: Element) -> tuple[float, ...]:
        self.points += 1
        if self.points > MAX_POINTS:
            raise Malformed("The file holds more points than any recording needs, so it was left alone.")
        return _point(element)


def _point(element: Element) -> tuple[float, ...]:
    told = {local(one.tag): one.text for one in element.iter()}
    when = moment(told.get("time"))
    return (
        as_number(element.get("lat")),
        as_number(element.get("lon")),
        nan if when is None else when.timestamp(),
        _first(told, _SPEED),
        _first(told, _HEART_RATE),
        _first(told, _CADENCE),
        as_number(told.get("ele")),
    )


def _first(told: dict[str, str | None], names: frozenset[str]) -> float:
    return next((as_number(written) for name, written in told.items() if name in names), nan)


def _activity(track: _Track, reading: _Reading, ref: Ref) -> Activity | None:
    told, sub_sport = named(track.kind)
    found = sampled([_records(stretch) for stretch in track.stretches], told or RUNNING)
    if found is None:
        return None
    sport, note = (told, "") if told else by_speed(found.streams)
    average, highest = found.heart_rates
    return Activity(
        ref=ref,
        sport=sport,
        sub_sport=sub_sport,
        started_at=datetime.fromtimestamp(found.begins, UTC),
        elapsed_s=found.elapsed_s,
        moving_s=found.moving_s,
        distance_m=found.distance_m,
        avg_hr=average,
        max_hr=highest,
        streams=found.streams,
        pauses=found.pauses,
        device=reading.device,
        title=track.name or reading.title,
        notes=tuple(filter(None, (reading.document.trouble, found.left_out, note))),
    )


def _records(stretch: Sequence[tuple[float, ...]]) -> Records:
    latitude, longitude, time, speed, heart_rate, cadence, altitude = np.array(stretch).reshape(-1, _WIDTH).T
    return Records(
        time=time,
        distance=_travelled(np.radians(latitude), np.radians(longitude)),
        speed=speed,
        heart_rate=heart_rate,
        cadence=cadence,
        altitude=altitude,
    )


def _travelled(latitude: Column, longitude: Column) -> Column:
    """Return metres along the points (in radians) since the first; a point without a place adds none."""
    known = np.flatnonzero(~np.isnan(latitude + longitude))
    travelled = np.full(len(latitude), np.nan)
    if len(known):
        travelled[known] = np.concatenate([[0.0], np.cumsum(_apart(latitude[known], longitude[known]))])
    return travelled


def _apart(latitude: Column, longitude: Column) -> Column:
    """Return metres from each point to the next on the ground (haversine formula)."""
    half = np.sin(np.diff(latitude) / 2) ** 2
    half += np.cos(latitude[1:]) * np.cos(latitude[:-1]) * np.sin(np.diff(longitude) / 2) ** 2
    metres: Column = 2 * _EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return metres
