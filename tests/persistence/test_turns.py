"""A turn is one process's at a time, and what another did meanwhile is never overwritten."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest

from service.persistence.engine import SqlDatabase, make_engine
from service.ports import Unavailable
from tests.fakes import NOON
from tests.peers.postgresql import Server

DAY = date(2026, 6, 15)


def test_a_turn_that_is_taken_is_given_to_nobody_else(database: SqlDatabase) -> None:
    with database.turn("me/sources.folder") as first:
        assert first is not None
        with database.turn("me/sources.folder") as second:
            assert second is None
        with database.turn("me/sources.folder") as third:
            assert third is None


def test_different_turns_do_not_wait_for_one_another(database: SqlDatabase) -> None:
    with database.turn("me/sources.folder") as mine, database.turn("you/sources.folder") as yours:
        assert mine is not None
        assert yours is not None


def test_a_turn_is_free_again_afterwards_also_after_a_fault(database: SqlDatabase) -> None:
    with suppress(ZeroDivisionError), database.turn("me/coach"):
        raise ZeroDivisionError

    with database.turn("me/coach") as again:
        assert again is not None


def test_whoever_has_a_turn_reads_and_writes(database: SqlDatabase) -> None:
    with database.turn("me/coach") as mine:
        assert mine is not None
        with mine.writing() as store:
            store.add_digest("me", DAY, NOON)
        with mine.reading() as store:
            assert store.digests_since(DAY) == {("me", DAY)}


@pytest.fixture
def machines(postgresql: Server) -> Iterator[tuple[SqlDatabase, SqlDatabase]]:
    """Return one database as two machines have it."""
    with postgresql.ready() as url:
        one, another = SqlDatabase(make_engine(url)), SqlDatabase(make_engine(url))
        yield one, another
        one.close()
        another.close()


def test_a_turn_counts_over_machines(machines: tuple[SqlDatabase, SqlDatabase]) -> None:
    one, another = machines
    with one.turn("me/coach"):
        with another.turn("me/coach") as taken:
            assert taken is None
        with another.turn("you/coach") as free:
            assert free is not None
    with another.turn("me/coach") as again:
        assert again is not None


def test_whoever_lost_a_turn_can_write_no_more(machines: tuple[SqlDatabase, SqlDatabase]) -> None:
    late, prompt = machines
    with late.turn("me/coach") as mine:
        assert mine is not None
        cut_off(prompt)

        with prompt.turn("me/coach") as taken_over:
            assert taken_over is not None
            with pytest.raises(Unavailable), mine.writing() as store:
                store.add_digest("me", DAY, NOON)

    with prompt.reading() as store:
        assert store.digests_since(DAY) == set()


def cut_off(database: SqlDatabase) -> None:
    """Cut the connection that has a turn, as a crash or a torn cable would."""
    with database.engine.begin() as connection:
        holders = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
        assert connection.exec_driver_sql(holders).scalars().all() == [True]
