"""Putting a backup in the place of what is here, which is set aside, never lost.

checked, brought to this release's schema -> recordings -> the database -> keys

Whatever takes the place of something does so at one stroke, the old one having a second name by then: killed anywhere,
there is the old database or the new one, and the same command again finishes it.
"""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError

from service.persistence.archive import to_disk
from service.persistence.backup import DATABASE, KEYS, NAMED, Manifest, check, make, opened
from service.persistence.copying import copy_all, count_rows
from service.persistence.engine import make_engine
from service.persistence.migrations import revision, upgrade

PRIVATE = 0o700
RECORDINGS = ("raws/", "streams/")
BEFORE = "before-{:%Y%m%dT%H%M%SZ}"


class OccupiedError(Exception):
    """Something is here already; the text says what, and how to have it replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored, and where what was here before lies now."""

    manifest: Manifest
    aside: tuple[Path, ...]


def restore(place: Path, url: str, data_dir: Path, now: datetime, *, replace: bool) -> Restored:
    """Put a backup in the place of what is here.

    Raise BrokenBackupError for a bad one, NewerSchemaError for one of a newer release, and OccupiedError, unless
    `replace`, where a database is here already: nothing is changed then.
    """
    manifest = check(place)
    beside = _folder_of(url, data_dir)
    beside.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    with opened(place) as pack, tempfile.TemporaryDirectory(dir=beside, prefix=".afterrun-restore-") as aside:
        copy = Path(pack.extract(DATABASE, aside))
        _bring_up_to_date(copy)
        if not replace and (found := _found(url)):
            raise OccupiedError(f"{found}: add --yes to have that set aside and replaced")
        for name in pack.namelist():
            if name.startswith(RECORDINGS) and not (data_dir / name).exists():
                _put_file(pack, name, data_dir)
        kept = _put_database(copy, url, data_dir, now)
        keys = [_put_key(pack, name, data_dir, now) for name in pack.namelist() if name.startswith(f"{KEYS}/")]
    kept += [older for older in keys if older is not None]
    return Restored(manifest=manifest, aside=tuple(kept))


def _folder_of(url: str, data_dir: Path) -> Path:
    return _file_of(url).parent if _is_file(url) else data_dir


def _is_file(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


def _bring_up_to_date(copy: Path) -> None:
    engine = make_engine(f"sqlite:///{copy}")
    try:
        upgrade(engine)
    finally:
        engine.dispose()
    for older in copy.parent.glob(f"{copy.name}.*.bak"):
        older.unlink()


def _found(url: str) -> str:
    """Say what is here already; nothing where nothing is."""
    if _is_file(url) and not _file_of(url).exists():
        return ""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            rows = count_rows(connection) if revision(engine) else 0
    except DBAPIError:
        return "There is a database here that cannot be read"
    finally:
        engine.dispose()
    return f"There is a database here with {rows} rows" if rows else ""


def _put_database(copy: Path, url: str, data_dir: Path, now: datetime) -> list[Path]:
    """Put a database in its place, and return where the one that was there lies now."""
    if _is_file(url):
        return _put_file_database(copy, _file_of(url), now)
    engine, source = make_engine(url), make_engine(f"sqlite:///{copy}")
    try:
        kept = [_kept(engine, data_dir, now)] if revision(engine) else []
        upgrade(engine)
        with source.connect() as rows, engine.begin() as target:
            copy_all(rows, target)
    finally:
        engine.dispose()
        source.dispose()
    return kept


def _kept(engine: Engine, data_dir: Path, now: datetime) -> Path:
    place = data_dir / f"before-{NAMED.format(now)}"
    make(engine, data_dir, place, now)
    return place


def _put_file_database(copy: Path, place: Path, now: datetime) -> list[Path]:
    aside = _aside(place, now)
    was_there = place.exists()
    if was_there:
        _finish_what_a_crash_left(place)
        _name_twice(place, aside)
    for journal in ("-journal", "-wal", "-shm"):  # there still where the old one is damaged: they belong to it
        with suppress(FileNotFoundError):
            place.with_name(place.name + journal).rename(aside.with_name(aside.name + journal))
    copy.chmod(0o600)
    to_disk(copy)
    copy.replace(place)
    to_disk(place.parent)
    return [aside] if was_there else []


def _finish_what_a_crash_left(place: Path) -> None:
    """Have SQLite take what stands in a journal back or in; a database that is damaged stays as it is."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(place)) as database:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _put_key(pack: ZipFile, name: str, data_dir: Path, now: datetime) -> Path | None:
    """Put a key in its place, and return where one that differed lies now."""
    place = data_dir / name
    if place.exists() and place.read_bytes() == pack.read(name):
        return None
    aside = _aside(place, now) if place.exists() else None
    if aside is not None:
        _name_twice(place, aside)
    _put_file(pack, name, data_dir)
    return aside


def _aside(place: Path, now: datetime) -> Path:
    """Return a name for what is set aside that nothing has yet."""
    names = (f"{place.name}.{BEFORE.format(now)}{number or ''}" for number in count())
    return next(aside for aside in map(place.with_name, names) if not aside.exists())


def _name_twice(place: Path, aside: Path) -> None:
    """Give a file a second name, or a copy where the disk knows no second names."""
    try:
        os.link(place, aside)
    except OSError:
        shutil.copy2(place, aside)


def _put_file(pack: ZipFile, name: str, data_dir: Path) -> None:
    """Put a file in its place, whole and durable."""
    place = data_dir / name
    place.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as beside:
        with pack.open(name) as member:
            shutil.copyfileobj(member, beside)
        beside.flush()
        os.fsync(beside.fileno())
    Path(beside.name).replace(place)
