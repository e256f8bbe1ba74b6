"""What any engine owes its duties; each engine's tests inherit it."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from service.engine.duties import Duty, Ids, Worker, always

PATIENCE_S = 60.0
PATIENCE = timedelta(seconds=PATIENCE_S)


class Flag:
    """Something that happens so and so often, and can be waited for."""

    def __init__(self) -> None:
        self._times = threading.Semaphore(0)

    def __call__(self, *_: str) -> None:
        self._times.release()

    def happened(self, times: int = 1) -> bool:
        return all(self._times.acquire(timeout=PATIENCE_S) for _ in range(times))


class EngineContract:
    """Subclasses give `engine`, which makes a worker, and `every`, the shortest span it can look after."""

    every: timedelta

    @pytest.fixture
    def engine(self) -> Callable[..., Worker]:
        raise NotImplementedError

    def duty(
        self,
        do: Callable[..., object],
        due: Callable[[], Iterable[Ids]] = always,
        *,
        name: str = "one",
        at_once: int = 4,
        everywhere: bool = False,
    ) -> Duty:
        return Duty(name=name, every=self.every, due=due, do=do, at_once=at_once, everywhere=everywhere)

    def test_every_duty_begins_by_itself_and_goes_on(self, engine: Callable[..., Worker]) -> None:
        done = Flag()
        with running(engine(self.duty(done))):
            assert done.happened(times=3)

    def test_what_is_each_processes_own_affair_is_seen_to_here(self, engine: Callable[..., Worker]) -> None:
        done = Flag()
        with running(engine(self.duty(done, everywhere=True))):
            assert done.happened(times=3)

    def test_a_slow_one_keeps_no_other_waiting_and_is_never_begun_twice(self, engine: Callable[..., Worker]) -> None:
        begun: list[str] = []
        release, swift = threading.Event(), Flag()

        def ask(who: str) -> None:
            begun.append(who)
            if who == "slow":
                release.wait(PATIENCE_S)
            else:
                swift()

        with running(engine(self.duty(ask, lambda: [("slow",), ("swift",)]))):
            assert swift.happened(times=3)
            assert begun.count("slow") == 1
            release.set()

    def test_a_fault_is_said_once_and_the_duty_goes_on(
        self, engine: Callable[..., Worker], caplog: pytest.LogCaptureFixture
    ) -> None:
        tried = Flag()

        def faulty(*ids: str) -> None:
            tried()
            raise ZeroDivisionError("one over nothing")

        with (
            caplog.at_level(logging.ERROR, logger="service.engine"),
            running(engine(self.duty(faulty, lambda: [("anna", "folder")], name="ask"))),
        ):
            assert tried.happened(times=3)

        assert [record.message for record in caplog.records] == [
            "ask folder of anna failed; it is tried again, and this is said once"
        ]

    def test_a_question_that_fails_is_asked_again(
        self, engine: Callable[..., Worker], caplog: pytest.LogCaptureFixture
    ) -> None:
        answers = iter([OSError("the database is away"), OSError("the database is away")])
        done = Flag()

        def due() -> Iterable[Ids]:
            if fault := next(answers, None):
                raise fault
            return always()

        with caplog.at_level(logging.ERROR, logger="service.engine"), running(engine(self.duty(done, due))):
            assert done.happened()

        assert len(caplog.records) == 1

    def test_what_is_woken_is_done_for_just_these_ids(self, engine: Callable[..., Worker]) -> None:
        asked: list[Ids] = []
        done = Flag()

        def do(*ids: str) -> None:
            asked.append(ids)
            done()

        with running(engine(self.duty(do, list))) as worker:
            worker.wake("one", "anna", "folder")
            assert done.happened()

        assert asked == [("anna", "folder")]

    def test_a_stop_waits_for_what_is_under_way_but_not_for_ever(self, engine: Callable[..., Worker]) -> None:
        begun, release = Flag(), threading.Event()

        def slow() -> None:
            begun()
            release.wait(PATIENCE_S)

        worker = engine(self.duty(slow))
        worker.start()
        assert begun.happened()

        assert not worker.stop(timedelta(milliseconds=50))
        release.set()
        assert worker.stop(PATIENCE)


@contextmanager
def running(worker: Worker) -> Iterator[Worker]:
    worker.start()
    try:
        yield worker
    finally:
        assert worker.stop(PATIENCE)
