"""Opening the database, and transactions that behave.

SQLite: every writing transaction begins IMMEDIATE, because a read that later turns into a write fails at once and
ignores the busy timeout. Write-ahead logging is used only from 3.51.3 on: older ones can corrupt a database when the
log is reset. Commits reach the disk before they are reported (synchronous=FULL).
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from service.persistence._base import READS_ONLY, URGENT
from service.persistence._troubles import answering
from service.persistence.store import SqlStore
from service.persistence.turns import Turns, advisory_lock
from service.persistence.writers import stand_in_line

WAL_IS_SAFE_FROM = (3, 51, 3)
# Longer than the longest writing transaction measured by far, shorter than a person's patience.
BUSY_TIMEOUT_S = 30

# Kept open, and at most at once: every thread of the worker and of the pages may have one, and some hold a turn's too.
CONNECTIONS: Mapping[str, int] = {"pool_size": 8, "max_overflow": 64}
# Another connection to a file costs half a millisecond, and one that is kept up to two megabytes.
FILE_CONNECTIONS: Mapping[str, int] = {**CONNECTIONS, "pool_size": 2}
# A server that went away is noticed within a minute and a half, and one that never answers is not waited for.
PATIENT = {
    "application_name": "afterrun",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 15,
    "keepalives_count": 4,
    "tcp_user_timeout": 90_000,
}


class NoDriverError(Exception):
    """The package that speaks to this kind of database is not installed; the text says how to get it."""


def make_engine(url: str) -> Engine:
    """Return an engine for a database address; a SQLite file's folder is made if it is missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _make_postgresql_engine(parsed)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S}, **FILE_CONNECTIONS)
    event.listen(engine, "connect", _prepare_sqlite)
    stand_in_line(engine, BUSY_TIMEOUT_S)
    return engine


def _make_postgresql_engine(url: URL) -> Engine:
    try:
        return create_engine(url, connect_args=PATIENT, pool_pre_ping=True, **CONNECTIONS)
    except ModuleNotFoundError as exc:
        raise NoDriverError(
            "PostgreSQL needs one more package: install it beside Afterrun with pip install 'afterrun[postgresql]'"
        ) from exc


def database_files(url: str) -> list[Path]:
    """Return the files a SQLite database lies in, with the copies of older ones beside it; of another kind, none."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return []
    place = Path(parsed.database).expanduser()
    return [file for file in (place, *sorted(place.parent.glob(f"{place.name}.*"))) if file.is_file()]


def conninfo(url: str) -> str:
    """Return the address of a PostgreSQL database as everyone but SQLAlchemy writes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    if sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM:
        connection.execute("PRAGMA journal_mode=WAL")


class SqlDatabase:
    """Opens transactions on one engine; with `through`, on that one connection only."""

    def __init__(self, engine: Engine, through: Connection | None = None) -> None:
        self.engine = engine
        self._reader = engine.execution_options(**{READS_ONLY: True})
        self._urgent_writer = engine.execution_options(**{URGENT: True})
        self._through = through
        self._turns = Turns()

    @property
    def is_a_file(self) -> bool:
        """Whether this is a SQLite file, which one worker has to itself."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[SqlStore]:
        """Open a transaction that only reads."""
        with self._transaction(self._reader) as connection:
            yield SqlStore(connection)

    @contextmanager
    def writing(self, *, urgent: bool = False) -> Iterator[SqlStore]:
        """Open a transaction that may write: committed at the end, rolled back on an error."""
        with self._transaction(self._urgent_writer if urgent else self.engine) as connection:
            yield SqlStore(connection)

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        with answering():
            if self._through is None:
                with engine.begin() as connection:
                    yield connection
            else:
                with self._through.begin():
                    yield self._through

    @contextmanager
    def turn(self, name: str) -> Iterator["SqlDatabase | None"]:
        """Hold a turn and give where to write meanwhile, None where another has it."""
        with self._turns.take(name) as free:
            if not free or self.is_a_file:
                yield self if free else None
                return
            with answering(), self.engine.connect() as connection, advisory_lock(connection, name) as locked:
                yield SqlDatabase(self.engine, connection) if locked else None

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def describe(engine: Engine) -> dict[str, Any]:
    """Return what a person looking for trouble wants to know: kind, version, journal, whether it is sound."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            return {"kind": engine.dialect.name, "version": version, "sound": True}
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        sound = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() == "ok"
        return {"kind": "sqlite", "version": sqlite3.sqlite_version, "journal": journal, "sound": sound}
