"""Raw bytes and streams on disk, named by what they hold.

A file is written beside its place, brought to the disk and then moved, so that a name always stands for whole bytes.
"""

import hashlib
import os
import tempfile
from dataclasses import fields
from io import BytesIO
from pathlib import Path

import numpy as np

from service.domain.activity import Streams

_PRIVATE_FOLDER = 0o700


class FileArchive:
    """An archive below one folder: `raws/` by sha256, `streams/` by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put_raw(self, body: bytes) -> str:
        """Keep the bytes and return their sha256 in hex; keeping them again changes nothing."""
        sha256 = hashlib.sha256(body).hexdigest()
        place = self._raw(sha256)
        if not place.exists():
            _write(place, body)
        return sha256

    def get_raw(self, sha256: str) -> bytes:
        """Return kept bytes; raise KeyError where there are none."""
        return _read(self._raw(sha256))

    def put_streams(self, name: str, streams: Streams) -> None:
        """Keep streams under a name; keeping them again replaces them.

        Columns are kept in single precision: a millimetre in eight kilometres of distance, a millisecond in two hours.
        """
        packed = BytesIO()
        columns = {column.name: getattr(streams, column.name) for column in fields(streams)}
        np.savez_compressed(packed, allow_pickle=False, **{name: _narrow(values) for name, values in columns.items()})
        _write(self._streams(name), packed.getvalue())

    def get_streams(self, name: str) -> Streams:
        """Return kept streams; raise KeyError where there are none."""
        with np.load(BytesIO(_read(self._streams(name))), allow_pickle=False) as packed:
            return Streams(**{column.name: _widen(packed[column.name]) for column in fields(Streams)})

    def _raw(self, sha256: str) -> Path:
        return self.folder / "raws" / sha256[:2] / sha256

    def _streams(self, name: str) -> Path:
        return self.folder / "streams" / name[:2] / f"{name}.npz"


def _narrow(values: np.ndarray) -> np.ndarray:
    return values if values.dtype == np.bool_ else values.astype(np.float32)


def _widen(values: np.ndarray) -> np.ndarray:
    return values if values.dtype == np.bool_ else values.astype(np.float64)


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except FileNotFoundError as exc:
        raise KeyError(place.name) from exc


def _write(place: Path, body: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as beside:
        try:
            beside.write(body)
            beside.flush()
            os.fsync(beside.fileno())
            Path(beside.name).replace(place)
        except BaseException:
            Path(beside.name).unlink(missing_ok=True)
            raise
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
