import numpy as np
import pytest

from integrations._samples.timer import active_s, timer_on
from integrations.fit.messages import Message
from integrations.fit.pauses import pauses
from service.domain.activity import Pause


def event(when: int, kind: str, name: str = "timer") -> Message:
    return {"timestamp": when, "event": name, "event_type": kind}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([(0, "start"), (100, "stop_all")], [], id="the last stop is the end"),
        pytest.param([(0, "start"), (30, "stop_all"), (50, "start"), (100, "stop_all")], [(30, 50)], id="one pause"),
        pytest.param([(30, "stop"), (31, "stop_all"), (50, "start"), (51, "start")], [(30, 50)], id="said twice"),
        pytest.param([(50, "start"), (30, "stop_disable")], [(30, 50)], id="out of order"),
        pytest.param([(30, "stop"), (30, "start")], [], id="no longer than a moment"),
        pytest.param([(30, "marker"), (50, "start")], [], id="a marker is no stop"),
        pytest.param([(60, "stop")], [(60, 100)], id="stopped until the end"),
        pytest.param([(99, "stop")], [], id="stopped within the last second"),
        pytest.param([(-20, "stop"), (10, "start"), (90, "stop"), (130, "start")], [(0, 10), (90, 100)], id="clipped"),
        pytest.param([], [], id="never"),
    ],
)
def test_pauses_are_where_the_timer_was_stopped(events: list[tuple[int, str]], expected: list[tuple[int, int]]) -> None:
    found = pauses([event(1000 + when, kind) for when, kind in events], start=1000, elapsed_s=100)
    assert [(pause.start_s, pause.end_s) for pause in found] == expected


def test_other_events_are_no_pauses() -> None:
    assert pauses([event(30, "stop", name="rider_position_change"), event(50, "start")], 0, 100) == ()


def test_the_timer_ran_at_the_moments_it_was_stopped_and_started() -> None:
    running = timer_on(np.array([29.0, 30, 31, 49, 50, 51]), [Pause(start_s=30, end_s=50)])
    assert running.tolist() == [True, True, False, False, True, True]


def test_active_time_stands_still_in_pauses() -> None:
    active = active_s(np.array([0.0, 30, 40, 50, 60]), [Pause(start_s=30, end_s=50)])
    assert active.tolist() == [0, 30, 30, 30, 40]
