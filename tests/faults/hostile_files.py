"""Files that nobody should open, and some that only look so: bombs, tricks with names and links, nonsense."""

import gzip
import io
import os
import random
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
GPX = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{}</trkseg></trk></gpx>'
POINT = '<trkpt lat="{}" lon="{}"><ele>{}</ele><time>{}</time></trkpt>'
BOMB_BYTES = 300 * 2**20
# One field of one byte, described once.
SMALLEST = struct.pack("<BBBHBBBB", 0x40, 0, 0, 20, 1, 3, 1, 2)


def fit(data: bytes, *, says: int | None = None) -> bytes:
    """Return a FIT file around these messages, its sums left out; its header may lie about their length."""
    return struct.pack("<BBHI4sH", 14, 0x20, 2100, len(data) if says is None else says, b".FIT", 0) + data + b"\0\0"


def zipped(members: dict[str, bytes], mode: int = 0o644) -> bytes:
    """Return a zip of these members, all of one kind."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name, body in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            into.writestr(info, body)
    return packed.getvalue()


def bodies(good: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield names and what stands in the files; `good` is a recording as it should be."""
    dice = random.Random(1)
    yield "empty.fit", b""
    yield "noise.fit", dice.randbytes(100_000)
    yield "torn.fit", good[:100]
    yield "longer-than-it-is.fit", fit(SMALLEST, says=2**32 - 1)
    yield "ten-million-messages.fit", fit(SMALLEST + b"\0\7" * 10_000_000)
    yield "five-thousand-files.fit", fit(b"") * 5_000
    yield "fields-without-end.fit", fit(struct.pack("<BBBHB", 0x40, 0, 0, 20, 255) + b"\3\xff\2" * 255 + b"\0" * 2**20)
    yield "bomb.zip", zipped({"run.fit": bytes(BOMB_BYTES)})
    yield "bomb.fit.gz", gzip.compress(bytes(BOMB_BYTES))
    yield "bomb-in-a-bomb.zip", zipped({"a.zip": zipped({"b.zip": zipped({"run.fit": bytes(2**20)})})})
    yield "link-in-a-zip.zip", zipped({"run.fit": b"/etc/passwd"}, stat.S_IFLNK | 0o777)
    yield "half-a.zip", zipped({"run.fit": good})[:-40]
    yield "laughs.gpx", f'<!DOCTYPE gpx [<!ENTITY l0 "ha">{LAUGHS}]>{GPX.format("&l11;")}'.encode()
    yield "outside.gpx", f'<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>{GPX.format("&x;")}'.encode()
    yield "deep.gpx", GPX.format("<a>" * 200_000).encode()
    yield "nowhere.gpx", GPX.format("".join(POINT.format("NaN", "1e999", "-1e308", "2026-13-45T99:99") * 50)).encode()
    yield "outside.tcx", b'<!DOCTYPE t SYSTEM "http://127.0.0.1:9/evil.dtd"><TrainingCenterDatabase/>'
    yield "nonsense.tcx", b"<TrainingCenterDatabase>" + b"<Activities><Activity Sport='Running'><Lap>" * 5_000


def put_there(folder: Path, good: bytes, elsewhere: Path) -> list[str]:
    """Put all of them there, and return the names of those that stand for a file; `elsewhere` holds a good recording.

    What is no file of its own (a pipe, a link, a folder of that name) lies there as well.
    """
    named = []
    for name, body in bodies(good):
        (folder / name).write_bytes(body)
        named.append(name)
    with (folder / "huge.fit").open("wb") as huge:
        huge.truncate(2**30)
    (folder / "a\n\x1b[31mred\x1b]0;title\x07.fit").write_bytes(b"in a name")
    (folder / "a folder.fit").mkdir()
    (folder / "link.fit").symlink_to(elsewhere)
    (folder / "zero.fit").symlink_to("/dev/zero")
    (folder / "round and round").symlink_to(folder)
    os.mkfifo(folder / "pipe.fit")
    return [*named, "huge.fit"]
