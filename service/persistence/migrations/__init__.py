"""Bringing a database to the schema of this release.

A database of a newer release is refused. A SQLite file is copied beside itself before it is changed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, func, select

from service.persistence._base import lock_number


class NewerSchemaError(Exception):
    """The database was written by a newer release; the text says what to do."""


def upgrade(engine: Engine) -> Path | None:
    """Bring the database up to date and return where a copy of the old one was put, or None where none was needed.

    Raise NewerSchemaError, changing nothing, where the database knows a revision this release does not.
    """
    config = _config()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(config).get_current_head()
    if current == head:
        return None
    if current is not None and not _known(config, current):
        raise NewerSchemaError(
            f"The database is of a newer Afterrun (schema {current}): install that release, or restore a backup made"
            f" with this one (schema {head})"
        )
    copy = _copy_beside(engine, current) if current is not None else None
    with _rebuilding(engine) as connection:
        _run(config, connection)
    return copy


def revision(engine: Engine) -> str | None:
    """Return the revision a database is at, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _known(config: Config, current: str) -> bool:
    try:
        return ScriptDirectory.from_config(config).get_revision(current) is not None
    except CommandError:
        return False


def _run(config: Config, connection: Connection) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _rebuilding(engine: Engine) -> Iterator[Connection]:
    """Open the one transaction of a migration, in which tables may be made anew.

    SQLite changes a column by making its table anew and dropping the old one; with references enforced that would take
    with it the rows which hang on it. They are checked at the end instead.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            # Of several workers that start at once the first changes the schema, and the others find it changed.
            connection.execute(select(func.pg_advisory_xact_lock(lock_number("schema"))))
            yield connection
        return
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the dialect says so
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if dangling := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise RuntimeError(f"the migration would leave {len(dangling)} rows that hang on nothing")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _copy_beside(engine: Engine, current: str) -> Path | None:
    place = engine.url.database
    if engine.dialect.name != "sqlite" or not place or place == ":memory:":
        return None
    copy = Path(f"{place}.{current}.bak")
    with closing(sqlite3.connect(place)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    copy.chmod(0o600)
    return copy
