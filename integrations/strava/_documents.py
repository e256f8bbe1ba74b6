"""What is kept of Strava's JSON: the fields a verdict needs, and nothing that tells where somebody was.

One document a run: its summary under "activity", its "laps", its "streams" as columns, and under "runner" the heart
rates that Strava knows of the runner themselves.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from integrations._samples.sports import named
from service.domain.activity import RUNNING

ACTIVITY = (
    *("id", "name", "sport_type", "type", "workout_type", "trainer", "manual", "device_name"),
    *("start_date", "start_date_local", "utc_offset", "elapsed_time", "moving_time", "distance"),
    *("total_elevation_gain", "average_heartrate", "max_heartrate"),
)
LAP = ("start_date", "elapsed_time", "distance", "average_heartrate", "start_index")
STREAMS = ("time", "distance", "velocity_smooth", "heartrate", "cadence", "altitude", "moving")
# A change of one of these is a change of the run, whoever likes it meanwhile.
TELLING = ("name", "sport_type", "workout_type", "start_date", "elapsed_time", "moving_time", "distance", "trainer")
MARK_BYTES = 5

# Of Strava's five zones the fourth is called threshold. Where the runner has not set their own, they begin at 59, 78,
# 87 and 97 % of the highest heart rate, as in the documentation's own example (115, 152, 171 and 190 of 196).
THRESHOLD_ZONE, TOP_ZONE = 3, 4
TOP_ZONE_BEGINS = 0.97

type Json = Mapping[str, Any]


def document(activity: Json, streams: Json, runner: Json) -> bytes:
    """Return the bytes that are kept of a run: the same for the same run, however Strava orders its fields."""
    kept: dict[str, Any] = {"activity": {key: activity[key] for key in ACTIVITY if key in activity}}
    laps = activity.get("laps")
    if isinstance(laps, list):
        kept["laps"] = [{key: lap[key] for key in LAP if key in lap} for lap in laps if isinstance(lap, dict)]
    if columns := {key: samples for key in STREAMS if (samples := _samples(streams, key))}:
        kept["streams"] = columns
    if runner:
        kept["runner"] = dict(runner)
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _samples(streams: Json, key: str) -> Sequence[Any]:
    stream = streams.get(key)
    samples = stream.get("data") if isinstance(stream, dict) else None
    return samples if isinstance(samples, list) else ()


def has_streams(streams: Json) -> bool:
    """Return whether Strava has the samples of a run by now."""
    return bool(_samples(streams, "time"))


def is_run(activity: Json) -> bool:
    """Return whether an activity, whole or summed up, is a run of any kind."""
    return named(str(activity.get("sport_type") or activity.get("type") or ""))[0] == RUNNING


def mark(activity: Json) -> str:
    """Return a few letters that change when a run is edited."""
    told = json.dumps([activity.get(key) for key in TELLING], default=str).encode()
    return blake2b(told, digest_size=MARK_BYTES).hexdigest()


def runner(zones: Any) -> dict[str, float]:  # noqa: ANN401 - JSON of any shape
    """Return the runner's own heart rates as their zones tell them: none where they tell none."""
    heart = zones.get("heart_rate") if isinstance(zones, dict) else None
    bounds = heart.get("zones") if isinstance(heart, dict) else None
    if not isinstance(bounds, list) or len(bounds) <= TOP_ZONE or not all(isinstance(zone, dict) for zone in bounds):
        return {}
    begins, ends = _beats(bounds[THRESHOLD_ZONE].get("min")), _beats(bounds[THRESHOLD_ZONE].get("max"))
    told = {"threshold_hr": (begins + ends) / 2} if begins and ends and begins < ends else {}
    top = _beats(bounds[TOP_ZONE].get("min"))
    if isinstance(heart, dict) and not heart.get("custom_zones") and top:
        told["max_hr"] = round(top / TOP_ZONE_BEGINS, 1)
    return told


def _beats(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 25 <= value <= 250 else 0.0  # noqa: PLR2004 - a heart's
