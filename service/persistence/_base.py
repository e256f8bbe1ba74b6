"""What every group of questions stands on."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Table, func, literal, select

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

# Says of a connection that its transactions only read: on SQLite others then need not be waited for.
READS_ONLY = "afterrun_reads_only"
# Says of one that somebody outside waits for what it writes.
URGENT = "afterrun_urgent"


class Questions:
    """Holds the connection of the running transaction."""

    connection: Connection

    def alone_with(self, athlete: str) -> None:
        """Wait until no other transaction holds this athlete, and hold them until this one ends."""
        if self.connection.dialect.name == "postgresql":  # SQLite has one writer anyway
            self.connection.execute(select(func.pg_advisory_xact_lock(lock_number(athlete))))

    def _insert_new(self, table: Table, **values: Any) -> bool:  # noqa: ANN401 - a row's values are of many types
        return insert_new(self.connection, table, **values)


def runs_on(until: ColumnElement[datetime | None], now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Say in SQL that a wait or a lease is not over: see service/domain/delivery.py."""
    return (until > now) & (until <= now + longest)


def lock_number(name: str) -> int:
    """Return the number an advisory lock of PostgreSQL has for a name."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)


def insert_new(connection: Connection, table: Table, **values: Any) -> bool:  # noqa: ANN401 - a row's values are of many types
    """Insert a row unless its unique key stands there already; return whether it was inserted."""
    added = _insert(connection, table).values(**values).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(added).first() is not None


def _insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - whoever has a file needs nothing of PostgreSQL's

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - the other way round

    return postgresql.insert(table)
