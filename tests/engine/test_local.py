"""The worker: ticks begin at once, outlive faults, and stop within their grace."""

import logging
import threading
from datetime import timedelta

import pytest

from service.engine.local import Worker

SOON = timedelta(milliseconds=20)
PATIENCE_S = 10.0


def test_every_tick_begins_at_once_and_goes_on() -> None:
    again = threading.Semaphore(0)
    worker = Worker({"one": (again.release, SOON)})

    worker.start()

    assert all(again.acquire(timeout=PATIENCE_S) for _ in range(3))
    assert worker.stop(timedelta(seconds=PATIENCE_S))


def test_a_fault_is_said_once_and_the_tick_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    tried = threading.Semaphore(0)

    def faulty() -> None:
        tried.release()
        raise ZeroDivisionError("one over nothing")

    worker = Worker({"dividing": (faulty, SOON)})
    with caplog.at_level(logging.ERROR, logger="service.engine.local"):
        worker.start()
        assert all(tried.acquire(timeout=PATIENCE_S) for _ in range(4))
        worker.stop(timedelta(seconds=PATIENCE_S))

    assert [record.message for record in caplog.records] == [
        "dividing failed; it is tried again, and this is said once"
    ]


def test_a_stop_waits_for_what_is_under_way_but_not_for_ever() -> None:
    begun, release = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        release.wait(PATIENCE_S)

    worker = Worker({"sending": (slow, SOON)})
    worker.start()
    assert begun.wait(PATIENCE_S)

    assert not worker.stop(timedelta(milliseconds=50))
    release.set()
