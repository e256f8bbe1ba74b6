"""Keep a small database of today's schema for the tests of migrations.

It is lived in as a person does, through the command line, and written down as SQL in tests/persistence/schemas. Run it
with every new migration, before the release it comes with.
"""

import contextlib
import gzip
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "tests" / "persistence" / "schemas"
SETTINGS = """\
base_url = "http://afterrun.example"
[athlete]
timezone = "UTC"
[sources.folder]
path = "runs"
[channels.calendar]
path = "calendar"
[channels.ntfy]
url = "http://127.0.0.1:9/nobody-there"
"""
LIFE = (
    ("import", "long.fit"),
    ("done",),
    ("feel", "good"),
    ("import", "tempo.fit"),
    ("import", "torn.fit"),
    ("sync",),
    ("correct", "NEWEST", "interval"),
    ("digest",),
)


def main() -> None:
    """Live in a database and write it down."""
    with tempfile.TemporaryDirectory() as home:
        live_in(Path(home))
        with contextlib.closing(sqlite3.connect(Path(home) / "afterrun.db")) as lived_in:
            (schema,) = lived_in.execute("SELECT version_num FROM alembic_version").fetchone()
            KEPT.mkdir(exist_ok=True)
            kept = KEPT / f"{schema}.sql.gz"
            kept.write_bytes(gzip.compress("\n".join(lived_in.iterdump()).encode(), mtime=0))
    print(kept)


def live_in(home: Path) -> None:
    """Take runs in, do a session, say how it was, correct a verdict, and leave a message waiting."""
    (home / "afterrun.toml").write_text(SETTINGS)
    (home / "runs").mkdir()
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    (home / "long.fit").write_bytes(encode(sample.latest(RunType.LONG, ended - timedelta(hours=5))))
    (home / "tempo.fit").write_bytes(encode(sample.latest(RunType.TEMPO, ended)))
    (home / "torn.fit").write_bytes(b"\x0e\x10torn")
    for words in LIFE:
        newest = [str(newest_session(home)) if word == "NEWEST" else word for word in words]
        said = subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-c", f"from service.cli import main; main({newest!r})"],
            cwd=home,
            env=os.environ | {"PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT))},
            capture_output=True,
            text=True,
            check=False,
        )
        print(" ".join(words), "->", said.returncode, (said.stderr.splitlines() or [""])[-1])


def newest_session(home: Path) -> int:
    """Return the number of the newest session."""
    with contextlib.closing(sqlite3.connect(home / "afterrun.db")) as database:
        number: int = database.execute("SELECT max(id) FROM sessions").fetchone()[0]
    return number


if __name__ == "__main__":
    main()
