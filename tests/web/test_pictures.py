"""Pictures of runs: what stands beside them is round, can be read, and says no more than was recorded."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations import sample
from service.domain.activity import Activity
from service.domain.athlete import Units
from service.domain.classification import RunType
from service.domain.verdict import Classification, PastRun, Tier
from service.web.pictures.run import RunPicture, run_picture
from tests.application.conftest import easy_run

ENDED = datetime(2026, 6, 14, 17, tzinfo=UTC)
BESIDE = re.compile(r'<text class="(\w*)" x="-8" y="([\d.]+)%"[^>]*>([^<]+)<')
READABLE = 4.0  # per cent of the height: a line of words on a phone


def verdict(**thresholds: float) -> Classification:
    remembered = PastRun(started_at=ENDED, elapsed_s=2700, moving_s=2700, distance_m=8000)
    return Classification(
        run_type=RunType.EASY,
        confidence=0.9,
        reasons=(),
        tier=Tier.STREAMS,
        ruleset="test",
        thresholds=thresholds,
        remembered=remembered,
    )


def drawn(activity: Activity, units: Units = Units.KILOMETRES, **thresholds: float) -> RunPicture:
    picture = run_picture(activity, verdict(**thresholds), units)
    assert picture is not None
    return picture


def beside(picture: RunPicture, kind: str) -> list[tuple[float, str]]:
    """Return the words of a kind beside a picture, with their height in per cent from its top."""
    return [(float(y), words) for found, y, words in BESIDE.findall(picture.svg) if found == kind]


@pytest.mark.parametrize("kind", RunType)
@pytest.mark.parametrize("units", Units)
def test_paces_and_heart_rates_beside_it_are_round_and_apart(kind: RunType, units: Units) -> None:
    picture = drawn(sample.latest(kind, ENDED), units)

    paces, beats = beside(picture, ""), beside(picture, "heart")
    assert len(paces) >= 2
    assert all(re.fullmatch(rf"\d+:\d[05]/{units}", words) for _, words in paces), paces
    assert beats
    assert all(int(words) % 10 == 0 for _, words in beats)
    for scale in (paces, beats):
        heights = sorted(y for y, _ in scale)
        assert all(lower - upper >= READABLE for upper, lower in pairwise(heights))


@given(speeds=st.lists(st.floats(0.0, 7.0), min_size=2, max_size=12), beats=st.integers(60, 200))
@settings(max_examples=60, deadline=None)
def test_whatever_was_recorded_is_drawn_within_the_picture(speeds: list[float], beats: int) -> None:
    run = easy_run()
    assert run.streams is not None
    seconds = len(run.streams.time_s)
    speed = np.resize(np.repeat(speeds, 60), seconds)
    streams = replace(
        run.streams, speed_mps=speed, distance_m=np.cumsum(speed), heart_rate=np.full(seconds, float(beats))
    )

    picture = run_picture(replace(run, streams=streams), verdict(), Units.KILOMETRES)

    if picture is not None:
        numbers = [
            float(n) for points in re.findall(r'points="([^"]*)"', picture.svg) for n in re.split("[ ,]", points)
        ]
        assert all(0 <= number <= 1000 for number in numbers)
        assert all(0 <= y <= 100 for y, _ in beside(picture, "") + beside(picture, "heart"))


def test_stops_on_the_way_do_not_flatten_the_rest() -> None:
    run = sample.latest(RunType.EASY, ENDED)
    assert run.streams is not None
    speed = run.streams.speed_mps.copy()
    speed[600:700] = 0.2
    standing = drawn(replace(run, streams=replace(run.streams, speed_mps=speed)))

    assert beside(standing, "")
    assert all(int(words.partition(":")[0]) < 15 for _, words in beside(standing, ""))


def test_lines_across_it_are_named_below_and_only_where_they_are_drawn() -> None:
    run = sample.latest(RunType.TEMPO, ENDED)

    both = drawn(run, threshold_speed_mps=3.7, easy_speed_mps=2.8)
    one = drawn(run, threshold_speed_mps=3.7, easy_speed_mps=0.5)

    assert both.lines == [("threshold", "threshold 4:30/km"), ("usual", "usual easy pace 5:57/km")]
    assert [kind for kind, _ in one.lines] == ["threshold"]
    assert 'class="usual"' not in one.svg


def test_without_a_heart_rate_none_is_spoken_of() -> None:
    run = sample.latest(RunType.EASY, ENDED)
    assert run.streams is not None
    silent = replace(run.streams, heart_rate=np.full(len(run.streams.time_s), np.nan))

    assert "heart" not in drawn(replace(run, streams=silent)).svg
    assert "Speed and heart rate over" in drawn(run).svg
    assert run_picture(replace(run, streams=None), verdict(), Units.KILOMETRES) is None
