"""The engine of one process keeps the contract, and knows when it hangs."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from service.engine.duties import Duty
from service.engine.local import LATEST, LONGEST, Worker
from tests.engine.engine_contract import PATIENCE_S, EngineContract, Flag


class TestLocal(EngineContract):
    every = timedelta(milliseconds=20)

    @pytest.fixture
    def engine(self) -> Callable[..., Worker]:
        return lambda *duties: Worker(duties)

    def test_a_worker_that_was_never_started_is_not_woken(self, engine: Callable[..., Worker]) -> None:
        """The pages alone have no worker: who works finds what there is to do by itself."""
        done = threading.Event()
        engine(self.duty(done.set)).wake("one")

        assert not done.is_set()


class Time:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def a_duty(do: Callable[..., object]) -> Duty:
    return Duty(name="one", every=timedelta(seconds=10), due=list, do=do, at_once=2)


def test_a_duty_is_stuck_where_all_its_threads_have_been_taken_too_long() -> None:
    time, release, begun = Time(), threading.Event(), Flag()

    def hang(_: str) -> None:
        begun()
        release.wait(PATIENCE_S)

    worker = Worker([a_duty(hang)], time)
    hands = worker._hands["one"]
    hands.begin(("anna",))
    assert begun.happened()
    time.seconds = LONGEST.total_seconds() + 1
    hands.look()
    assert worker.stuck() == []

    hands.begin(("ben",))
    assert begun.happened()
    time.seconds *= 2
    hands.look()
    assert worker.stuck() == ["one"]
    release.set()


def test_a_duty_is_stuck_where_nobody_asks_what_is_due() -> None:
    time = Time()
    worker = Worker([a_duty(print)], time)

    time.seconds = 30 + LATEST.total_seconds() - 1
    assert worker.stuck() == []
    time.seconds += 2
    assert worker.stuck() == ["one"]
