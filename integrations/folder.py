"""The watched folder: recordings put there by a watch, a phone, Syncthing or a person.

    source(path="~/runs", pattern=["*.fit"], clock=...)

It is looked at, not listened to: the kernel's notices do not cross network shares. Folders inside it count, hidden
ones and links do not. The originals stay.

A recording is taken once it is whole: nothing about it has changed for STILL, nor while it was read. Ages come from
the change time, which a copy that keeps old dates (Syncthing, cp -p) cannot set back.

The cursor is a short mark of each file taken, not a date: a file may arrive years after it was made. Marks of files
that are gone are dropped with the next recording.
"""

import fnmatch
import logging
import os
import re
import stat
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from service.ports import Clock, EdgeError, Raw, Refused, Unavailable

# Longer than Samba (2 s) or FAT (2 s) take to show a write, and than a copy over a home network pauses; a little less
# than the ten seconds between two looks, so that a file is taken at the second one, 10 to 20 s after it is whole.
STILL = timedelta(seconds=8)
# A day's ultra with every sensor is about 10 MB as FIT.
LARGEST_BYTES = 32 * 1024 * 1024
TOO_LARGE = f"larger than {LARGEST_BYTES // 2**20} MB, so not read"
# 48 bits: among 10,000 files, one new file in 28 thousand million would be taken for an old one.
MARK_BYTES = 6
MARK_CHARS = 8
CURSOR_FORM = "1:"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = logging.getLogger(__name__)


def source(*, path: str | Path, pattern: Sequence[str], clock: Clock) -> "Folder":
    """Return the source of the files in a folder whose names fit one of the patterns, capital letters or small."""
    return Folder(Path(path).expanduser(), pattern, clock)


