from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import numpy as np
import pytest

from integrations import sample
from service.domain.activity import Activity, Streams
from service.domain.classification import RunType

NOW = datetime(2026, 4, 15, 12, 30, tzinfo=UTC)  # a Wednesday
NEW_YORK = timezone(timedelta(hours=-4))


def streams(activity: Activity) -> Streams:
    assert activity.streams is not None
    return activity.streams


def minutes_at(activity: Activity, least: float) -> float:
    """Minutes at or above a share of threshold speed."""
    return float((streams(activity).speed_mps >= least * sample.THRESHOLD_MPS).sum()) / 60


@pytest.mark.parametrize("kind", RunType)
def test_a_run_ends_at_the_given_moment_and_is_the_same_every_time(kind: RunType) -> None:
    run = sample.latest(kind, NOW)
    assert run.ended_at == NOW
    assert run.started_at.tzinfo is UTC
    assert run == sample.latest(kind, NOW)
    np.testing.assert_array_equal(streams(run).heart_rate, streams(sample.latest(kind, NOW)).heart_rate)
    assert run.distance_m != sample.latest(kind, NOW, seed=2).distance_m


def test_each_kind_looks_its_part() -> None:
    easy, tempo, interval, long = (
        sample.latest(kind, NOW) for kind in (RunType.EASY, RunType.TEMPO, RunType.INTERVAL, RunType.LONG)
    )
    assert easy.moving_s == 45 * 60
    assert long.moving_s == 2 * 3600
    assert minutes_at(easy, 0.94) == pytest.approx(0, abs=0.5)
    assert minutes_at(long, 0.94) == pytest.approx(0, abs=0.5)
    assert minutes_at(tempo, 0.9) == pytest.approx(25, abs=2)
    assert minutes_at(tempo, 1.05) < 3
    assert minutes_at(interval, 1.0) == pytest.approx(18, abs=2)
    assert [lap.trigger for lap in interval.laps] == ["manual"] * 13 + ["session_end"]
    assert {lap.trigger for lap in long.laps[:-1]} == {"distance"}


def test_signals_are_a_runners() -> None:
    signals = streams(sample.latest(RunType.INTERVAL, NOW))
    assert 80 <= signals.heart_rate.min() < 100
    assert 180 <= signals.heart_rate.max() <= sample.MAX_HR
    assert 160 <= np.median(signals.cadence_spm) <= 180
    assert (np.diff(signals.distance_m) >= 0).all()
    assert 60 < signals.altitude_m.min() < signals.altitude_m.max() < 100


def test_heart_rate_follows_speed_late_and_drifts_upwards() -> None:
    work = streams(sample.latest(RunType.INTERVAL, NOW))
    first_repeat = slice(900, 1080)
    assert work.heart_rate[first_repeat][-20:].mean() > work.heart_rate[first_repeat][:20].mean() + 20
    long = streams(sample.latest(RunType.LONG, NOW))
    assert long.heart_rate[-1200:].mean() > long.heart_rate[600:1800].mean() + 4


def test_a_history_is_three_to_five_runs_a_week_until_now() -> None:
    runs = sample.history(NOW, weeks=12)
    assert all(one.ended_at <= two.started_at for one, two in pairwise(runs))
    assert runs[-1].ended_at <= NOW
    assert runs[0].started_at >= NOW - timedelta(weeks=12)
    by_week = Counter(run.started_at.isocalendar().week for run in runs)
    _, *whole, _ = sorted(by_week)
    assert len(whole) == 11
    assert {by_week[week] for week in whole} == {3, 4, 5}
    assert len({run.ref for run in runs}) == len(runs)


def test_sundays_are_long_and_tuesdays_are_hard() -> None:
    runs = sample.history(NOW, weeks=12)
    sundays = [run for run in runs if run.started_at.weekday() == 6]
    tuesdays = [run for run in runs if run.started_at.weekday() == 1]
    others = [run for run in runs if run.started_at.weekday() not in (1, 6)]
    assert len(sundays) == len(tuesdays) == 12
    assert min(run.moving_s for run in sundays) > 80 * 60 > max(run.moving_s for run in others)
    assert all(run.max_hr is not None and run.max_hr > 165 for run in tuesdays)


def test_some_runs_are_paused_and_some_sampled_now_and_then() -> None:
    runs = sample.history(NOW, weeks=12)
    paused = [run for run in runs if run.pauses]
    assert paused
    for run in paused:
        assert run.elapsed_s - run.moving_s == sum(pause.end_s - pause.start_s for pause in run.pauses)
        inside = [(streams(run).time_s > pause.start_s) & (streams(run).time_s < pause.end_s) for pause in run.pauses]
        assert not np.any(inside)
    smart = [run for run in runs if len(streams(run)) < run.moving_s / 2]
    assert 0 < len(smart) < len(runs) / 2


def test_the_runners_zone_is_that_of_the_moment_given() -> None:
    local = NOW.astimezone(NEW_YORK)
    run = sample.latest(RunType.EASY, local)
    assert run.utc_offset == timedelta(hours=-4)
    assert run.ended_at == local
    assert {one.utc_offset for one in sample.history(local, weeks=2)} == {timedelta(hours=-4)}


def test_the_past_does_not_change_as_time_goes_on() -> None:
    before = {run.ref: run for run in sample.history(NOW, weeks=4)}
    later = {run.ref: run for run in sample.history(NOW + timedelta(days=1), weeks=4)}
    shared = before.keys() & later.keys()
    assert len(shared) > 10
    assert all(before[ref] == later[ref] for ref in shared)
