"""A database of every schema there ever was is brought to today's; nothing is lost, and what was under way goes on.

Each was lived in by the release of its time (tools/keep_schema.py) and is kept as SQL beside this file.
"""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, insert, select, text

from service.application.outbox import Outbox, Sent
from service.domain.classification import RunType
from service.domain.message import Message
from service.domain.routine import Routine
from service.persistence import migrations
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import revision, upgrade
from service.ports import Capabilities, Fate
from tests.fakes import Channel, Clock

KEPT = Path(__file__).with_name("schemas")
SCHEMAS = sorted(file.name.partition(".")[0] for file in KEPT.glob("*.sql.gz"))
# What a later release puts in other words on purpose.
RESTATED: frozenset[tuple[str, str]] = frozenset({("alembic_version", "version_num")})

type Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=SCHEMAS)
def lived_in(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a SQLite file as a release of long ago left it."""
    place = tmp_path / f"{request.param}.db"
    with closing(sqlite3.connect(place)) as database:
        database.executescript(gzip.decompress((KEPT / f"{request.param}.sql.gz").read_bytes()).decode())
    return place


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, lived_in: Path) -> Iterator[Engine]:
    """Return a database of each kind as a release of long ago left it."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{lived_in}")
        yield engine
        engine.dispose()
        return
    with request.getfixturevalue("postgresql").empty() as url:
        engine = make_engine(url)
        _move(lived_in, engine)
        yield engine
        engine.dispose()


def _move(lived_in: Path, engine: Engine) -> None:
    """Make the same database on PostgreSQL: by the migrations of its time, and row by row."""
    source = create_engine(f"sqlite:///{lived_in}")
    config = migrations._config()
    with source.connect() as connection, engine.begin() as target:
        (schema,) = connection.execute(text("SELECT version_num FROM alembic_version")).one()
        config.attributes["connection"] = target
        command.upgrade(config, schema)
        target.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        there = _reflected(engine, target)
        for table in _reflected(source, connection).sorted_tables:
            if table.name != "alembic_version" and (found := connection.execute(select(table)).mappings().all()):
                target.execute(insert(there.tables[table.name]), [dict(row) for row in found])
    source.dispose()


def _reflected(engine: Engine, connection: Any = None) -> MetaData:  # noqa: ANN401 - an engine or a connection
    metadata = MetaData()
    metadata.reflect(connection if connection is not None else engine)
    return metadata


def rows(engine: Engine) -> Rows:
    """Return every row of every table there is, whatever this release knows of it."""
    with engine.connect() as connection:
        tables = _reflected(engine, connection).sorted_tables
        found = {table.name: connection.execute(select(table)).mappings().all() for table in tables}
    return {name: sorted(map(dict, kept), key=lambda row: str(list(row.values())[:3])) for name, kept in found.items()}


def test_every_schema_there_ever_was_is_kept() -> None:
    there_were = {script.revision for script in ScriptDirectory.from_config(migrations._config()).walk_revisions()}

    assert there_were == set(SCHEMAS), "keep today's for the tests: .venv/bin/python tools/keep_schema.py"


def test_nothing_is_lost_on_the_way(old: Engine) -> None:
    before = rows(old)

    upgrade(old)

    after = rows(old)
    for table, kept in before.items():
        shared = (
            [column for column in kept[0] if column in after[table][0] and (table, column) not in RESTATED]
            if kept
            else []
        )
        assert [[row[column] for column in shared] for row in after[table]] == [
            [row[column] for column in shared] for row in kept
        ], table


def test_what_was_under_way_goes_on(old: Engine) -> None:
    """The message that waited goes out, once; the list, the verdicts and what was said of them are all there."""
    upgrade(old)
    database, phone = SqlDatabase(old), Channel(name="ntfy", capabilities=Capabilities())
    with database.reading() as store:
        assert store.count_raws() == {Fate.IMPORTED: 2, Fate.MALFORMED: 1}
        (pending,) = [session for session in store.open_sessions("me") if session.routine.run_type is RunType.INTERVAL]
        assert pending.run is not None
        assert store.correction(pending.run) is RunType.INTERVAL
        assert len(store.history("me")) == 2
        assert store.last_feeling("me") == "good"
        assert store.standing("me", "channels.ntfy").trouble
        waiting = store.outbox_counts()["ntfy"]["waiting"]
    assert waiting

    clock = Clock(pending.window.opens)
    clock.forward(hours=2)
    outbox = Outbox(database, {("me", "ntfy"): phone}, clock, lambda: 0.0)
    sent = outbox.deliver_due()

    assert isinstance(sent, Sent)
    assert len(phone.received) == sent.delivered >= 1
    assert any(_tells_of(pending.routine, message) for message in phone.received)
    assert outbox.deliver_due() == Sent()


def _tells_of(routine: Routine, message: Message) -> bool:
    """Return whether a message holds a routine's steps: one of its own, or the morning list it was put into."""
    told = "\n".join([message.body, *message.details])
    return all(step.name in told for step in routine.steps)


def test_a_file_is_copied_beside_itself_as_it_was(lived_in: Path) -> None:
    engine = make_engine(f"sqlite:///{lived_in}")
    was, before = revision(engine), rows(engine)

    copy = upgrade(engine)

    engine.dispose()
    if was == SCHEMAS[-1]:
        assert copy is None
        return
    assert copy is not None
    assert copy.stat().st_mode & 0o077 == 0
    kept = make_engine(f"sqlite:///{copy}")
    assert rows(kept) == before
    kept.dispose()
