"""A database that another program holds: waited for, said in one line, and nothing lost."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service.persistence import engine as engine_module
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from service.ports import Unavailable
from tests.fakes import NOON
from tests.faults.conftest import Fault, Tally


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SqlDatabase, sqlite3.Connection]]:
    """Return a database whose patience is short, and a program that holds it."""
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_S", 0.3)
    engine = make_engine(f"sqlite:///{tmp_path}/afterrun.db")
    upgrade(engine)
    database = SqlDatabase(engine)
    with closing(sqlite3.connect(tmp_path / "afterrun.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield database, other
    database.close()


def test_a_lock_that_is_let_go_of_in_time_is_waited_for(
    locked: tuple[SqlDatabase, sqlite3.Connection], tally: Tally
) -> None:
    database, other = locked
    letting_go = threading.Timer(0.1, other.execute, ["ROLLBACK"])
    letting_go.start()
    with database.writing() as store:
        assert store.add_digest("me", NOON.date(), NOON)
    letting_go.join()
    tally.add(Fault.LOCKED)


def test_a_lock_that_stays_is_said_in_one_line_and_nothing_is_lost(
    locked: tuple[SqlDatabase, sqlite3.Connection], tally: Tally
) -> None:
    database, other = locked
    for _ in range(3):
        with pytest.raises(Unavailable, match="another program holds it"), database.writing() as store:
            store.add_digest("me", NOON.date(), NOON)
    other.execute("ROLLBACK")
    with database.writing() as store:
        assert store.add_digest("me", NOON.date(), NOON)
    tally.add(Fault.LOCKED, 3)
