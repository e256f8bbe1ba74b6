"""Killed with -9 at each touch of the disk and each commit, a command typed again finds nothing lost or doubled.

So it is with import, backup, restore and rotate-key, and with the change of the schema that a release begins with.
"""

import contextlib
import gzip
import multiprocessing
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from config.settings import load
from service.bootstrap import build
from service.persistence.backup import OURS, check
from service.persistence.engine import make_engine
from service.persistence.migrations import upgrade
from tests.cli.test_commands import Person, person
from tests.faults.commands import command, migration
from tests.faults.conftest import Fault, Tally
from tests.persistence.test_schemas import KEPT, SCHEMAS, _move, rows

__all__ = ["person"]

pytestmark = pytest.mark.faults

PATIENCE_S = 120.0
RUNS = 2
COUNTED = "SELECT (SELECT count(*) FROM activities), (SELECT count(*) FROM raws), (SELECT count(*) FROM sessions)"

forkserver = multiprocessing.get_context("forkserver")
forkserver.set_forkserver_preload(["tests.faults.commands", "service.bootstrap"])


def lives(work: Callable[..., None], *about: object, fatal: int) -> int:
    """Let something work until it is killed at a moment; return 0 where it was, and else how many it had."""
    heard, said = forkserver.Pipe(duplex=False)
    process = forkserver.Process(target=work, args=(*about, said, fatal))
    process.start()
    said.close()
    process.join(PATIENCE_S)
    assert not process.is_alive(), "it gets nowhere"
    with heard:
        try:
            moments: int = heard.recv()
        except EOFError:
            return 0
        return moments


def killed_at_each_moment(person: Person, *words: str) -> Iterator[Person]:
    """Yield the home of somebody whose command was killed, each time one moment later, until it comes to its end."""
    for fatal in count(1):
        home = person.home.with_name(f"{person.home.name}, killed at {fatal}")
        shutil.copytree(person.home, home)
        if lives(command, home, words, fatal=fatal):
            assert fatal > 1, "it was killed at least once"
            return
        with contextlib.chdir(home):
            yield Person(home, settled=True)
        shutil.rmtree(home)


def counts(home: Path) -> Any:  # noqa: ANN401 - a row
    with closing(sqlite3.connect(home / "afterrun.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return database.execute(COUNTED).fetchone()


@pytest.fixture
def runner(person: Person) -> Person:
    """Return somebody with a run and its routine."""
    assert person.types("import", person.ran()).exit_code == 0
    return person


def test_an_import_takes_each_file_once(person: Person, tally: Tally) -> None:
    for days in range(RUNS):
        person.ran(ago=timedelta(days=days, minutes=5)).rename(person.home / f"{days}.fit")
    for left in killed_at_each_moment(person, "import", "."):
        answer = left.types("import", ".")
        runs, recordings, _ = counts(left.home)
        tally.add(Fault.KILLED_IMPORT, lost=max(RUNS - runs, 0), doubled=max(runs - RUNS, 0))
        assert answer.exit_code == 0, answer.stderr
        assert (runs, recordings) == (RUNS, RUNS)


def test_a_backup_is_whole_or_not_there(runner: Person, tally: Tally) -> None:
    for left in killed_at_each_moment(runner, "backup"):
        tally.add(Fault.KILLED_KEEPING)
        for place in (left.home / "afterrun-data" / "backups").glob(OURS):
            check(place)
        assert left.types("backup", "another.zip").exit_code == 0
        check(left.home / "another.zip")


def test_a_restore_leaves_what_was_or_what_comes_and_can_be_done_again(runner: Person, tally: Tally) -> None:
    then = counts(runner.home)
    assert runner.types("backup", "kept.zip").exit_code == 0
    assert runner.types("import", runner.ran(ago=timedelta(days=2))).exit_code == 0
    now = counts(runner.home)
    assert now != then
    for left in killed_at_each_moment(runner, "restore", "kept.zip", "--yes"):
        tally.add(Fault.KILLED_KEEPING)
        assert counts(left.home) in (then, now)
        answer = left.types("restore", "kept.zip", "--yes")
        assert answer.exit_code == 0, answer.stderr
        assert counts(left.home) == then


def test_a_token_opens_wherever_a_new_key_was_being_made(runner: Person, tally: Tally) -> None:
    app = build(load(runner.home / "afterrun.toml", env={}))
    app._vault("me", "sources.strava").write({"token": "t"})
    app.close()
    for left in killed_at_each_moment(runner, "rotate-key"):
        tally.add(Fault.KILLED_KEEPING)
        app = build(load(left.home / "afterrun.toml", env={}))
        assert app._vault("me", "sources.strava").read() == {"token": "t"}
        app.close()
        assert left.types("rotate-key").exit_code == 0


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return a database of the first schema there was, of each kind."""
    place = tmp_path / "old.db"
    with closing(sqlite3.connect(place)) as database:
        database.executescript(gzip.decompress((KEPT / f"{SCHEMAS[0]}.sql.gz").read_bytes()).decode())
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{place}")
        yield engine
        engine.dispose()
        return
    with request.getfixturevalue("postgresql").empty() as url:
        engine = make_engine(url)
        _move(place, engine)
        yield engine
        engine.dispose()


def test_a_database_is_of_the_old_schema_or_of_the_new_one(old: Engine, tally: Tally) -> None:
    before = rows(old)
    url = old.url.render_as_string(hide_password=False)
    for fatal in count(1):
        if lives(migration, url, fatal=fatal):
            break
        tally.add(Fault.KILLED_MIGRATION)
        if rows(old) != before:
            assert upgrade(old) is None, "it is wholly of the new one"
            break
    assert fatal > len(SCHEMAS)
    assert {name: len(kept) for name, kept in rows(old).items()}.items() >= {
        name: len(kept) for name, kept in before.items()
    }.items()
