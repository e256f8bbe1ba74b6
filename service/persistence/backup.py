"""One file that holds everything, made while Afterrun works, and checked by being read back.

    copy of the database -> every recording and stream it names -> keys -> the file -> read back -> in its place

Whatever the database is, its copy is a SQLite file of the same schema: a backup of either kind is restored to either,
which is also how a household grows onto PostgreSQL.
"""

import hashlib
import json
import os
import re
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, select

from service.persistence.archive import raw_place, streams_place, to_disk
from service.persistence.copying import copy_all
from service.persistence.engine import make_engine
from service.persistence.migrations import revision, upgrade
from service.persistence.tables import activities, raws

# Where backups lie unless one says otherwise, below the data folder.
BACKUPS = "backups"
DATABASE, MANIFEST, KEYS = "database.sqlite", "manifest.json", "keys"
# Nothing else is ever taken out of a file that says it is a backup.
KNOWN = re.compile(
    r"raws/[0-9a-f]{2}/[0-9a-f]{64}|streams/[\w-]{2}/[\w-]+\.npz|keys/[\w-]+(\.\w+)?|database\.sqlite|manifest\.json"
)
NAMED = "afterrun-{:%Y%m%dT%H%M%SZ}.zip"
OURS = "afterrun-????????T??????Z.zip"
# A purge may take a recording away between the copy of the database and its turn: then the copy is made anew.
MOST_ROUNDS = 10
PIECE = 2**20


class BrokenBackupError(Exception):
    """A file is no backup, or not whole; the text says which, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. `sums` are by name, for what its name does not tell.

    `absent` are recordings the database knows and whose bytes nobody has.
    """

    made_at: str
    release: str
    schema: str
    recordings: int
    sums: Mapping[str, str]
    absent: tuple[str, ...] = ()

    @property
    def keys(self) -> int:
        """How many keys it holds."""
        return sum(name.startswith(f"{KEYS}/") for name in self.sums)


def make(engine: Engine, data_dir: Path, place: Path, now: datetime) -> Manifest:
    """Write a backup to `place` and return what it holds; raise BrokenBackupError where it does not read back well."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".afterrun-backup-") as beside:
        made = Path(beside) / place.name
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
            recordings, absent = _pack(pack, engine, data_dir, Path(beside) / DATABASE)
            others = {DATABASE: Path(beside) / DATABASE} | _keys(data_dir / KEYS)
            for name, file in others.items():
                pack.write(file, name)
            manifest = Manifest(
                made_at=now.isoformat(),
                release=version("afterrun"),
                schema=revision(engine) or "",
                recordings=recordings,
                sums={name: _sum(file) for name, file in others.items()},
                absent=absent,
            )
            pack.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        check(made)
        to_disk(made)
        made.chmod(0o600)
        made.replace(place)
    return manifest


def keep_newest(folder: Path, count: int) -> list[Path]:
    """Remove all backups of a folder but the newest, and return those that are gone."""
    old = sorted(folder.glob(OURS), reverse=True)[max(1, count) :]
    for place in old:
        place.unlink()
    return old


def check(place: Path) -> Manifest:
    """Read a whole backup and return what it holds; raise BrokenBackupError where anything is missing or damaged."""
    with opened(place) as pack, tempfile.TemporaryDirectory() as aside:
        manifest = _manifest(pack, place)
        database = Path(aside) / DATABASE
        for name in pack.namelist():
            with pack.open(name) as member, (database if name == DATABASE else Path(os.devnull)).open("wb") as to:
                digest = _copied(member, to, place)
            expected = name.rpartition("/")[2] if name.startswith("raws/") else manifest.sums.get(name, digest)
            if digest != expected:
                raise BrokenBackupError(f"{place}: {name} in it is damaged: use another backup")
        _sound(database, place)
        missing = (named_in(database) | manifest.sums.keys()) - set(pack.namelist()) - set(manifest.absent)
        if missing:
            raise BrokenBackupError(f"{place}: {len(missing)} recordings are missing from it: use another backup")
    return manifest


@contextmanager
def opened(place: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup; raise BrokenBackupError for a file that is none, or turns out damaged while it is open."""
    try:
        with zipfile.ZipFile(_readable(place)) as pack:
            strange = [name for name in pack.namelist() if not KNOWN.fullmatch(name)]
            if strange or DATABASE not in pack.namelist() or MANIFEST not in pack.namelist():
                raise BrokenBackupError(f"{place} is no backup of Afterrun: name a file that `afterrun backup` made")
            yield pack
    except (zipfile.BadZipFile, EOFError) as exc:
        raise BrokenBackupError(f"{place} cannot be read as a backup: use another one") from exc


