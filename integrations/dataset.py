"""Reads a data set of labelled runs: a runs.csv and a folder of streams, as `afterrun evaluate` takes it.

runs.csv: run_id, athlete, start, label, label_conf, distance_m, moving_s, elapsed_s, avg_hr, max_hr, elev_gain_m,
cadence_spm, laps (JSON list of [elapsed_s, distance_m, avg_hr]), stream (an .npz beside it, or empty).
"""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from service.domain.activity import RUNNING, Activity, Lap, Ref, Streams
from service.domain.judging.labelled import LabelledRun
from service.domain.verdict import RunType
from service.ports import Malformed

TABLE = "runs.csv"
COLUMNS = ("run_id", "athlete", "start", "label", "distance_m", "moving_s")
STEPS_A_REVOLUTION = 2.0  # cadence_rpm counts one foot


def read(folder: Path) -> Iterator[LabelledRun]:
    """Yield the runs athlete by athlete, each in order of time; raise Malformed where the folder holds no data set."""
    for row in _rows(folder / TABLE):
        yield _run(folder, row)


def _rows(table: Path) -> list[dict[str, str]]:
    try:
        with table.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise Malformed(f"{table} cannot be read: give the folder that holds {TABLE}") from exc
    if missing:
        raise Malformed(f"{table} lacks the columns {', '.join(missing)}: see docs/classification.md for the format")
    return sorted(rows, key=lambda row: (row["athlete"], row["start"], row["run_id"]))


def _run(folder: Path, row: Mapping[str, str]) -> LabelledRun:
    try:
        return LabelledRun(
            run_id=row["run_id"],
            athlete=row["athlete"],
            activity=_activity(folder, row),
            label=RunType(row["label"]) if row["label"] in {kind.value for kind in RunType} else None,
            certain=row.get("label_conf") == "high",
        )
    except (ValueError, KeyError, TypeError, OSError, BadZipFile) as exc:
        raise Malformed(f"run {row['run_id']} of {TABLE} cannot be read: mend or drop that row") from exc


def _activity(folder: Path, row: Mapping[str, str]) -> Activity:
    moving = _number(row, "moving_s") or 0.0
    return Activity(
        ref=Ref(source="dataset", external_id=row["run_id"]),
        sport=RUNNING,
        started_at=datetime.fromisoformat(row["start"]).replace(tzinfo=UTC),
        elapsed_s=_number(row, "elapsed_s") or moving,
        moving_s=moving,
        distance_m=_number(row, "distance_m"),
        avg_hr=_number(row, "avg_hr"),
        max_hr=_number(row, "max_hr"),
        climb_m=_number(row, "elev_gain_m"),
        laps=_laps(row.get("laps") or "[]"),
        streams=_streams(folder / row["stream"]) if row.get("stream") else None,
    )


def _number(row: Mapping[str, str], name: str) -> float | None:
    text = row.get(name) or ""
    return float(text) if text else None


def _laps(text: str) -> tuple[Lap, ...]:
    laps, start = [], 0.0
    for elapsed, distance, heart_rate in json.loads(text):
        laps.append(Lap(start_s=start, elapsed_s=elapsed, distance_m=distance, avg_hr=heart_rate))
        start += elapsed
    return tuple(laps)


def _streams(path: Path) -> Streams | None:
    """Return the streams of a file, its missing values (0 in heart rate and cadence) as NaN; None where it is empty."""
    with np.load(path) as stored:
        columns = {name: stored[name].astype(np.float64) for name in stored.files}
    time = columns.pop("time_s")
    rising = np.concatenate(([True], np.diff(time) > 0)) if len(time) else np.zeros(0, dtype=np.bool_)
    if not rising.any():
        return None
    for name in ("heart_rate", "cadence_rpm"):
        if name in columns:
            columns[name][columns[name] == 0.0] = np.nan
    if "cadence_rpm" in columns:
        columns["cadence_spm"] = columns.pop("cadence_rpm") * STEPS_A_REVOLUTION
    return Streams.build(time[rising], **{name: column[rising] for name, column in columns.items()})
