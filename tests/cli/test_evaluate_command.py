"""`afterrun evaluate` reads a data set of the published form; `classify --plot` draws what it judged."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from integrations import sample
from integrations.fit.encoder import encode
from service.cli import main
from service.domain.activity import Activity
from service.domain.classification import RunType

COLUMNS = (
    *("run_id", "athlete", "start", "label", "label_conf", "distance_m", "moving_s", "elapsed_s", "avg_hr", "max_hr"),
    *("avg_speed_mps", "elev_gain_m", "cadence_spm", "laps", "stream"),
)


def row(number: int, run: Activity, label: str, stream: str = "") -> dict[str, object]:
    return {
        "run_id": f"r{number}",
        "athlete": "a",
        "start": run.started_at.replace(tzinfo=None).isoformat(),
        "label": label,
        "label_conf": "high" if label else "",
        "distance_m": run.distance_m,
        "moving_s": run.moving_s,
        "elapsed_s": run.elapsed_s,
        "avg_hr": run.avg_hr,
        "max_hr": run.max_hr,
        "laps": "[]",
        "stream": stream,
    }


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Return a data set of one runner: weeks of history, then a labelled run of each kind and a race."""
    (tmp_path / "streams").mkdir()
    noon = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
    rows = [row(number, run, "") for number, run in enumerate(sample.history(noon, weeks=12))]
    for days, kind in enumerate(RunType):
        run = sample.latest(kind, noon + timedelta(days=days))
        assert run.streams is not None
        name = f"streams/{kind}.npz"
        np.savez_compressed(
            tmp_path / name,
            time_s=run.streams.time_s,
            distance_m=run.streams.distance_m,
            speed_mps=run.streams.speed_mps,
            heart_rate=np.nan_to_num(run.streams.heart_rate),
        )
        rows.append(row(len(rows), run, kind.value, name))
    rows.append(row(len(rows), sample.latest(RunType.TEMPO, noon + timedelta(days=7)), "race"))
    with (tmp_path / "runs.csv").open("w", newline="") as table:
        writer = csv.DictWriter(table, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def types(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[object, str]:
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words)])
    return ended.value.code, capsys.readouterr().out


def test_every_run_is_predicted_and_races_are_left_out_of_the_score(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = types(capsys, "evaluate", dataset, "--json", "--predictions", tmp_path / "out.csv")

    report = json.loads(out)
    with (tmp_path / "out.csv").open(newline="") as table:
        predicted = list(csv.DictReader(table))
    assert code == 0
    assert list(predicted[0]) == ["run_id", "type", "secondary", "confidence", "tier"]
    assert len(predicted) == len((dataset / "runs.csv").read_text().splitlines()) - 1
    assert [one["type"] for one in predicted[-5:-1]] == [kind.value for kind in RunType]
    assert report["overall"]["runs"] == 4


def test_the_report_reads_as_a_table(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = types(capsys, "evaluate", dataset)

    assert code == 0
    assert "macro-F1" in out
    assert "right size" in out


def test_a_folder_that_is_no_data_set_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", str(tmp_path)])

    assert ended.value.code == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_run_is_drawn_with_its_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, picture = tmp_path / "run.fit", tmp_path / "run.svg"
    file.write_bytes(encode(sample.latest(RunType.INTERVAL, datetime(2026, 6, 15, 12, 0, tzinfo=UTC))))

    code, _ = types(capsys, "classify", file, "--plot", picture)

    drawn = ET.parse(picture).getroot()  # noqa: S314 - our own drawing
    assert code == 0
    assert drawn.tag.endswith("svg")
    assert "interval" in "".join(drawn.itertext()).lower()
