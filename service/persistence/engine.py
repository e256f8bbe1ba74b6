"""Opening the database, and transactions that behave.

SQLite: every writing transaction begins IMMEDIATE, because a read that later turns into a write fails at once and
ignores the busy timeout. Write-ahead logging is used only from 3.51.3 on: older ones can corrupt a database when the
log is reset. Commits reach the disk before they are reported (synchronous=FULL).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

from service.persistence.store import SqlStore

WAL_IS_SAFE_FROM = (3, 51, 3)
# Longer than the longest writing transaction measured by far, shorter than a person's patience.
BUSY_TIMEOUT_S = 30

_READS_ONLY = "afterrun_reads_only"


def make_engine(url: str) -> Engine:
    """Return an engine for a database address; a SQLite file's folder is made if it is missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    if sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM:
        connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get(_READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


class SqlDatabase:
    """Opens transactions on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reader = engine.execution_options(**{_READS_ONLY: True})

    @contextmanager
    def reading(self) -> Iterator[SqlStore]:
        """Open a transaction that only reads."""
        with self._reader.connect() as connection:
            yield SqlStore(connection)

    @contextmanager
    def writing(self) -> Iterator[SqlStore]:
        """Open a transaction that may write: committed at the end, rolled back on an error."""
        with self.engine.begin() as connection:
            yield SqlStore(connection)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def describe(engine: Engine) -> dict[str, Any]:
    """Return what a person looking for trouble wants to know of the database: its kind, version and journal."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            return {"kind": engine.dialect.name, "version": version}
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        return {"kind": "sqlite", "version": sqlite3.sqlite_version, "journal": journal}
