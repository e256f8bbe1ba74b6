"""A turn is one process's at a time, and what another did meanwhile is never overwritten."""

from contextlib import suppress
from datetime import date

from service.persistence.engine import SqlDatabase
from tests.fakes import NOON

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
