"""What corrections teach, in points. How a runner hears of it: test_classification.py."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.judging.scoring import MOST_CORRECTIONS, TYPES, tally
from service.domain.verdict import PastRun, RunType

EASY, TEMPO, INTERVAL = RunType.EASY, RunType.TEMPO, RunType.INTERVAL
NO_TAG = np.zeros(len(TYPES))
PLAIN = {"minutes": 45.0, "speed_rank": 0.4, "speed_over_similar": 1.0, "distance_over_median": 1.0}
BRISK = {"minutes": 45.0, "speed_rank": 0.95, "speed_over_similar": 1.12, "performance_rank": 0.95}


def corrected(kind: RunType, features: dict[str, float] = PLAIN) -> PastRun:
    began = datetime(2025, 5, 1, tzinfo=UTC)
    return PastRun(started_at=began, elapsed_s=2700, moving_s=2700, distance_m=8000, features=features, corrected=kind)


def learned(kind: RunType, runs: list[PastRun], features: dict[str, float] = PLAIN) -> float:
    return float(tally(features, runs, NO_TAG).learned[TYPES.index(kind)])


def test_without_corrections_nothing_is_learned() -> None:
    assert not tally(PLAIN, [], NO_TAG).learned.any()


@pytest.mark.parametrize("kind", TYPES)
def test_a_correction_speaks_for_its_own_type_alone(kind: RunType) -> None:
    points = tally(PLAIN, [corrected(kind)], NO_TAG).learned
    assert points[TYPES.index(kind)] > 0.0
    assert np.count_nonzero(points) == 1


def test_a_correction_of_a_run_unlike_this_one_hardly_counts() -> None:
    assert learned(TEMPO, [corrected(TEMPO, BRISK)]) < 0.3 * learned(TEMPO, [corrected(TEMPO)])


def test_a_correction_the_table_did_not_expect_teaches_more() -> None:
    assert learned(INTERVAL, [corrected(INTERVAL)]) > 1.15 * learned(EASY, [corrected(EASY)])


def test_a_single_tempo_does_not_drown_in_a_habit_of_easy_runs() -> None:
    habit = [corrected(EASY)] * 20
    assert learned(TEMPO, [*habit, corrected(TEMPO)]) > 0.8 * learned(EASY, habit)


@given(times=st.integers(1, 30))
def test_saying_it_once_more_never_weakens_it(times: int) -> None:
    said = [corrected(TEMPO)] * times
    assert learned(TEMPO, [*said, corrected(TEMPO)]) >= learned(TEMPO, said)


def test_runs_like_this_one_are_counted_for_the_receipt() -> None:
    said = [corrected(TEMPO)] * 4 + [corrected(INTERVAL, BRISK)]
    assert tally(PLAIN, said, NO_TAG).alike == {EASY: 0, TEMPO: 4, INTERVAL: 0, RunType.LONG: 0}


def test_old_corrections_give_way_to_new_ones() -> None:
    recent = [corrected(EASY)] * MOST_CORRECTIONS
    assert learned(TEMPO, [corrected(TEMPO), *recent]) == 0.0
