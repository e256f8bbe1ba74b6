from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.athlete import Athlete
from service.domain.classification import PastRun
from service.domain.judging.background import look_back
from service.domain.judging.physiology import (
    flat_speed,
    grade_factor,
    hour_speed,
    threshold_speed,
    top_heart_rate,
    top_heart_rate_by_age,
)

TODAY = datetime(2025, 6, 1, tzinfo=UTC)
RUNNER = Athlete(id="one")


def run(days: float, **features: float) -> PastRun:
    start = TODAY - timedelta(days=days)
    return PastRun(started_at=start, elapsed_s=3000, moving_s=3000, distance_m=9000, features=features)


def test_grade_factor_is_minettis_uphill_and_gentler_downhill() -> None:
    flat, steep, down = grade_factor(np.array([0.0, 0.10, -0.10]))
    assert flat == 1.0
    assert steep == pytest.approx(1.658, abs=0.01)  # Minetti 2002: 5.97 J/kg/m over 3.6
    assert down == pytest.approx(0.88, abs=0.01)  # measured in runs; Minetti would say 0.60


@given(st.floats(-0.2, 0.19), st.floats(0.001, 0.01))
def test_steeper_uphill_costs_more(grade: float, more: float) -> None:
    lower, higher = grade_factor(np.array([max(grade, 0.0), max(grade, 0.0) + more]))
    assert higher > lower


def test_climbing_raises_flat_speed_up_to_a_limit() -> None:
    assert flat_speed(10_000, 3000, None) == pytest.approx(3.333, abs=0.001)
    assert flat_speed(10_000, 3000, 200) == pytest.approx(3.333 * 1.06, abs=0.001)
    assert flat_speed(10_000, 3000, 4000) == flat_speed(10_000, 3000, 400)


def test_what_is_held_for_an_hour_is_threshold() -> None:
    assert hour_speed(4.0, 3600) == 4.0
    assert hour_speed(4.0, 1200) == pytest.approx(4.0 * (1 / 3) ** 0.06)


def test_threshold_leaves_out_the_very_best_and_discounts_old_ones() -> None:
    today = np.zeros(5)
    assert threshold_speed(np.array([9.9, 4.0, 4.0, 4.0, 3.0]), today) == pytest.approx(4.0)
    assert threshold_speed(np.full(5, 4.0), today + 60) == pytest.approx(4.0 * 0.98)


def test_top_heart_rate_leaves_out_the_very_highest() -> None:
    assert top_heart_rate(np.array([212.0, 190.0, 188.0, 150.0, 150.0])) == pytest.approx(189.0)


def test_top_heart_rate_by_age_is_tanakas() -> None:
    assert top_heart_rate_by_age(40) == 180.0


def test_thresholds_come_from_history_and_wait_for_five_runs() -> None:
    runs = [run(day, performance=4.0, top_hr=185.0, flat_speed=3.0) for day in range(1, 10)]
    known = look_back(runs, TODAY, RUNNER).thresholds
    assert known.speed_mps == pytest.approx(4.0, rel=0.01)
    assert (known.easy_mps, known.top_hr) == (3.0, 185.0)
    few = look_back(runs[:4], TODAY, RUNNER).thresholds
    assert (few.speed_mps, few.easy_mps, few.top_hr) == (None, None, None)


def test_what_the_runner_says_of_themselves_counts() -> None:
    said = Athlete(id="one", threshold_speed_mps=4.2, max_hr=191.0)
    known = look_back([], TODAY, said).thresholds
    assert (known.speed_mps, known.top_hr) == (4.2, 191.0)
    assert look_back([], TODAY, Athlete(id="one", birth_year=1985)).thresholds.top_hr == 180.0
