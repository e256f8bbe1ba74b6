from pathlib import Path

import numpy as np
import pytest

from integrations.dataset import read
from service.application.evaluate import evaluate
from service.domain.classification import RunType
from service.ports import Malformed

HEAD = "run_id,athlete,start,label,label_conf,distance_m,moving_s,elapsed_s,avg_hr,max_hr,elev_gain_m,laps,stream\n"

TWO_LAPS = "[[1350.0, 4000.0, 139], [1350.0, 4000.0, null]]"


def write(folder: Path, *rows: str) -> Path:
    (folder / "runs.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return folder


def test_reads_runs_athlete_by_athlete_in_order_of_time(tmp_path: Path) -> None:
    write(
        tmp_path,
        "c,B,2024-01-03T07:00:00,long,high,18000,6400,,,,,[],",
        "b,A,2024-01-02T07:00:00,race,high,10000,2400,,,,,[],",
        f'a,A,2024-01-01T07:00:00,easy,medium,8000,2700,2800,140,160,55,"{TWO_LAPS}",',
    )
    one, two, three = read(tmp_path)
    assert [one.run_id, two.run_id, three.run_id] == ["a", "b", "c"]
    assert (one.label, two.label, three.label) == (RunType.EASY, None, RunType.LONG)
    assert (one.certain, three.certain) == (False, True)
    assert [lap.start_s for lap in one.activity.laps] == [0.0, 1350.0]
    assert (one.activity.climb_m, three.activity.elapsed_s, three.activity.avg_hr) == (55.0, 6400.0, None)


def test_reads_streams_with_missing_values_as_missing(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "s.npz",
        time_s=np.array([0, 1, 1, 3], dtype=np.uint32),
        distance_m=np.array([0, 3, 3, 9], dtype=np.float32),
        heart_rate=np.array([0, 120, 121, 122], dtype=np.uint8),
        cadence_rpm=np.array([0, 86, 86, 87], dtype=np.uint8),
    )
    (run,) = read(write(tmp_path, "a,A,2024-01-01T07:00:00,easy,,9,3,,,,,[],s.npz"))
    streams = run.activity.streams
    assert streams is not None
    assert streams.time_s.tolist() == [0.0, 1.0, 3.0]
    assert np.isnan(streams.heart_rate[0])
    assert streams.cadence_spm[1:].tolist() == [172.0, 174.0]
    assert np.isnan(streams.altitude_m).all()


@pytest.mark.parametrize("row", ["a,A,yesterday,easy,,9,3,,,,,[],", "a,A,2024-01-01,easy,,far,3,,,,,[],"])
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, row: str) -> None:
    with pytest.raises(Malformed, match="run a"):
        list(read(write(tmp_path, row)))


def test_a_folder_without_a_data_set_is_malformed(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"runs\.csv"):
        list(read(tmp_path))


def test_a_table_without_its_columns_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("run_id,start\n1,2\n", encoding="utf-8")
    with pytest.raises(Malformed, match="athlete"):
        list(read(tmp_path))


@pytest.mark.shared
@pytest.mark.slow
def test_the_rules_reach_what_they_promise_on_the_labelled_runs(shared: Path) -> None:
    report = evaluate(read(shared / "runs"))
    assert report.overall.macro_f1 >= 0.70
    assert report.by_tier["streams_hr"].macro_f1 >= 0.75
    assert report.athlete_mean >= 0.63
    assert report.right_size >= 0.86
    assert report.confident.share >= 0.45
    assert all(one.right >= 0.90 for one in report.confident_by_type.values() if one.runs)
    assert all(abs(one.confidence - one.right) <= 0.07 for one in report.reliability if one.runs >= 100)
