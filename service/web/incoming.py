"""Files on their way in: streamed to the disk as they come, and taken in one import after the other.

begin -> file after file is sent -> start -> a thread of this process brings them in -> the folder is emptied
"""

import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread

# What a full disk would do to everything else is worse than an import refused.
SPARE_BYTES = 2**30
# Four bytes a character at most: no file system takes names of more than 255.
LONGEST_NAME = 50
PRIVATE = 0o700
UNSAFE = re.compile(r"[^\w.() +-]+")


class NoRoomError(Exception):
    """The disk has no room for what is sent."""


@dataclass(slots=True)
class Incoming:
    """Keeps what is sent below `folder`, by import, and has `bring` take it in."""

    folder: Path
    bring: Callable[[int], None]
    spare: int = SPARE_BYTES
    _waiting: SimpleQueue[int] = field(default_factory=SimpleQueue)
    _begun: bool = False
    _lock: Lock = field(default_factory=Lock)

    async def keep(self, number: int, name: str, chunks: AsyncIterator[bytes]) -> int:
        """Write a file of an import to the disk and return its size; raise NoRoomError where it has no room."""
        folder = self.folder / str(number)
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        place = _free(folder / safe_name(name))
        part = place.with_name(f".{place.name}.part")
        size = 0
        try:
            with part.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if len(chunk) and shutil.disk_usage(self.folder).free < self.spare:
                        raise NoRoomError
                    file.write(chunk)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
        return size

    def files(self, number: int) -> list[Path]:
        """Return what was sent for an import, in the order of the names."""
        folder = self.folder / str(number)
        return sorted(file for file in folder.glob("*") if not file.name.endswith(".part")) if folder.is_dir() else []

    def forget(self, number: int) -> None:
        """Take what was sent for an import off the disk."""
        shutil.rmtree(self.folder / str(number), ignore_errors=True)

    def start(self, number: int) -> None:
        """Have an import taken in once those before it are."""
        self._waiting.put(number)
        with self._lock:
            if not self._begun:
                self._begun = True
                Thread(target=self._work, name="imports", daemon=True).start()

    def go_on(self) -> None:
        """Take up what a process that died left behind."""
        for folder in sorted(self.folder.glob("*")) if self.folder.is_dir() else []:
            if folder.name.isdecimal():
                self.start(int(folder.name))

    def _work(self) -> None:
        while True:
            number = self._waiting.get()
            self.bring(number)
            self.forget(number)


def _free(place: Path) -> Path:
    """Return a place that no other file of the same name has: two folders may both hold a "run.fit"."""
    others = (place.with_stem(f"{place.stem} {number}") for number in count(2))
    return place if not place.exists() else next(other for other in others if not other.exists())


def safe_name(name: str) -> str:
    """Return a file's name as it is kept: its last part, nothing in it that a path could mean, and its ending."""
    last = name.replace("\\", "/").rpartition("/")[2].lstrip(".")
    plain = UNSAFE.sub("_", last)
    stem, dot, ending = plain.rpartition(".")
    short = f"{stem[: LONGEST_NAME - len(ending)]}{dot}{ending}" if dot else plain[:LONGEST_NAME]
    return short or "recording"
