"""The files inside a FIT body: most hold one, some a chain of them; some are cut short, or are no FIT files at all."""

from dataclasses import dataclass
from struct import Struct

from integrations.fit.crc import crc16
from service.ports import Malformed

# 100 h at 1 Hz with a full set of developer fields is 36 MB; the largest of 774 public files was 3 MB.
MAX_BYTES = 64_000_000
# Watches append one small file for each stretch a chest strap remembered: 7 was the most seen.
MAX_FILES = 1_000

_HEADER = Struct("<BBHI4s")
_SIGNATURE = b".FIT"
_CRC = Struct("<H")

_OTHER_KINDS = {
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"PK": "a zip archive: unpack it first",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"%PDF": "a PDF document",
    b"<": "a text of the XML kind (GPX, TCX or a web page): give it the ending that fits",
    b"{": "a JSON text: perhaps an error message saved in place of the recording",
}

CUT_SHORT = "The file is cut short: what came before is kept."
BAD_CHECKSUM = "The file's checksum does not match: single values may be wrong."
LEFT_OVER = "Something after the recording could not be read and was left out."


@dataclass(frozen=True, slots=True)
class Piece:
    """The messages of one file, without header and checksum, and what is wrong with them ("" where nothing is)."""

    messages: bytes
    trouble: str = ""


def pieces(body: bytes) -> tuple[Piece, ...]:
    """Return the files a body holds, in order; raise Malformed where it does not begin with one.

    What follows the last readable file is left out, and said so in its trouble.
    """
    _refuse_what_is_no_fit(body)
    found: list[Piece] = []
    start = 0
    while start < len(body):
        if not _begins_at(body, start) or len(found) == MAX_FILES:
            found[-1] = Piece(found[-1].messages, found[-1].trouble or LEFT_OVER)
            break
        piece, start = _piece(body, start)
        found.append(piece)
    return tuple(found)


def header(size: int) -> bytes:
    """Return the shortest header that announces `size` bytes of messages."""
    return _HEADER.pack(_HEADER.size, 0x20, 0, size, _SIGNATURE)


def _refuse_what_is_no_fit(body: bytes) -> None:
    if not body:
        raise Malformed("The file is empty: export or copy it again.")
    if len(body) > MAX_BYTES:
        raise Malformed(f"The file is larger than {MAX_BYTES // 1_000_000} MB, more than any recording needs.")
    if _begins_at(body, 0):
        return
    kind = next((kind for magic, kind in _OTHER_KINDS.items() if body.lstrip().startswith(magic)), "")
    if kind:
        raise Malformed(f"This is not a FIT file but {kind}.")
    if len(body) < _HEADER.size:
        raise Malformed("The file is cut off within its header: export or copy it again.")
    raise Malformed("This is not a FIT file, or its header is damaged: export it again.")


def _begins_at(body: bytes, start: int) -> bool:
    if len(body) < start + _HEADER.size:
        return False
    size, _, _, _, signature = _HEADER.unpack_from(body, start)
    return bool(signature == _SIGNATURE and size >= _HEADER.size)


def _piece(body: bytes, start: int) -> tuple[Piece, int]:
    """Return the file that begins at `start` and where the next one would."""
    header_size, _, _, data_size, _ = _HEADER.unpack_from(body, start)
    first, end = start + header_size, start + header_size + data_size
    if data_size == 0 and len(body) > end + _CRC.size and not _begins_at(body, end + _CRC.size):
        # The device died before it could write how much it had recorded.
        return Piece(body[first:], CUT_SHORT), len(body)
    if len(body) < end:
        return Piece(body[first:], CUT_SHORT), len(body)
    return Piece(body[first:end], _checked(body, start, end)), end + _CRC.size


def _checked(body: bytes, start: int, end: int) -> str:
    if len(body) < end + _CRC.size:
        return CUT_SHORT
    (stated,) = _CRC.unpack_from(body, end)
    return "" if stated in (0, crc16(body[start:end])) else BAD_CHECKSUM
