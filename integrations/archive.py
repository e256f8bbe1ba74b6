"""Recordings inside archives: gzip files and zips, zips within zips, gzip files within zips.

What an archive holds is listed first and read afterwards, in any order, into memory and within bounds. Nothing is ever
extracted by name, so a member called `../../etc/passwd` is only a funny name.
"""

import gzip
import io
import tempfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from service.ports import Malformed

ARCHIVES = frozenset({"gz", "zip"})

# As for files that stand alone: the largest recordings seen are below 30 MB.
MEMBER_BYTES = 64 * 2**20
# Decades of several recordings a day, photographs beside them.
MOST_MEMBERS = 200_000
# Everything an archive may hold unpacked; ten years of one-second recordings are about 2 GB.
TOTAL_BYTES = 64 * 2**30
# Garmin's export keeps zips in a zip; nobody is known to go deeper.
DEEPEST = 2
# A zip in a zip that is so small and holds so little is unpacked anew each time; others go to a nameless file once.
SMALL_BYTES, FEW_MEMBERS = 16 * 2**20, 4
# Archives kept open at once: a folder may hold thousands, and a process may open about a thousand files.
MOST_OPEN = 16
PIECE_BYTES = 2**20
# Enough of a file to tell when it was begun.
HEAD_BYTES = 4096

TOO_MUCH = "the archive holds more than any runner's life: unpack the recordings you want from it"
TOO_LARGE = f"larger than {MEMBER_BYTES // 2**20} MB when unpacked: no recording of a run is"
TOO_DEEP = "an archive in an archive in an archive: unpack it first"
DAMAGED = "damaged inside the archive: download it again"
NOT_A_ZIP = "not a zip archive, or damaged: download it again"
NOT_A_GZIP = "a gzip archive that is damaged or cut short: download it again"

# What a damaged, encrypted or hostile archive makes the readers raise.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, UnicodeDecodeError)

type _ZipOpener = Callable[[], AbstractContextManager[zipfile.ZipFile]]
type _Stream = IO[bytes] | gzip.GzipFile
type _Opener = Callable[[], AbstractContextManager[_Stream]]
type Wanted = Callable[[str], bool]


