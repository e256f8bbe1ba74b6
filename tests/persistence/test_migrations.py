"""A database is brought to this release's schema, copied before it is changed, and never taken backwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from service.persistence.engine import describe, make_engine
from service.persistence.migrations import NewerSchemaError, revision, upgrade
from service.persistence.tables import metadata


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path}/deep/afterrun.db")
    yield engine
    engine.dispose()


def test_an_empty_database_gets_exactly_the_schema_of_the_tables(engine: Engine) -> None:
    assert upgrade(engine) is None

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_that_is_up_to_date_is_left_alone(engine: Engine) -> None:
    upgrade(engine)
    before = Path(str(engine.url.database)).read_bytes()

    assert upgrade(engine) is None
    assert Path(str(engine.url.database)).read_bytes() == before


def test_an_older_database_is_copied_before_it_is_changed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    monkeypatch.setattr("service.persistence.migrations._known", lambda *_: True)
    monkeypatch.setattr("service.persistence.migrations._run", lambda *_: None)

    copy = upgrade(engine)

    assert copy is not None
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)


def test_a_newer_database_is_refused_unchanged_with_what_to_do(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(NewerSchemaError, match="newer Afterrun"):
        upgrade(engine)
    assert revision(engine) == "9999"


def test_write_ahead_logging_is_used_only_where_it_is_safe(engine: Engine) -> None:
    upgrade(engine)

    expected = "wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "delete"
    assert describe(engine)["journal"] == expected