def _readable(place: Path) -> Path:
    """Return a file that can be opened; raise BrokenBackupError where it cannot."""
    try:
        place.open("rb").close()
    except OSError as exc:
        raise BrokenBackupError(f"{place} cannot be read ({exc.strerror}): use another backup") from exc
    return place


def named_in(database: Path) -> set[str]:
    """Return the place in the archive of everything that a copy of the database names."""
    engine = make_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        bodies = connection.execute(select(raws.c.sha256)).scalars()
        places = {raw_place(name).as_posix() for name in bodies}
        names = connection.execute(select(activities.c.streams_name).where(activities.c.streams_name.is_not(None)))
        places |= {streams_place(name).as_posix() for name in names.scalars()}
    engine.dispose()
    return places


def _pack(pack: zipfile.ZipFile, engine: Engine, data_dir: Path, copy: Path) -> tuple[int, tuple[str, ...]]:
    """Put all that a copy of the database names into the pack; return how many pieces that are and what is absent."""
    packed: set[str] = set()
    absent: set[str] | None = None
    for _ in range(MOST_ROUNDS):
        copy_of(engine, copy)
        wanted = named_in(copy) - packed
        packed |= {name for name in sorted(wanted) if _add(pack, data_dir / name, name)}
        before, absent = absent, wanted - packed
        if not absent or absent == before:
            break
    return len(packed), tuple(sorted(absent or ()))


def _keys(folder: Path) -> dict[str, Path]:
    named = {f"{KEYS}/{key.name}": key for key in sorted(folder.glob("*"))}
    return {name: key for name, key in named.items() if KNOWN.fullmatch(name)}


def _sum(file: Path) -> str:
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()


def _add(pack: zipfile.ZipFile, file: Path, name: str) -> bool:
    try:
        pack.write(file, name)
    except FileNotFoundError:
        return False
    return True


def copy_of(engine: Engine, place: Path) -> None:
    """Write the database as it is at one moment into a SQLite file, while others go on writing."""
    place.unlink(missing_ok=True)
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database))) as live, closing(sqlite3.connect(place)) as copy:
            live.backup(copy)
        return
    into = make_engine(f"sqlite:///{place}")
    upgrade(into)
    at_one_moment = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with at_one_moment.connect() as source, into.begin() as target:
        copy_all(source, target)
    into.dispose()


def _manifest(pack: zipfile.ZipFile, place: Path) -> Manifest:
    try:
        document = json.loads(pack.read(MANIFEST))
        return Manifest(**{**document, "absent": tuple(document["absent"])})
    except (ValueError, TypeError, KeyError, zipfile.BadZipFile) as exc:
        raise BrokenBackupError(f"{place}: what it says of itself cannot be read: use another backup") from exc


def _copied(member: IO[bytes], to: IO[bytes], place: Path) -> str:
    """Copy a member and return its digest; reading it checks it against its own sum."""
    digest = hashlib.sha256()
    try:
        while piece := member.read(PIECE):
            digest.update(piece)
            to.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError) as exc:
        raise BrokenBackupError(f"{place}: it is damaged ({member.name}): use another backup") from exc
    return digest.hexdigest()


def _sound(database: Path, place: Path) -> None:
    try:
        with closing(sqlite3.connect(database)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
            dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as exc:
        raise BrokenBackupError(f"{place}: the database in it is damaged: use another backup") from exc
    if found != [("ok",)] or dangling:
        raise BrokenBackupError(f"{place}: the database in it is damaged: use another backup")
