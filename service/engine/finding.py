"""Finding the recordings among the files, folders and archives a person names."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from integrations.archive import ARCHIVES, HEAD_BYTES, Archives, Member
from integrations.dating import begun
from integrations.exports import NOTHING_TOLD, Table, Told, is_table, read
from service.ports import Malformed, Raw

# More files than one comes home with are an archive of old ones: nobody is to be told of each.
BULK_FROM = 6
# The largest recordings seen (days of one-second data with developer fields) are below 30 MB.
MOST_BYTES = 64 * 2**20
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording found. `name` is what it is spoken of by, `begun_at` a guess from its first bytes, else its date.

    `told` is what the table of an export says of it.
    """

    name: str
    media_type: str
    begun_at: datetime
    read: Callable[[], bytes]
    told: Told = NOTHING_TOLD

    def as_raw(self, now: datetime) -> Raw:
        """Return it with its bytes, or with why they cannot be had."""
        body, withheld = b"", ""
        try:
            body = self.read()
        except Malformed as exc:
            withheld = str(exc)
        return Raw(
            source="file",
            external_id=self.name,
            media_type=self.media_type,
            body=body,
            received_at=now,
            withheld=withheld,
            title=self.told.title,
            sport=self.told.sport,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The recordings found, in the order of their names. `left_out` counts files of other kinds.

    `bulk` tells whether this is an archive of old runs rather than today's. `troubles` are what else could not be
    read, a line each.
    """

    recordings: Sequence[Recording]
    left_out: int
    missing: Sequence[Path]
    bulk: bool
    troubles: Sequence[str] = ()

    @property
    def total(self) -> int:
        """How many recordings there are."""
        return len(self.recordings)

    @property
    def newest_first(self) -> list[Recording]:
        """The recordings, those begun last before the others."""
        return sorted(self.recordings, key=lambda recording: recording.begun_at, reverse=True)

    def raws(self, now: datetime) -> Iterator[Raw]:
        """Yield the recordings with their bytes, each read when its turn comes."""
        return (recording.as_raw(now) for recording in self.newest_first)


@contextmanager
def find(paths: Sequence[Path], media_types: Collection[str]) -> Iterator[Found]:
    """Give the recordings at these paths, folders searched through and archives opened, each file once.

    A file named by itself is taken whatever it is called; in folders and archives, those of these media types are.
    """
    suffixes = {f".{media_type}" for media_type in (*media_types, *ARCHIVES)}
    files: dict[Path, str] = {}
    left_out = 0
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file())
            wanted = [file for file in inside if file.suffix.lower() in suffixes or is_table(file.name)]
            left_out += len(inside) - len(wanted)
            files |= {file: str(file.relative_to(path)) for file in wanted if file not in files}
        elif path.exists():
            files.setdefault(path, path.name)
    with Archives(lambda name: is_table(name) or _suffix(Path(name)) in media_types) as archives:
        listed = [one for path, name in files.items() for one in _recordings(archives, path, name)]
        recordings = [one for one in listed if not is_table(one.name)]
        tables, troubles = _tables(one for one in listed if is_table(one.name))
        yield Found(
            recordings=[_as_told(recording, tables) for recording in recordings],
            left_out=left_out,
            missing=[path for path in paths if not path.exists()],
            bulk=len(recordings) >= BULK_FROM or any(path.is_dir() or _suffix(path) == "zip" for path in paths),
            troubles=troubles,
        )


def _tables(listed: Iterable[Recording]) -> tuple[list[tuple[str, Table]], list[str]]:
    """Return the tables of exports with the folder each lies in, and what is wrong with those that cannot be read."""
    tables: list[tuple[str, Table]] = []
    troubles: list[str] = []
    for one in listed:
        try:
            tables.append((one.name.rpartition("/")[0], read(one.name, one.read())))
        except Malformed as exc:
            troubles.append(f"{one.name}: {exc}")
    return tables, troubles


def _as_told(recording: Recording, tables: Sequence[tuple[str, Table]]) -> Recording:
    """Return a recording with what the first table that knows it says of it."""
    for folder, table in tables:
        within = not folder or recording.name.startswith(f"{folder}/")
        file = recording.name.removeprefix(f"{folder}/") if within else ""
        if (told := table.told(file, recording.begun_at)) is not None:
            return replace(recording, told=told)
    return recording


def _recordings(archives: Archives, path: Path, name: str) -> Iterator[Recording]:
    if _suffix(path) not in ARCHIVES:
        yield _loose(path, name)
        return
    try:
        for member in archives.members(path):
            yield _packed(member, name if member.name == path.stem else f"{name}/{member.name}")
    except Malformed as exc:
        yield Recording(name=name, media_type=_suffix(path), begun_at=NEVER, read=partial(_fail, str(exc)))


def _loose(path: Path, name: str) -> Recording:
    media_type = _suffix(path) or "fit"
    return Recording(name=name, media_type=media_type, begun_at=_begun_at(path, media_type), read=partial(_read, path))


def _packed(member: Member, name: str) -> Recording:
    begun_at = begun(member.media_type, member.head()) or member.modified_at
    return Recording(name=name, media_type=member.media_type, begun_at=begun_at, read=member.read)


def _begun_at(path: Path, media_type: str) -> datetime:
    try:
        with path.open("rb") as file:
            told = begun(media_type, file.read(HEAD_BYTES))
        return told or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return NEVER


def _read(path: Path) -> bytes:
    """Return a file's bytes; raise Malformed where it cannot be read or is larger than any recording."""
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as exc:
        raise Malformed(f"cannot be read: {exc.strerror}") from exc
    if len(body) > MOST_BYTES:
        raise Malformed(f"larger than {MOST_BYTES // 2**20} MB: no recording of a run is")
    return body


def _fail(trouble: str) -> bytes:
    raise Malformed(trouble)


def _suffix(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")
