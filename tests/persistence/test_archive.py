"""What is put into the archive is there whole, or not at all."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from service.domain.activity import Streams
from service.persistence.archive import FileArchive
from service.ports import Unavailable
from tests.fakes import even_streams


def test_bytes_are_kept_under_what_they_are(archive: FileArchive) -> None:
    name = archive.put_raw(b"a recording")

    assert name == hashlib.sha256(b"a recording").hexdigest()
    assert archive.put_raw(b"a recording") == name
    assert archive.get_raw(name) == b"a recording"


def test_streams_come_back_with_their_gaps(archive: FileArchive) -> None:
    streams = even_streams(heart_rate=None)

    archive.put_streams("one-0", streams)
    found = archive.get_streams("one-0")

    np.testing.assert_allclose(found.distance_m, streams.distance_m, atol=1e-3)
    assert np.isnan(found.heart_rate).all()
    assert found.timer_on.dtype == np.bool_


def test_putting_streams_again_replaces_them(archive: FileArchive) -> None:
    archive.put_streams("one-0", even_streams(100))
    archive.put_streams("one-0", even_streams(200))

    assert len(archive.get_streams("one-0")) == 201


def test_what_is_not_there_is_a_key_error(archive: FileArchive) -> None:
    with pytest.raises(KeyError):
        archive.get_raw("0" * 64)
    with pytest.raises(KeyError):
        archive.get_streams("nothing")


def test_a_write_that_fails_leaves_nothing_behind(
    archive: FileArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(Unavailable, match="make room"):
        archive.put_raw(b"a recording")
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []


def test_what_it_keeps_is_for_its_owner_alone(archive: FileArchive, tmp_path: Path) -> None:
    archive.put_raw(b"a recording")

    kept = [path for path in (tmp_path / "data" / "raws").rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


def test_streams_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="lengths"):
        Streams.build(np.arange(3.0), heart_rate=np.arange(2.0))


def test_what_is_dropped_leaves_the_disk_with_its_streams_and_nothing_else_does(archive: FileArchive) -> None:
    kept, dropped = archive.put_raw(b"kept"), archive.put_raw(b"dropped")
    for name in (kept, dropped):
        archive.put_streams(f"{name}-0", even_streams(10))
        archive.put_streams(f"{name}-1", even_streams(10))

    archive.drop(dropped)
    archive.drop(dropped)

    for forgotten in (lambda: archive.get_raw(dropped), lambda: archive.get_streams(f"{dropped}-1")):
        with pytest.raises(KeyError):
            forgotten()
    assert archive.get_raw(kept) == b"kept"
    assert len(archive.get_streams(f"{kept}-1")) == 11


def test_dropping_what_never_was_is_fine(archive: FileArchive) -> None:
    archive.drop("0" * 64)
