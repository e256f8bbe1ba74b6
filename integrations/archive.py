"""Recordings inside archives: gzip files and zips, zips within zips, gzip files within zips.

Members are read as streams into memory, one at a time and within bounds; nothing is ever extracted by name, so a member
called `../../etc/passwd` is only a funny name.
"""

import gzip
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

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

# What a damaged, encrypted or hostile archive makes the readers raise.
BROKEN = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A recording in an archive: its path in there for people to read, its media type, and its bytes or the trouble."""

    name: str
    media_type: str
    body: bytes | Malformed


@dataclass(slots=True)
class _Allowance:
    """How many bytes and members may still come out of one archive."""

    left: int = TOTAL_BYTES
    members: int = MOST_MEMBERS

    def spend(self, spent: int) -> None:
        self.left -= spent
        self.members -= 1
        if self.left < 0 or self.members < 0:
            raise Malformed("the archive holds more than any runner's life: unpack the recordings you want from it")


def recordings(path: Path, media_types: Collection[str]) -> Iterator[Member]:
    """Yield the recordings of these media types in a .gz or .zip file, in the order they stand there.

    A member that cannot be read is yielded with its trouble and stops no other. Raise Malformed where the archive
    itself cannot be read, or holds more than is believable.
    """
    allowance = _Allowance()
    with _opened(path) as stream:
        if _suffix(path.name) == "gz":
            yield from _unzipped(stream, path.name, media_types, allowance)
        else:
            yield from _members(stream, "", media_types, allowance, depth=1)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as exc:
        raise Malformed(f"cannot be read: {exc.strerror}") from exc


def _members(
    stream: IO[bytes], within: str, media_types: Collection[str], allowance: _Allowance, *, depth: int
) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(stream)
    except BROKEN as exc:
        raise Malformed("not a zip archive, or damaged: download it again") from exc
    with archive:
        for info in archive.infolist():
            if not info.is_dir():
                yield from _member(archive, info, within, media_types, allowance, depth=depth)


def _member(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    within: str,
    media_types: Collection[str],
    allowance: _Allowance,
    *,
    depth: int,
) -> Iterator[Member]:
    name, suffix = f"{within}{info.filename}", _suffix(info.filename)
    if suffix not in ARCHIVES and suffix not in media_types:
        return
    try:
        with archive.open(info) as stream:
            if suffix == "gz":
                yield from _unzipped(stream, name, media_types, allowance)
            elif suffix == "zip" and depth < DEEPEST:
                yield from _members(stream, f"{name}/", media_types, allowance, depth=depth + 1)
            elif suffix == "zip":
                yield _trouble(name, "an archive in an archive in an archive: unpack it first")
            else:
                yield Member(name=name, media_type=suffix, body=_bounded(stream, allowance))
    except BROKEN as exc:
        yield _trouble(name, _why(info, exc))
    except Malformed as exc:
        if allowance.left < 0 or allowance.members < 0:
            raise
        yield _trouble(name, str(exc))


def _unzipped(stream: IO[bytes], name: str, media_types: Collection[str], allowance: _Allowance) -> Iterator[Member]:
    """Yield the one recording in a gzip stream, whose kind its name without .gz tells; none for other kinds."""
    inner = name.removesuffix(PurePosixPath(name).suffix)
    if _suffix(inner) not in media_types:
        return
    try:
        with gzip.GzipFile(fileobj=stream) as unpacked:
            body: bytes | Malformed = _bounded(unpacked, allowance)
    except BROKEN:
        body = Malformed("a gzip archive that is damaged or cut short: download it again")
    yield Member(name=inner, media_type=_suffix(inner), body=body)


def _bounded(stream: IO[bytes] | gzip.GzipFile, allowance: _Allowance) -> bytes | Malformed:
    """Return what a stream holds, or the trouble where that is more than a recording can be, whatever it says it is."""
    body = stream.read(MEMBER_BYTES + 1)
    allowance.spend(len(body))
    if len(body) > MEMBER_BYTES:
        return Malformed(f"larger than {MEMBER_BYTES // 2**20} MB when unpacked: no recording of a run is")
    return body


def _trouble(name: str, reason: str) -> Member:
    return Member(name=name, media_type=_suffix(name), body=Malformed(reason))


def _why(info: zipfile.ZipInfo, exc: BaseException) -> str:
    if info.flag_bits & 1:
        return "locked with a password: unpack it first"
    if isinstance(exc, NotImplementedError):
        return "packed in a way that is not known here: unpack it first"
    return "damaged inside the archive: download it again"


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")
