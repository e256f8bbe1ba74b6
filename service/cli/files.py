"""Finding the recordings among the files and folders a person names."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from integrations.archive import ARCHIVES, recordings
from service.ports import Malformed, Raw

# More files than one comes home with are an archive of old ones: nobody is to be told of each.
BULK_FROM = 6
# The largest recordings seen (days of one-second data with developer fields) are below 30 MB.
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The recordings found. `files` pairs each with the name it is spoken of by; `left_out` counts other files."""

    files: tuple[tuple[Path, str], ...]
    left_out: int
    missing: tuple[Path, ...]
    has_folder: bool

    @property
    def bulk(self) -> bool:
        """Whether this is an archive of old runs rather than today's."""
        has_zip = any(path.suffix.lower() == ".zip" for path, _ in self.files)
        return self.has_folder or has_zip or len(self.files) >= BULK_FROM


def find(paths: Sequence[Path], media_types: Collection[str]) -> Found:
    """Return the recordings at these paths, folders searched through, each file once, in the order of their names.

    A file named by itself is taken whatever it is called; in folders, those of these media types and archives are.
    """
    suffixes = {f".{media_type}" for media_type in (*media_types, *ARCHIVES)}
    files: dict[Path, str] = {}
    left_out = 0
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file())
            recordings = [file for file in inside if file.suffix.lower() in suffixes]
            left_out += len(inside) - len(recordings)
            files |= {file: str(file.relative_to(path)) for file in recordings if file not in files}
        elif path.exists():
            files.setdefault(path, path.name)
    missing = tuple(path for path in paths if not path.exists())
    has_folder = any(path.is_dir() for path in paths)
    return Found(files=tuple(files.items()), left_out=left_out, missing=missing, has_folder=has_folder)


def read(path: Path, name: str, now: datetime) -> Raw:
    """Return a file as a recording; raise Malformed where it cannot be read or is larger than any recording."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Malformed(f"larger than {MOST_BYTES // 2**20} MB: no recording of a run is")
        body = path.read_bytes()
    except OSError as exc:
        raise Malformed(f"cannot be read: {exc.strerror}") from exc
    media_type = path.suffix.lower().removeprefix(".") or "fit"
    return Raw(source="file", external_id=name, media_type=media_type, body=body, received_at=now)


def read_all(found: Found, media_types: Collection[str], now: datetime) -> Iterator[tuple[str, Raw | Malformed]]:
    """Yield each recording by its name, or with what keeps it from being read; archives give those they hold."""
    for path, name in found.files:
        packed = path.suffix.lower().removeprefix(".") in ARCHIVES
        try:
            if packed:
                yield from _unpacked(path, name, media_types, now)
            else:
                yield name, read(path, name, now)
        except Malformed as exc:
            yield name, exc


def _unpacked(
    path: Path, name: str, media_types: Collection[str], now: datetime
) -> Iterator[tuple[str, Raw | Malformed]]:
    for member in recordings(path, media_types):
        told = name if member.name == path.stem else f"{name}/{member.name}"
        if isinstance(member.body, Malformed):
            yield told, member.body
            continue
        yield (
            told,
            Raw(source="file", external_id=told, media_type=member.media_type, body=member.body, received_at=now),
        )