class _File(NamedTuple):
    """A file as it stood at one look. `name` is its path within the folder, as bytes: names may be in any alphabet."""

    path: str
    name: bytes
    size: int
    modified_ns: int
    changed_ns: int

    @property
    def mark(self) -> str:
        """What the cursor remembers it by; a file that was written to anew has another mark."""
        seen = b"%b\0%d\0%d" % (self.name, self.size, self.modified_ns)
        return urlsafe_b64encode(blake2b(seen, digest_size=MARK_BYTES).digest()).decode()

    @property
    def external_id(self) -> str:
        return self.name.decode(errors="backslashreplace")

    @property
    def changed_at(self) -> datetime:
        return EPOCH + timedelta(microseconds=self.changed_ns // 1000)


class Folder:
    """Gives what is put into a folder."""

    name = "folder"
    ask_every = timedelta(0)
    notice = ""

    def __init__(self, root: Path, patterns: Sequence[str], clock: Clock) -> None:
        self._root = os.fspath(root)
        self._wanted = re.compile("|".join(map(fnmatch.translate, patterns)), re.IGNORECASE)
        self._clock = clock
        self._still_since: dict[_File, datetime] | None = None
        self._complained: set[str] = set()
        self._ready_at: datetime | None = None

    @property
    def ready_at(self) -> datetime | None:
        """When the files last seen but left for being young will be whole; None where there were none."""
        return self._ready_at

    def check(self) -> str:
        """Return how many recordings there are; raise Unavailable where the folder is missing, Refused where closed."""
        return f"recordings in it: {sum(1 for _ in self._look())}"

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw, str]]:
        """Yield each whole file not yet taken, the newest first, as Source.fetch says.

        A file that vanished, changed or cannot be read is left for the next look and stops no other.
        """
        now = self._clock.now()
        files = {file.mark: file for file in self._look()}
        taken = _marks(cursor) & files.keys()
        fresh = {mark: file for mark, file in files.items() if mark not in taken}
        whole = self._whole(fresh.values(), now)
        young = [since for file, since in (self._still_since or {}).items() if file not in whole]
        self._ready_at = max(young) + STILL if young else None
        kept = CURSOR_FORM + "".join(sorted(taken))
        for mark, file in sorted(fresh.items(), key=lambda item: item[1].modified_ns, reverse=True):
            raw = self._raw(file, now) if file in whole else None
            if raw is not None:
                kept += mark
                yield raw, kept

    def _whole(self, files: Collection[_File], now: datetime) -> set[_File]:
        """Return the files that have stood still long enough.

        Only the first look, when nobody watched before, believes the files' own times: the clock of a network share
        may differ from ours. Later looks go by what was seen.
        """
        known = self._still_since
        self._still_since = {
            file: min(now, file.changed_at if known is None else known.get(file, now)) for file in files
        }
        return {file for file, since in self._still_since.items() if now - since >= STILL}

    def _look(self) -> Iterator[_File]:
        try:
            for folder, subfolders, names in os.walk(self._root, onerror=self._unlisted):
                subfolders[:] = [name for name in subfolders if not name.startswith(".")]
                for name in names:
                    wanted = not name.startswith(".") and self._wanted.match(name)
                    # Paths as text: for thousands of files, objects would take longer than the disk.
                    file = self._file(f"{folder}{os.sep}{name}") if wanted else None
                    if file is not None:
                        yield file
        except OSError as exc:
            raise _fault(exc) from exc

    def _unlisted(self, exc: OSError) -> None:
        """Take note of a folder that cannot be listed; without the watched one itself, there is nothing to do."""
        if exc.filename == self._root:
            raise exc
        self._complain(exc.filename, exc)

    def _file(self, path: str) -> _File | None:
        """Return a file as it stands, or None for a link, a pipe, and what is gone again."""
        try:
            status = os.lstat(path)
        except OSError:
            return None
        return self._seen(path, status) if stat.S_ISREG(status.st_mode) else None

    def _seen(self, path: str, status: os.stat_result) -> _File:
        name = os.fsencode(path[len(self._root) :].lstrip(os.sep))
        return _File(path, name, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def _raw(self, file: _File, now: datetime) -> Raw | None:
        """Return a file's bytes as a recording, or None where it is gone, has just changed or cannot be read."""
        too_large = file.size > LARGEST_BYTES
        body = b"" if too_large else self._read(file)
        if body is None:
            return None
        return Raw(
            source=self.name,
            external_id=file.external_id,
            media_type=Path(file.path).suffix.lower().removeprefix("."),
            body=body,
            received_at=now,
            withheld=TOO_LARGE if too_large else "",
        )

    def _read(self, file: _File) -> bytes | None:
        try:
            # Neither a link nor a pipe that took the file's place since it was looked at.
            handle = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as stream:
                body = stream.read(LARGEST_BYTES)
                unchanged = self._seen(file.path, os.fstat(handle)) == file
        except OSError as exc:
            self._complain(file.external_id, exc)
            return None
        return body if unchanged else None

    def _complain(self, name: str, exc: OSError) -> None:
        """Say once that something cannot be read, unless it is only gone."""
        if name not in self._complained and not isinstance(exc, FileNotFoundError):
            self._complained.add(name)
            log.warning("%s cannot be read (%s): let Afterrun read it, or take it out", name, exc.strerror)


def _marks(cursor: str | None) -> set[str]:
    """Return the marks in a cursor; none where it has another form, for a repeat is better than a loss."""
    if cursor is None or not cursor.startswith(CURSOR_FORM):
        return set()
    marks = cursor.removeprefix(CURSOR_FORM)
    return {marks[start : start + MARK_CHARS] for start in range(0, len(marks), MARK_CHARS)}


def _fault(exc: OSError) -> EdgeError:
    if isinstance(exc, FileNotFoundError):
        return Unavailable(f"there is no folder {exc.filename}: make it, mount it, or correct sources.folder.path")
    if isinstance(exc, PermissionError | NotADirectoryError):
        return Refused(f"cannot look into {exc.filename}: let Afterrun read it, or correct sources.folder.path")
    return Unavailable(f"cannot look into {exc.filename} ({exc.strerror}): trying again later")
