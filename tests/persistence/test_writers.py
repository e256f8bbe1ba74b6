"""The writers of a process stand in line: in the order they came, the urgent ones first, and nobody for ever."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy.exc import OperationalError

from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from service.persistence.writers import Line
from service.ports import Unavailable

PATIENCE_S = 60.0


class Queue:
    """People who enter a line one after another, and note in which order they came in."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.came: list[str] = []
        self.threads: list[Thread] = []

    def joins(self, name: str, *, urgent: bool = False) -> None:
        def wait() -> None:
            assert self.line.enter(urgent=urgent, patience_s=PATIENCE_S)
            self.came.append(name)
            self.line.leave()

        thread = Thread(target=wait)
        thread.start()
        self.threads.append(thread)
        while len(self.line._urgent) + len(self.line._others) < len(self.threads):
            pass

    def ends(self) -> list[str]:
        for thread in self.threads:
            thread.join(PATIENCE_S)
        return self.came


def test_in_the_order_they_came_and_the_urgent_first() -> None:
    line = Line()
    assert line.enter(urgent=False, patience_s=0)
    queue = Queue(line)
    queue.joins("one")
    queue.joins("two")
    queue.joins("urgent one", urgent=True)
    queue.joins("three")
    queue.joins("urgent two", urgent=True)

    line.leave()

    assert queue.ends() == ["urgent one", "urgent two", "one", "two", "three"]
    assert line.enter(urgent=False, patience_s=0)


def test_who_gives_up_leaves_no_gap() -> None:
    line = Line()
    assert line.enter(urgent=False, patience_s=0)
    assert not line.enter(urgent=True, patience_s=0)
    queue = Queue(line)
    queue.joins("one")

    line.leave()

    assert queue.ends() == ["one"]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlDatabase]:
    """Give a file whose writers have little patience."""
    monkeypatch.setattr("service.persistence.engine.BUSY_TIMEOUT_S", 0.05)
    made = SqlDatabase(make_engine(f"sqlite:///{tmp_path}/afterrun.db"))
    upgrade(made.engine)
    yield made
    made.close()


def test_one_who_writes_within_a_write_is_told_so_and_the_line_goes_on(database: SqlDatabase) -> None:
    with database.writing() as store:
        store.count_raws()
        with pytest.raises(Unavailable, match="locked"), database.writing() as inner:
            inner.count_raws()

    with database.writing(urgent=True) as store:
        store.count_raws()


def test_whatever_goes_wrong_the_next_one_is_let_in(database: SqlDatabase) -> None:
    for urgent in (False, True):
        with pytest.raises(ZeroDivisionError), database.writing(urgent=urgent):
            raise ZeroDivisionError
    with pytest.raises(OperationalError), database.engine.begin() as connection:
        connection.exec_driver_sql("no SQL at all")

    with database.writing() as store:
        assert store.count_raws() == {}


def test_reading_waits_for_no_writer_of_this_process(database: SqlDatabase) -> None:
    with database.writing(), database.reading() as store:
        assert store.count_raws() == {}
