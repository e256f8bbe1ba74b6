"""Runs written as GPX and TCX, the way a platform's export does."""

from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import numpy as np

from service.domain.activity import Activity, Streams

EARTH_M = 6_371_009.0
START_AT = (52.5, 13.4)


def stamp(start: datetime, second: float) -> str:
    return f"{(start + timedelta(seconds=float(second))).astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def gpx(run: Activity, *, kind: str = "running", creator: str = "Sample watch", prefix: str = "gpxtpx") -> bytes:
    """Return a run as GPX, a stretch for each time the timer ran, due north from one place."""
    streams = _sampled(run)
    stretches = "".join(f"<trkseg>{_points(run, streams, part, prefix)}</trkseg>" for part in _stretches(streams))
    told = f"<name>{escape(run.title)}</name>" + (f"<type>{kind}</type>" if kind else "")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gpx version="1.1" creator="{creator}" xmlns="http://www.topografix.com/GPX/1/1"'
        f' xmlns:{prefix}="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">'
        f"<metadata><time>{stamp(run.started_at, 0)}</time></metadata><trk>{told}{stretches}</trk></gpx>"
    ).encode()


def tcx(run: Activity, *, sport: str = "Running") -> bytes:
    """Return a run as TCX, its laps as they are, a track for each time the timer ran."""
    streams = _sampled(run)
    laps = "".join(_lap(run, streams, number) for number in range(max(len(run.laps), 1)))
    start = stamp(run.started_at, 0)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<TrainingCenterDatabase'
        ' xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
        ' xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities>'
        f'<Activity Sport="{sport}"><Id>{start}</Id>{laps}'
        f'<Notes>a note</Notes><Creator xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Device_t">'
        f"<Name>{run.device}</Name></Creator></Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def _sampled(run: Activity) -> Streams:
    assert run.streams is not None
    return run.streams


def _stretches(streams: Streams, first: float = -np.inf, last: float = np.inf) -> list[np.ndarray]:
    """Return the places of the samples, a group for each time the timer ran."""
    places = np.flatnonzero((streams.time_s >= first) & (streams.time_s < last))
    breaks = np.flatnonzero(np.diff(streams.time_s[places]) >= 5) + 1
    return [group for group in np.split(places, breaks) if len(group)]


def _points(run: Activity, streams: Streams, part: np.ndarray, prefix: str) -> str:
    return "".join(
        f'<trkpt lat="{START_AT[0] + np.degrees(streams.distance_m[at] / EARTH_M):.9f}" lon="{START_AT[1]}">'
        f"<ele>{streams.altitude_m[at]:.1f}</ele><time>{stamp(run.started_at, streams.time_s[at])}</time>"
        f"<extensions><{prefix}:TrackPointExtension><{prefix}:hr>{streams.heart_rate[at]:.0f}</{prefix}:hr>"
        f"<{prefix}:cad>{streams.cadence_spm[at] / 2:.0f}</{prefix}:cad></{prefix}:TrackPointExtension></extensions>"
        "</trkpt>"
        for at in part
    )


def _lap(run: Activity, streams: Streams, number: int) -> str:
    lap = run.laps[number] if run.laps else None
    begins = lap.start_s if lap else 0.0
    seconds = lap.elapsed_s if lap else run.moving_s
    is_last = number + 1 >= len(run.laps)
    until = np.inf if is_last else run.laps[number + 1].start_s
    metres = (lap.distance_m if lap else run.distance_m) or 0.0
    tracks = "".join(
        f"<Track>{_trackpoints(run, streams, part)}</Track>"
        for part in _stretches(streams, begins if number else -np.inf, until)
    )
    return (
        f'<Lap StartTime="{stamp(run.started_at, begins)}"><TotalTimeSeconds>{seconds}</TotalTimeSeconds>'
        f"<DistanceMeters>{metres}</DistanceMeters><Calories>0</Calories><Intensity>Active</Intensity>"
        f"<TriggerMethod>{'Manual' if lap and lap.trigger == 'manual' else 'Distance'}</TriggerMethod>{tracks}</Lap>"
    )


def _trackpoints(run: Activity, streams: Streams, part: np.ndarray) -> str:
    return "".join(
        f"<Trackpoint><Time>{stamp(run.started_at, streams.time_s[at])}</Time>"
        f"<Position><LatitudeDegrees>{START_AT[0]}</LatitudeDegrees>"
        f"<LongitudeDegrees>{START_AT[1]}</LongitudeDegrees></Position>"
        f"<AltitudeMeters>{streams.altitude_m[at]:.1f}</AltitudeMeters>"
        f"<DistanceMeters>{streams.distance_m[at]:.2f}</DistanceMeters>"
        f"<HeartRateBpm><Value>{streams.heart_rate[at]:.0f}</Value></HeartRateBpm>"
        f"<Extensions><ns3:TPX><ns3:Speed>{streams.speed_mps[at]:.3f}</ns3:Speed>"
        f"<ns3:RunCadence>{streams.cadence_spm[at] / 2:.0f}</ns3:RunCadence></ns3:TPX></Extensions></Trackpoint>"
        for at in part
    )
