import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.activity import Lap
from service.domain.judging.efforts import (
    AT_THRESHOLD,
    Spans,
    as_efforts,
    find_spans,
    lap_repeats,
    longest_best,
)
from service.domain.judging.samples import STEP_S, Samples, sample
from tests.domain.made_runs import EASY_RUN, FAST, INTERVALS, TEMPO, made


def samples(parts: tuple[tuple[float, float], ...]) -> Samples:
    run = made(parts)
    assert run.streams is not None
    even = sample(run.streams)
    assert even is not None
    return even


def spans_of(speeds: list[float], each_s: float) -> Spans:
    return find_spans(samples(tuple((each_s, speed) for speed in speeds)), TEMPO, AT_THRESHOLD)


def test_finds_each_repeat_with_its_time_and_speed() -> None:
    even = samples(INTERVALS)
    efforts = as_efforts(even, find_spans(even, TEMPO, AT_THRESHOLD), TEMPO)
    assert len(efforts) == 6
    for number, effort in enumerate(efforts):
        assert effort.start_s == pytest.approx(900 + 300 * number, abs=8)
        assert effort.duration_s == pytest.approx(180, abs=10)
        assert effort.distance_m == pytest.approx(180 * FAST, rel=0.05)
        assert effort.relative == pytest.approx(FAST / TEMPO, rel=0.03)


def test_an_easy_run_has_none() -> None:
    assert len(find_spans(samples(EASY_RUN), TEMPO, AT_THRESHOLD)) == 0


def test_a_short_dip_is_bridged_and_a_rest_is_not() -> None:
    assert len(find_spans(samples(((120, FAST), (10, 2.8), (120, FAST))), TEMPO, AT_THRESHOLD)) == 1
    assert len(find_spans(samples(((120, FAST), (60, 2.8), (120, FAST))), TEMPO, AT_THRESHOLD)) == 2


@given(st.lists(st.sampled_from([2.5, 3.0, 3.5, 4.0, 4.5]), min_size=3, max_size=12))
def test_efforts_never_overlap_and_are_never_short(speeds: list[float]) -> None:
    spans = spans_of(speeds, 60)
    assert np.all(spans.start < spans.stop)
    assert np.all(spans.rests >= AT_THRESHOLD.gap_s)
    assert np.all(spans.seconds >= AT_THRESHOLD.least_s)


def test_the_best_stretch_is_the_fastest_of_its_length() -> None:
    even = samples(((900, 3.0), (300, FAST), (600, 3.0)))
    assert longest_best(even, 300) == pytest.approx(FAST, rel=0.02)
    assert longest_best(even, len(even) * STEP_S + 10) is None


def laps(*pairs: tuple[float, float]) -> tuple[Lap, ...]:
    return tuple(Lap(start_s=0, elapsed_s=seconds, distance_m=metres) for seconds, metres in pairs)


def test_repeats_are_counted_in_manual_laps() -> None:
    work, rest = (180.0, 800.0), (120.0, 290.0)
    assert lap_repeats(laps((900, 2600), work, rest, work, rest, work, rest, work, (600, 1700))) == 4


def test_automatic_laps_are_no_structure() -> None:
    assert lap_repeats(laps((340, 1000), (270, 1000), (345, 1000), (265, 1000), (120, 350))) == 0


def test_equal_timed_laps_are_no_structure() -> None:
    assert lap_repeats(laps((300, 900), (300, 1200), (300, 905), (300, 1210), (100, 300))) == 0


def test_one_lap_tells_nothing() -> None:
    assert lap_repeats(laps((2700, 8100))) is None