@dataclass(slots=True)
class _Allowance:
    """How many bytes and members may still come out of one archive."""

    left: int = TOTAL_BYTES
    members: int = MOST_MEMBERS

    def spend(self, *, spent: int = 0, members: int = 0) -> None:
        self.left -= spent
        self.members -= members
        if self.left < 0 or self.members < 0:
            raise Malformed(TOO_MUCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in an archive.

    `name` is its path in there for people to read, without the ".gz" of a gzip file, `media_type` the end of that
    name, `modified_at` the date the archive gives it. `trouble` says why it cannot be read, where that is known.
    """

    name: str
    media_type: str
    modified_at: datetime
    trouble: str = ""
    opener: _Opener
    allowance: _Allowance

    def read(self) -> bytes:
        """Return the whole of it; raise Malformed where it cannot be read or is larger than any recording."""
        body = self._read(MEMBER_BYTES + 1)
        self.allowance.spend(spent=len(body))
        if len(body) > MEMBER_BYTES:
            raise Malformed(TOO_LARGE)
        return body

    def head(self) -> bytes:
        """Return its first bytes; none where it cannot be read."""
        try:
            return self._read(HEAD_BYTES)
        except Malformed:
            return b""

    def _read(self, size: int) -> bytes:
        if self.trouble:
            raise Malformed(self.trouble)
        try:
            with self.opener() as stream:
                return stream.read(size)
        except BROKEN as exc:
            raise Malformed(_why(exc)) from exc


class Archives:
    """Opens archives and lists what is wanted of them; the members can be read until it is closed.

    `wanted` tells from a member's name whether it is listed.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._open: OrderedDict[Path, zipfile.ZipFile] = OrderedDict()
        self._nested = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every archive."""
        self._nested.close()
        while self._open:
            self._open.popitem()[1].close()

    def members(self, path: Path) -> Iterator[Member]:
        """Yield the wanted members of a .gz or .zip file, in the order they stand there.

        Raise Malformed where the archive itself cannot be read, or holds more than is believable.
        """
        if _suffix(path.name) == "gz":
            yield from self._in_gzip(path)
        else:
            yield from self._in_zip(lambda: self._at(path), "", _Allowance(), depth=1)

    def _in_gzip(self, path: Path) -> Iterator[Member]:
        name = _unzipped(path.name)
        if self._wanted(name):
            yield Member(
                name=name,
                media_type=_suffix(name),
                modified_at=_changed(path),
                opener=_gunzipping(lambda: path.open("rb")),
                allowance=_Allowance(),
            )

    def _in_zip(self, opener: _ZipOpener, within: str, allowance: _Allowance, *, depth: int) -> Iterator[Member]:
        try:
            with opener() as archive:
                infos = [info for info in archive.infolist() if not info.is_dir()]
        except BROKEN as exc:
            raise Malformed(_why(exc, otherwise=NOT_A_ZIP)) from exc
        allowance.spend(members=len(infos))
        for info in infos:
            if _suffix(info.filename) == "zip" and depth >= DEEPEST:
                yield _troubled(f"{within}{info.filename}", TOO_DEEP, allowance)
            elif _suffix(info.filename) == "zip":
                yield from self._in_nested(opener, info, within, allowance, depth=depth)
            elif self._wanted(_unzipped(info.filename)):
                yield _member(opener, info, within, allowance)

    def _in_nested(
        self, opener: _ZipOpener, info: zipfile.ZipInfo, within: str, allowance: _Allowance, *, depth: int
    ) -> Iterator[Member]:
        name = f"{within}{info.filename}"
        try:
            inner = self._nested_opener(opener, info, allowance)
            yield from self._in_zip(inner, f"{name}/", allowance, depth=depth + 1)
        except BROKEN as exc:
            yield _troubled(name, _why(exc), allowance)
        except Malformed as exc:
            if str(exc) == TOO_MUCH:
                raise
            yield _troubled(name, str(exc), allowance)

    def _nested_opener(self, opener: _ZipOpener, info: zipfile.ZipInfo, allowance: _Allowance) -> _ZipOpener:
        """Return how to open a zip within a zip again and again."""
        unpacked = tempfile.SpooledTemporaryFile(max_size=SMALL_BYTES)  # noqa: SIM115 - lives as long as its members
        self._nested.enter_context(unpacked)
        with opener() as outer, outer.open(info) as packed:
            _copy(packed, unpacked, allowance)
        size = unpacked.tell()
        try:
            inner = zipfile.ZipFile(unpacked)
        except BROKEN as exc:
            raise Malformed(NOT_A_ZIP) from exc
        if size <= SMALL_BYTES and len(inner.infolist()) <= FEW_MEMBERS:
            inner.close()
            unpacked.close()
            return lambda: _unpacked_anew(opener, info)
        self._nested.enter_context(inner)
        return lambda: _left_open(inner)

    @contextmanager
    def _at(self, path: Path) -> Iterator[zipfile.ZipFile]:
        """Give the archive at a path, kept open while there is room."""
        archive = self._open.pop(path, None) or zipfile.ZipFile(path)
        self._open[path] = archive
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        yield archive


def _member(opener: _ZipOpener, info: zipfile.ZipInfo, within: str, allowance: _Allowance) -> Member:
    name = _unzipped(info.filename)

    @contextmanager
    def opened() -> Iterator[_Stream]:
        with opener() as archive, archive.open(info) as stream:
            yield stream

    return Member(
        name=f"{within}{name}",
        media_type=_suffix(name),
        modified_at=_dated(info),
        trouble="locked with a password: unpack it first" if info.flag_bits & 1 else "",
        opener=opened if name == info.filename else _gunzipping(opened),
        allowance=allowance,
    )


def _gunzipping(opener: _Opener) -> _Opener:
    @contextmanager
    def opened() -> Iterator[_Stream]:
        with opener() as stream, gzip.GzipFile(fileobj=stream) as unpacked:
            try:
                yield unpacked
            except BROKEN as exc:
                raise Malformed(NOT_A_GZIP) from exc

    return opened


@contextmanager
def _unpacked_anew(opener: _ZipOpener, info: zipfile.ZipInfo) -> Iterator[zipfile.ZipFile]:
    with opener() as outer, zipfile.ZipFile(io.BytesIO(outer.read(info))) as inner:
        yield inner


@contextmanager
def _left_open(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipFile]:
    yield archive


def _copy(packed: IO[bytes], unpacked: IO[bytes], allowance: _Allowance) -> None:
    while piece := packed.read(PIECE_BYTES):
        allowance.spend(spent=len(piece))
        unpacked.write(piece)


def _troubled(name: str, trouble: str, allowance: _Allowance) -> Member:
    return Member(
        name=name,
        media_type=_suffix(name),
        modified_at=datetime.min.replace(tzinfo=UTC),
        trouble=trouble,
        opener=lambda: io.BytesIO(),  # noqa: PLW0108 - a context manager of bytes, as the type says
        allowance=allowance,
    )


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as exc:
        raise Malformed(_why(exc)) from exc


def _dated(info: zipfile.ZipInfo) -> datetime:
    """Return the date a zip gives a member; it knows no zone, and some write months that there are not."""
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _why(exc: BaseException, otherwise: str = DAMAGED) -> str:
    if isinstance(exc, NotImplementedError):
        return "packed in a way that is not known here: unpack it first"
    if isinstance(exc, OSError) and exc.strerror:
        return f"cannot be read: {exc.strerror}"
    return otherwise


def _unzipped(name: str) -> str:
    """Return a file's name without the ".gz" that says it is packed."""
    return name.removesuffix(PurePosixPath(name).suffix) if _suffix(name) == "gz" else name


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")
