"""A database is brought to this release's schema, copied before it is changed, and never taken backwards."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from service.persistence import migrations
from service.persistence.engine import describe, make_engine
from service.persistence.migrations import NewerSchemaError, revision, upgrade
from service.persistence.tables import metadata
from tests.peers.postgresql import Server


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path}/deep/afterrun.db")
    yield engine
    engine.dispose()


@pytest.fixture
def on_postgresql(postgresql: Server) -> Iterator[Engine]:
    with postgresql.empty() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize("kind", ["engine", "on_postgresql"])
def test_an_empty_database_gets_exactly_the_schema_of_the_tables(request: pytest.FixtureRequest, kind: str) -> None:
    engine: Engine = request.getfixturevalue(kind)
    assert upgrade(engine) is None

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    made_at_once = _shape(engine)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
    _to(engine, "head")
    assert _shape(engine) == made_at_once


def test_of_several_workers_that_start_at_once_one_changes_the_schema(on_postgresql: Engine) -> None:
    with ThreadPoolExecutor(4) as workers:
        copies = list(workers.map(upgrade, [on_postgresql] * 4))

    assert copies == [None] * 4
    assert revision(on_postgresql) is not None


def test_a_database_that_is_up_to_date_is_left_alone(engine: Engine) -> None:
    upgrade(engine)
    before = Path(str(engine.url.database)).read_bytes()

    assert upgrade(engine) is None
    assert Path(str(engine.url.database)).read_bytes() == before


def test_an_older_database_is_copied_before_it_is_changed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    monkeypatch.setattr("service.persistence.migrations._revisions", lambda: ["0000", "0001"])
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


def test_files_of_revisions_are_named_so_that_the_newest_is_known_without_alembic() -> None:
    script = ScriptDirectory.from_config(migrations._config())

    assert migrations._revisions() == sorted(one.revision for one in script.walk_revisions())
    assert migrations._revisions()[-1] == script.get_current_head()


def test_write_ahead_logging_is_used_only_where_it_is_safe(engine: Engine) -> None:
    upgrade(engine)

    expected = "wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "delete"
    assert describe(engine)["journal"] == expected


def test_what_hangs_on_a_table_that_is_made_anew_stays(engine: Engine) -> None:
    _to(engine, "0003")
    with engine.begin() as connection:
        for row in OLD_ROWS:
            connection.exec_driver_sql(row)

    upgrade(engine)

    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT feeling FROM feedback").scalars().all() == ["good"]
        connection.exec_driver_sql("DELETE FROM activities")
        assert connection.exec_driver_sql("SELECT id, activity_id FROM sessions").one() == (1, None)
        connection.exec_driver_sql("DELETE FROM sessions")
        assert connection.exec_driver_sql("SELECT count(*) FROM feedback").scalar_one() == 0


def test_a_change_of_schema_that_would_leave_orphans_is_undone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(config: Config, _revision: str) -> None:
        config.attributes["connection"].exec_driver_sql("INSERT INTO feedback VALUES (1, 999, 'good', '2026-01-01')")

    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
    monkeypatch.setattr("alembic.command.upgrade", breaks)

    with pytest.raises(RuntimeError, match="hang on nothing"):
        upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM feedback").scalar_one() == 0
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


OLD_ROWS = (
    """INSERT INTO activities (id, athlete, source, external_id, sport, sub_sport, started_at, elapsed_s, moving_s,
       device, title, details, bulk) VALUES (1, 'me', 'folder', 'a.fit', 'running', '', '2026-06-15', 1, 1, '', '',
       '{}', 0)""",
    """INSERT INTO sessions VALUES (1, 'key', 'me', 1, 'whole', '{}', '2026-06-15', '2026-06-15', 'done',
       '2026-06-15', '2026-06-15')""",
    "INSERT INTO feedback VALUES (1, 1, 'good', '2026-06-15')",
)


def _shape(engine: Engine) -> dict[str, Any]:
    """Return what every table is like, whatever the order of its columns."""
    looked = inspect(engine)
    return {
        name: (
            {column["name"]: str(column) for column in looked.get_columns(name)},
            sorted(map(str, looked.get_indexes(name))),
            sorted(map(str, looked.get_unique_constraints(name))),
            sorted(str(one | {"name": None}) for one in looked.get_foreign_keys(name)),
            looked.get_pk_constraint(name),
        )
        for name in looked.get_table_names()
    }


def _to(engine: Engine, revision: str) -> None:
    config = migrations._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
