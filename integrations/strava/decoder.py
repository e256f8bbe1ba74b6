"""Reads what is kept of a run from Strava.

Distances and times are metres and seconds already; cadence counts one foot. A gap in the samples in which nobody got
anywhere is a pause: Strava keeps no other trace of a stopped watch.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

import numpy as np

from integrations._samples.records import Records
from integrations._samples.sports import GENERIC, named
from integrations._samples.streams import HOLD_S, streams
from service.domain.activity import RUNNING, Activity, Column, Lap, Pause, Ref, Streams
from service.ports import Decoded, Malformed, Raw

MEDIA_TYPE = "strava"
# workout_type of a run, as platforms.md of its users' projects and stravalib agree: a prior, no verdict.
TAGS = {1: "race", 2: "long_run", 3: "workout"}
# A start that the runner hides is told as this moment of its day.
HIDDEN = time(0, 0, 1)
# So long after midnight a run that was just uploaded is still taken for last evening's.
LATE_HOME = timedelta(hours=1)
# 100 h at 1 Hz are 360,000 samples.
MOST_SAMPLES = 500_000
STANDING_MPS = 0.5
# Strava counts whole seconds; what is finer is no time anybody took.
MILLISECONDS = 3
# Samples may go on for a little longer than is stated; what lies further off is damaged.
SLACK_S = 60.0
FARTHEST_ZONE = timedelta(hours=14)

NOT_OURS = "not a run as Strava tells of it: please report this"
TOO_MANY = "more samples than any recording needs, so it was left alone"

type Json = Mapping[str, Any]


class Decoder:
    """Reads runs from Strava (Decoder)."""

    media_types: ClassVar[frozenset[str]] = frozenset({MEDIA_TYPE})

    def decode(self, raw: Raw) -> Decoded:
        """Return the one activity in a document; raise Malformed where it is none of ours."""
        try:
            return Decoded(activities=(_activity(json.loads(raw.body), raw),))
        except Malformed:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as exc:
            raise Malformed(NOT_OURS) from exc


def _activity(document: Json, raw: Raw) -> Activity:
    told, runner = document["activity"], document.get("runner", {})
    sport, sub_sport = _sport(told)
    stated = _positive(told, "elapsed_time")
    if stated is None:
        raise Malformed("an activity that took no time")
    found = _streams(document.get("streams", {}), sport, stated)
    elapsed = stated if found is None else max(stated, float(found[0].time_s[-1]))
    hidden = _moment(told.get("start_date_local", told["start_date"])).time() == HIDDEN
    begun = _moment(told["start_date"])
    return Activity(
        ref=Ref(source=raw.source, external_id=raw.external_id),
        sport=sport,
        sub_sport=sub_sport,
        started_at=_guessed(begun, elapsed, raw.received_at) if hidden else begun,
        hidden_start=hidden,
        utc_offset=_offset(told),
        elapsed_s=elapsed,
        moving_s=min(_positive(told, "moving_time") or elapsed, elapsed),
        distance_m=_positive(told, "distance"),
        avg_hr=_positive(told, "average_heartrate"),
        max_hr=_positive(told, "max_heartrate"),
        climb_m=_number(told, "total_elevation_gain"),
        streams=None if found is None else found[0],
        pauses=() if found is None else found[1],
        laps=_laps(document.get("laps", ()), begun, elapsed, _column(document.get("streams", {}), "time")),
        device=_word(told, "device_name"),
        title=_word(told, "name"),
        tags=tuple(filter(None, [TAGS.get(told.get("workout_type") or 0)])),
        runner_max_hr=_positive(runner, "max_hr"),
        runner_threshold_hr=_positive(runner, "threshold_hr"),
    )


def _sport(told: Json) -> tuple[str, str]:
    sport, sub_sport = named(_word(told, "sport_type") or _word(told, "type"))
    if sport == RUNNING and told.get("trainer") is True and not sub_sport:
        return sport, "treadmill"
    return sport or GENERIC, sub_sport


def _guessed(midnight: datetime, elapsed: float, received_at: datetime) -> datetime:
    """Return when a run may have begun whose start is hidden: it was over when it came, if it came the same day."""
    ends = midnight + timedelta(days=1)
    if not midnight <= received_at <= ends + LATE_HOME:
        return midnight
    return max(midnight, min(received_at, ends) - timedelta(seconds=elapsed))


def _streams(columns: Json, sport: str, elapsed: float) -> tuple[Streams, tuple[Pause, ...]] | None:
    clock = np.round(_column(columns, "time"), MILLISECONDS)
    if len(clock) > MOST_SAMPLES:
        raise Malformed(TOO_MANY)
    within = (clock >= 0) & (clock <= elapsed + SLACK_S)
    highest = np.maximum.accumulate(np.where(within, clock, -1.0))
    rising = within & (clock > np.concatenate(([-1.0], highest[:-1])))
    if np.count_nonzero(rising) < 2:  # noqa: PLR2004 - a stretch has two ends
        return None
    told = {name: _column(columns, name, len(clock))[rising] for name in COLUMNS.values()}
    records = Records(time=clock[rising], **{field: told[name] for field, name in COLUMNS.items()})
    pauses = _pauses(records.time, records.distance)
    found = streams(records, 0.0, sport=sport, stopped=pauses)
    return None if found is None else (found, pauses)


COLUMNS = {
    "distance": "distance",
    "speed": "velocity_smooth",
    "heart_rate": "heartrate",
    "cadence": "cadence",
    "altitude": "altitude",
}


def _column(columns: Json, name: str, length: int | None = None) -> Column:
    """Return a column of numbers, NaN for what is none; all NaN where it is not as long as it has to be."""
    samples = columns.get(name, ())
    if length is not None and len(samples) != length:
        return np.full(length, np.nan)
    return np.array([_plain(value) for value in samples], dtype=np.float64)


def _pauses(clock: Column, distance: Column) -> tuple[Pause, ...]:
    gaps, covered = np.diff(clock), np.diff(distance)
    stopped = (gaps > HOLD_S) & ~(covered > STANDING_MPS * gaps)
    places = np.flatnonzero(stopped)
    return tuple(Pause(start_s=float(clock[place]), end_s=float(clock[place + 1])) for place in places)


def _laps(laps: Sequence[Json], begun: datetime, elapsed: float, clock: Column) -> tuple[Lap, ...]:
    """Return the laps, as long as they follow one another within the run."""
    found, ends = [], 0.0
    for lap in laps:
        seconds = _positive(lap, "elapsed_time") or 0.0
        start = _lap_start(lap, begun, clock, ends)
        if not seconds or start < ends - 1.0 or start + seconds > elapsed + 1.0:
            continue
        ends = start + seconds
        found.append(
            Lap(
                start_s=max(start, 0.0),
                elapsed_s=seconds,
                distance_m=_positive(lap, "distance"),
                avg_hr=_positive(lap, "average_heartrate"),
            )
        )
    return tuple(found)


def _lap_start(lap: Json, begun: datetime, clock: Column, otherwise: float) -> float:
    index = lap.get("start_index")
    if isinstance(index, int) and 0 <= index < len(clock) and np.isfinite(clock[index]):
        return float(clock[index])
    if isinstance(lap.get("start_date"), str):
        return (_moment(lap["start_date"]) - begun).total_seconds()
    return otherwise


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _offset(told: Json) -> timedelta | None:
    seconds = _number(told, "utc_offset")
    offset = None if seconds is None else timedelta(seconds=seconds)
    return offset if offset is not None and abs(offset) <= FARTHEST_ZONE else None


def _positive(told: Json, name: str) -> float | None:
    value = _number(told, name)
    return value if value is not None and value > 0 else None


def _number(told: Json, name: str) -> float | None:
    value = _plain(told.get(name))
    return None if np.isnan(value) else value


def _plain(value: object) -> float:
    """Return a finite number as a float, NaN for anything else."""
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
    return number if np.isfinite(number) else float("nan")


def _word(told: Json, name: str) -> str:
    value = told.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""
