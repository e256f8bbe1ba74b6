"""The worker: duties begin at once, keep out of one another's way, outlive faults, and end within their grace."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from service.engine.duties import Duty, Ids, always
from service.engine.local import LATEST, LONGEST, Worker

SOON = timedelta(milliseconds=20)
PATIENCE_S = 10.0
PATIENCE = timedelta(seconds=PATIENCE_S)


def duty(
    do: Callable[..., object], due: Callable[[], Iterable[Ids]] = always, *, name: str = "one", at_once: int = 1
) -> Duty:
    return Duty(name=name, every=SOON, due=due, do=do, at_once=at_once)


def test_every_duty_begins_at_once_and_goes_on() -> None:
    again = threading.Semaphore(0)
    worker = Worker([duty(again.release)])

    worker.start()

    assert all(again.acquire(timeout=PATIENCE_S) for _ in range(3))
    assert worker.stop(PATIENCE)


def test_a_slow_one_keeps_no_other_waiting_and_is_never_begun_twice() -> None:
    begun: list[str] = []
    release, swift = threading.Event(), threading.Semaphore(0)

    def ask(who: str) -> None:
        begun.append(who)
        if who == "slow":
            release.wait(PATIENCE_S)
        else:
            swift.release()

    worker = Worker([duty(ask, lambda: [("slow",), ("swift",)], at_once=2)])
    worker.start()

    assert all(swift.acquire(timeout=PATIENCE_S) for _ in range(5))
    assert begun.count("slow") == 1
    release.set()
    assert worker.stop(PATIENCE)


def test_a_fault_is_said_once_and_the_duty_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    tried = threading.Semaphore(0)

    def faulty(_: str) -> None:
        tried.release()
        raise ZeroDivisionError("one over nothing")

    worker = Worker([duty(faulty, lambda: [("anna",)], name="ask")])
    with caplog.at_level(logging.ERROR, logger="service.engine.local"):
        worker.start()
        assert all(tried.acquire(timeout=PATIENCE_S) for _ in range(4))
        worker.stop(PATIENCE)

    assert [record.message for record in caplog.records] == [
        "ask of anna failed; it is tried again, and this is said once"
    ]


def test_a_question_that_fails_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([OSError("the database is away"), OSError("the database is away")])
    done = threading.Event()

    def due() -> Iterable[Ids]:
        if fault := next(answers, None):
            raise fault
        return always()

    worker = Worker([duty(done.set, due)])
    with caplog.at_level(logging.ERROR, logger="service.engine.local"):
        worker.start()
        assert done.wait(PATIENCE_S)
        worker.stop(PATIENCE)

    assert len(caplog.records) == 1


def test_what_is_woken_does_not_wait_for_the_next_look() -> None:
    asked: list[Ids] = []
    done = threading.Event()

    def do(*ids: str) -> None:
        asked.append(ids)
        done.set()

    worker = Worker([duty(do, list)])
    worker.wake("one", "anna", "folder")

    assert done.wait(PATIENCE_S)
    assert asked == [("anna", "folder")]


def test_a_stop_waits_for_what_is_under_way_but_not_for_ever() -> None:
    begun, release = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        release.wait(PATIENCE_S)

    worker = Worker([duty(slow)])
    worker.start()
    assert begun.wait(PATIENCE_S)

    assert not worker.stop(timedelta(milliseconds=50))
    release.set()


class Time:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_duty_is_stuck_where_all_its_threads_have_been_taken_too_long() -> None:
    time, release = Time(), threading.Event()
    begun = threading.Semaphore(0)

    def hang(_: str) -> None:
        begun.release()
        release.wait(PATIENCE_S)

    worker = Worker([duty(hang, list, at_once=2)], time)
    worker.wake("one", "anna")
    assert begun.acquire(timeout=PATIENCE_S)
    time.seconds = LONGEST.total_seconds() + 1
    worker._hands["one"].look()
    assert worker.stuck() == []

    worker.wake("one", "ben")
    assert begun.acquire(timeout=PATIENCE_S)
    time.seconds *= 2
    worker._hands["one"].look()
    assert worker.stuck() == ["one"]
    release.set()


def test_a_duty_is_stuck_where_nobody_asks_what_is_due() -> None:
    time = Time()
    worker = Worker([duty(print, list)], time)

    time.seconds = LATEST.total_seconds() - 1
    assert worker.stuck() == []
    time.seconds = LATEST.total_seconds() + 1
    assert worker.stuck() == ["one"]
