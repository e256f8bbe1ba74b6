"""A backup is whole, made while others write, checked by being read back, and restored to either kind of database."""

import hashlib
import json
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from service.application.ingest import Ingest
from service.application.reading import ReadersHere
from service.persistence import backup
from service.persistence.archive import FileArchive
from service.persistence.backup import BrokenBackupError, check, keep_newest, make
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import NewerSchemaError
from service.persistence.restoring import OccupiedError, restore
from service.ports import Fate, Standing
from tests.fakes import NOON, Decoder, decoded, even_streams, raw, run


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def takes(database: SqlDatabase, archive: FileArchive) -> Callable[[int], None]:
    """Return what takes in a run of so many days ago."""
    reader = Decoder()
    ingest = Ingest(database, archive, ReadersHere({"fit": reader}))

    def take(day: int) -> None:
        activity = run(name=str(day), started_at=NOON - timedelta(days=day), streams=even_streams(60))
        reader.meanings[str(day).encode()] = decoded(activity)
        assert ingest.take("me", raw(str(day).encode(), name=str(day))).fate is Fate.IMPORTED

    return take


@pytest.fixture
def made(database: SqlDatabase, data_dir: Path, takes: Callable[[int], None], tmp_path: Path) -> Path:
    """Return a backup of two runs, a standing and a key."""
    takes(1)
    takes(2)
    with database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(cursor="two", last_success=NOON))
    (data_dir / "keys").mkdir()
    (data_dir / "keys" / "vault.key").write_text("the key")
    place = tmp_path / "safe" / "afterrun-20260615T120000Z.zip"
    make(database.engine, data_dir, place, NOON)
    return place


@pytest.fixture(params=["sqlite", "postgresql"])
def new_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database that does not hold anything yet, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/afterrun.db"
    else:
        with request.getfixturevalue("postgresql").empty() as url:
            yield url


def holds(url: str, data_dir: Path) -> dict[str, object]:
    """Return what a database and its archive hold, as far as these tests put it there."""
    database = SqlDatabase(make_engine(url))
    with database.reading() as store:
        stored = [store.workout(number)[0] for number in store.unclassified("none").get("me", [])]
        found: dict[str, object] = {"runs": [one.activity for one in stored], "raws": store.count_raws()}
        found["standing"] = store.standing("me", "sources.folder")
    database.close()
    archive = FileArchive(data_dir)
    found["streams"] = [len(archive.get_streams(one.streams_name or "")) for one in stored]
    found["bodies"] = sorted(path.read_bytes() for path in (data_dir / "raws").rglob("*") if path.is_file())
    return found


def address(database: SqlDatabase) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def test_what_is_restored_is_what_was_there_on_either_kind_of_database(
    made: Path, database: SqlDatabase, data_dir: Path, new_home: str, tmp_path: Path
) -> None:
    restored = restore(made, new_home, tmp_path / "new" / "data", NOON, replace=False)

    assert holds(new_home, tmp_path / "new" / "data") == holds(address(database), data_dir)
    assert (tmp_path / "new" / "data" / "keys" / "vault.key").read_text() == "the key"
    assert (restored.manifest.recordings, restored.manifest.keys, restored.aside) == (4, 1, ())


def test_what_comes_after_a_restore_is_numbered_on(made: Path, new_home: str, tmp_path: Path) -> None:
    restore(made, new_home, tmp_path / "new", NOON, replace=False)
    database = SqlDatabase(make_engine(new_home))
    with database.writing() as store:
        assert store.add_activity("me", run(name="after"), None, bulk=False) == 3
    database.close()


def test_a_backup_is_whole_though_others_write_meanwhile(
    database: SqlDatabase, data_dir: Path, takes: Callable[[int], None], tmp_path: Path
) -> None:
    takes(0)
    writing = threading.Thread(target=lambda: list(map(takes, range(1, 40))))
    writing.start()
    for number in range(3):
        make(database.engine, data_dir, tmp_path / f"{number}.zip", NOON)
        assert check(tmp_path / f"{number}.zip").absent == ()
    writing.join()


