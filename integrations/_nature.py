"""What a recording is, whatever its name says.

    body -> out of its gzip or zip -> told by its first signs -> the reader of that format

Watches, phones and platforms give recordings wrong endings, and hand them over packed. This happens where recordings
are read, so that a bomb harms nothing but its own reading.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from service.ports import Decoded, Decoder, Malformed, Raw

GZIP, ZIP, EMPTY_ZIP = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
PACKED = frozenset({"gz", "zip"})
# As for a file that stands alone: the largest recordings seen are below 30 MB.
MOST_BYTES = 64 * 2**20
# A platform packs one recording, a multisport day a few; an archive of years is taken in by `afterrun import`.
MOST_MEMBERS = 20
# A recording in a gzip in a zip was seen; nothing packed deeper was.
DEEPEST = 2
HEAD_BYTES = 4096
SIGNS = {b"<gpx": "gpx", b"<trainingcenterdatabase": "tcx"}

TOO_LARGE = f"larger than {MOST_BYTES // 2**20} MB when unpacked: no recording of a run is"
TOO_MANY = "an archive of many files: take it in with `afterrun import`"
TOO_DEEP = "packed too many times over: unpack it first"
LOCKED = "locked with a password: unpack it first"
DAMAGED = "packed, and damaged or cut short: download it again"
HOLDS_NONE = "packed, with no recording inside"

# What a damaged or hostile archive makes the readers raise.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


class AnyDecoder:
    """Reads a recording by what it is; by its name (`decoders` are by media type) only where it shows no sign."""

    media_types: ClassVar[frozenset[str]] = PACKED

    def __init__(self, decoders: Mapping[str, Decoder]) -> None:
        self._decoders = decoders

    def decode(self, raw: Raw) -> Decoded:
        """Return what the bytes hold; raise Malformed where they cannot be read, packed or not."""
        if not _is_packed(raw.body):
            return self._read(raw)
        inside = [one for one in _unpacked(raw) if nature(one.body) or one.media_type in self._decoders]
        found = [self._read(_named(one, number)) for number, one in enumerate(inside, start=1)]
        activities = tuple(activity for one in found for activity in one.activities)
        if activities:
            return Decoded(activities=activities)
        return Decoded(skipped=found[0].skipped if found else HOLDS_NONE)

    def _read(self, raw: Raw) -> Decoded:
        kind = nature(raw.body) or raw.media_type
        if kind in PACKED:
            raise Malformed(DAMAGED)
        if kind not in self._decoders:
            raise Malformed(f"no reader for {kind} files")
        return self._decoders[kind].decode(replace(raw, media_type=kind))


def nature(body: bytes) -> str:
    """Return the format a body shows by its first signs, "" where it shows none."""
    if body[8:12] == b".FIT":
        return "fit"
    head = body[:HEAD_BYTES].replace(b"\0", b"").lower()  # without the zeros, UTF-16 reads like ASCII
    return next((kind for sign, kind in SIGNS.items() if sign in head), "")


def sole(raw: Raw) -> Raw:
    """Return the one recording in what a platform packed, named as what it is; anything else as it came.

    So one run has the same bytes by whichever road it comes. What cannot be unpacked is for its reader to say.
    """
    try:
        inside = list(_unpacked(raw))
    except Malformed:
        inside = []
    only = inside[0] if len(inside) == 1 else raw
    return replace(only, media_type=nature(only.body) or _packing(only.body) or only.media_type)


def _packing(body: bytes) -> str:
    return ("gz" if body.startswith(GZIP) else "zip") if _is_packed(body) else ""


def _is_packed(body: bytes) -> bool:
    return body.startswith((GZIP, ZIP, EMPTY_ZIP))


def _named(raw: Raw, number: int) -> Raw:
    """Return one of several with a name of its own."""
    return raw if number == 1 else replace(raw, external_id=f"{raw.external_id}/{number}")


def _unpacked(raw: Raw, depth: int = 0) -> Iterator[Raw]:
    """Yield what lies in a recording that is packed; else the recording itself."""
    if not _is_packed(raw.body):
        yield raw
        return
    if depth == DEEPEST:
        raise Malformed(TOO_DEEP)
    try:
        members = [_gunzipped(raw)] if raw.body.startswith(GZIP) else _members(raw)
    except _BROKEN as exc:
        raise Malformed(DAMAGED) from exc
    for member in members:
        yield from _unpacked(member, depth + 1)


def _gunzipped(raw: Raw) -> Raw:
    with gzip.GzipFile(fileobj=io.BytesIO(raw.body)) as stream:
        return replace(raw, body=_bounded(stream.read(MOST_BYTES + 1)))


def _members(raw: Raw) -> list[Raw]:
    with zipfile.ZipFile(io.BytesIO(raw.body)) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > MOST_BYTES:
            raise Malformed(TOO_MANY if len(infos) > MOST_MEMBERS else TOO_LARGE)
        if any(info.flag_bits & 1 for info in infos):
            raise Malformed(LOCKED)
        return [_member(raw, archive, info) for info in infos]


def _member(raw: Raw, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Raw:
    with archive.open(info) as stream:
        body = _bounded(stream.read(MOST_BYTES + 1))
    return replace(raw, body=body, media_type=info.filename.rpartition(".")[2].lower())


def _bounded(body: bytes) -> bytes:
    if len(body) > MOST_BYTES:
        raise Malformed(TOO_LARGE)
    return body
