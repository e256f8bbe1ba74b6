"""Bringing a database to the schema of this release.

A database of a newer release is refused. A SQLite file is copied beside itself before it is changed. An empty database
gets today's tables at once, and alembic (12 MB) is loaded only where there is something to change.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
)

from service.persistence._base import lock_number
from service.persistence.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent
# Alembic's own table, of one row.
_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32)),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


class NewerSchemaError(Exception):
    """The database was written by a newer release; the text says what to do."""


def upgrade(engine: Engine) -> Path | None:
    """Bring the database up to date and return where a copy of the old one was put, or None where none was needed.

    Raise NewerSchemaError, changing nothing, where the database knows a revision this release does not.
    """
    current, known = revision(engine), _revisions()
    head = known[-1]
    if current == head:
        return None
    if current is not None and current not in known:
        raise NewerSchemaError(
            f"The database is of a newer Afterrun (schema {current}): install that release, or restore a backup made"
            f" with this one (schema {head})"
        )
    copy = _copy_beside(engine, current) if current is not None else None
    with _rebuilding(engine) as connection:
        if _revision(connection) is None:
            _begin(connection, head)
        else:
            _run(connection)
    return copy


def revision(engine: Engine) -> str | None:
    """Return the revision a database is at, None for an empty one."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_version.name):
        return None
    found: str | None = connection.execute(select(_version.c.version_num)).scalar_one_or_none()
    return found


def _revisions() -> list[str]:
    """Return the revisions this release knows, the newest last: their files are named by them."""
    return sorted(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py"))


def _begin(connection: Connection, head: str) -> None:
    """Make today's tables in an empty database."""
    metadata.create_all(connection)
    _version.create(connection)
    connection.execute(insert(_version).values(version_num=head))


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - heavy, and seldom needed

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    return config


def _run(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - the same

    config = _config()
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
