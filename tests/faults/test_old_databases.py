"""A database of any release before is copied and brought to today's; one of a newer release is refused untouched."""

import gzip
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.test_commands import Person, person
from tests.faults.conftest import Fault, Tally
from tests.persistence.test_schemas import KEPT, SCHEMAS

__all__ = ["person"]

# As tools/keep_schema.py had it when they were lived in; nobody is reached.
SETTINGS = """
[athlete]
timezone = "UTC"
[sources.folder]
path = "runs"
[channels.calendar]
path = "calendar"
[channels.ntfy]
url = "http://127.0.0.1:9/nobody-there"
"""
COMMANDS = (
    *(["status"], ["pending"], ["sync"], ["import", "."], ["run"], ["worker"], ["web"], ["done"], ["digest"]),
    *(["insights"], ["backup"], ["export"], ["link"], ["reclassify"], ["rotate-key"], ["delete-athlete", "me"]),
)


def lived_in(person: Person, schema: str) -> Path:
    """Give a person the database of a release of long ago."""
    person.settles(SETTINGS)
    (person.home / "runs").mkdir()
    place = person.home / "afterrun.db"
    with closing(sqlite3.connect(place)) as database:
        database.executescript(gzip.decompress((KEPT / f"{schema}.sql.gz").read_bytes()).decode())
    return place


@pytest.mark.faults
@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_old_one_is_copied_and_goes_on(person: Person, schema: str, tally: Tally) -> None:
    place = lived_in(person, schema)

    answer = person.types("status", "--json")

    tally.add(Fault.OLD_DATABASE)
    assert answer.exit_code == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert told["outbox"]
    copies = list(person.home.glob("*.bak"))
    assert [copy.name for copy in copies] == ([] if schema == SCHEMAS[-1] else [f"afterrun.db.{schema}.bak"])
    assert all(copy.stat().st_mode & 0o077 == 0 for copy in copies)
    assert person.types("sync").exit_code == 0
    assert person.types("backup", "kept.zip").exit_code == 0
    with closing(sqlite3.connect(place)) as database:
        assert database.execute("SELECT count(*) FROM activities").fetchone() == (2,)
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_newer_one_is_refused_in_one_line_and_left_as_it_is(person: Person, words: list[str], tally: Tally) -> None:
    place = lived_in(person, SCHEMAS[-1])
    with closing(sqlite3.connect(place)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    before = hashlib.sha256(place.read_bytes()).hexdigest()

    answer = person.types(*words)

    tally.add(Fault.NEW_DATABASE)
    assert answer.exit_code == 2
    assert "Traceback" not in answer.stderr
    line = answer.stderr.splitlines()[-1]
    assert "newer Afterrun" in line
    assert "install that release" in line
    assert hashlib.sha256(place.read_bytes()).hexdigest() == before