def test_what_is_let_go_of_meanwhile_is_not_missed(
    made: Path, database: SqlDatabase, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of = backup.copy_of

    def then_purged(*args: object) -> None:
        monkeypatch.setattr(backup, "copy_of", copy_of)
        copy_of(*args)  # type: ignore[arg-type]
        with database.writing() as store:
            (one, _) = store.unclassified("none")["me"]
            gone = store.activity(one).streams_name
            store.drop_activity(one)
        (next((data_dir / "streams").rglob(f"{gone}.npz"))).unlink()

    monkeypatch.setattr(backup, "copy_of", then_purged)

    assert make(database.engine, data_dir, tmp_path / "late.zip", NOON).absent == ()


def test_a_recording_lost_before_is_told_of_and_hinders_no_backup(
    made: Path, database: SqlDatabase, data_dir: Path, tmp_path: Path
) -> None:
    lost = next(path for path in (data_dir / "raws").rglob("*") if path.is_file())
    lost.unlink()

    manifest = make(database.engine, data_dir, tmp_path / "late.zip", NOON)

    assert manifest.absent == (lost.relative_to(data_dir).as_posix(),)
    assert check(tmp_path / "late.zip") == manifest


def test_a_backup_is_for_its_owner_alone_and_half_ones_never_stand_in_its_place(
    made: Path, database: SqlDatabase, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = made.read_bytes()
    assert made.stat().st_mode & 0o077 == 0

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "to_disk", full)
    with pytest.raises(OSError, match="No space"):
        make(database.engine, data_dir, made, NOON)
    assert made.read_bytes() == whole
    assert [place.name for place in made.parent.iterdir()] == [made.name]


def damaged(made: Path, what: str) -> None:
    """Write the backup anew with one of its members changed."""
    with zipfile.ZipFile(made) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    name = next(name for name in members if name.startswith(what))
    members[name] = members[name][:-100] + b"\x01" * 100 if what != "manifest" else b"{"
    with zipfile.ZipFile(made, "w") as pack:
        for member, body in members.items():
            pack.writestr(member, body)


@pytest.mark.parametrize("what", ["raws/", "database", "manifest"])
def test_a_damaged_backup_is_refused_and_changes_nothing(made: Path, what: str, tmp_path: Path) -> None:
    damaged(made, what)

    with pytest.raises(BrokenBackupError, match="another"):
        restore(made, f"sqlite:///{tmp_path}/new/afterrun.db", tmp_path / "new", NOON, replace=True)
    assert not list((tmp_path / "new").rglob("*"))


def test_a_flipped_bit_and_a_missing_recording_are_noticed(made: Path) -> None:
    body = bytearray(made.read_bytes())
    middle = body.index(b"PK\x03\x04", 4) - 5
    body[middle] ^= 1
    flipped = made.with_name("flipped.zip")
    flipped.write_bytes(body)
    with pytest.raises(BrokenBackupError):
        check(flipped)

    with zipfile.ZipFile(made) as pack, zipfile.ZipFile(made.with_name("less.zip"), "w") as less:
        for name in pack.namelist():
            if not name.startswith("streams/"):
                less.writestr(name, pack.read(name))
    with pytest.raises(BrokenBackupError, match="2 recordings are missing"):
        check(made.with_name("less.zip"))


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "keys/../../outside", "raws/aa/../../x", "other.txt"])
def test_a_file_with_members_of_other_names_is_no_backup(made: Path, name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(made, "a") as pack:
        pack.writestr(name, "hostile")

    with pytest.raises(BrokenBackupError, match="no backup"):
        restore(made, f"sqlite:///{tmp_path}/new/afterrun.db", tmp_path / "new", NOON, replace=True)


def test_what_is_no_zip_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a backup")

    for name in ("notes.txt", "not there"):
        with pytest.raises(BrokenBackupError, match="another"):
            check(tmp_path / name)


def test_what_is_here_is_replaced_only_when_one_says_so_and_is_set_aside(
    made: Path, database: SqlDatabase, data_dir: Path, takes: Callable[[int], None]
) -> None:
    before = holds(address(database), data_dir)
    takes(3)
    (data_dir / "keys" / "vault.key").write_text("another key")
    with pytest.raises(OccupiedError, match="--yes"):
        restore(made, address(database), data_dir, NOON, replace=False)
    assert holds(address(database), data_dir) != before

    database.close()
    restored = restore(made, address(database), data_dir, NOON, replace=True)

    after = holds(address(database), data_dir)
    assert {**after, "bodies": None} == {**before, "bodies": None}
    kept, key = restored.aside
    assert key.read_text() == "another key"
    assert kept.exists()
    again = restore(kept, address(database), data_dir, NOON, replace=True) if kept.suffix == ".zip" else None
    runs = holds(address(database) if again else f"sqlite:///{kept}", data_dir)["raws"]
    assert runs == {Fate.IMPORTED: 3}


def test_a_backup_of_a_newer_release_is_refused(made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    newer = tmp_path / "newer.sqlite"
    newer.write_bytes(members["database.sqlite"])
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    members["database.sqlite"] = newer.read_bytes()
    manifest = json.loads(members["manifest.json"])
    manifest["sums"]["database.sqlite"] = hashlib.sha256(newer.read_bytes()).hexdigest()
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(made, "w") as pack:
        for name, body in members.items():
            pack.writestr(name, body)

    with pytest.raises(NewerSchemaError):
        restore(made, f"sqlite:///{tmp_path}/new/afterrun.db", tmp_path / "new", NOON, replace=True)
    assert not (tmp_path / "new" / "afterrun.db").exists()


def test_the_newest_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / f"afterrun-2026061{day}T033000Z.zip").touch()
    (tmp_path / "holiday-photos.zip").touch()

    keep_newest(tmp_path, 2)

    left = ["afterrun-20260614T033000Z.zip", "afterrun-20260615T033000Z.zip", "holiday-photos.zip"]
    assert sorted(place.name for place in tmp_path.iterdir()) == left
