import pytest

from integrations.fit import container
from integrations.fit.container import BAD_CHECKSUM, CUT_SHORT, LEFT_OVER, Piece, pieces
from integrations.fit.writer import fit_file
from service.ports import Malformed
from tests.integrations.fit.files import identity, samples

MESSAGES = identity() + samples(0, 1, 2)


@pytest.mark.parametrize("header_size", [12, 14, 16])
def test_a_file_holds_its_messages_whatever_the_length_of_its_header(header_size: int) -> None:
    assert pieces(fit_file(MESSAGES, header_size=header_size)) == (Piece(MESSAGES),)


def test_chained_files_are_taken_apart() -> None:
    assert pieces(fit_file(MESSAGES) + fit_file(identity())) == (Piece(MESSAGES), Piece(identity()))


@pytest.mark.parametrize("missing", [1, 2, 3, 40])
def test_a_file_cut_short_keeps_what_is_there(missing: int) -> None:
    (piece,) = pieces(fit_file(MESSAGES)[:-missing])
    assert piece.trouble == CUT_SHORT
    assert piece.messages == MESSAGES[: len(MESSAGES) - max(missing - 2, 0)]


def test_a_device_that_died_before_writing_the_size_loses_nothing() -> None:
    (piece,) = pieces(fit_file(MESSAGES, data_size=0))
    assert piece.trouble == CUT_SHORT
    assert piece.messages.startswith(MESSAGES)


def test_a_wrong_checksum_is_said_and_a_checksum_of_zero_is_legal() -> None:
    assert pieces(fit_file(MESSAGES, crc=0x1234)) == (Piece(MESSAGES, BAD_CHECKSUM),)
    assert pieces(fit_file(MESSAGES, crc=0)) == (Piece(MESSAGES),)


def test_what_follows_the_last_file_is_left_out_and_said() -> None:
    assert pieces(fit_file(MESSAGES) + b"\xab" * 57) == (Piece(MESSAGES, LEFT_OVER),)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"\x0e\x20\x95", "cut off within its header"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
        (b"\x89PNG\r\n" + bytes(100), "PNG"),
        (b"\x1f\x8b\x08" + bytes(100), "gzip"),
        (b"PK\x03\x04" + bytes(100), "zip"),
        (b'<?xml version="1.0"?><gpx/>', "XML"),
        (b'\n{"error": "not found"}', "JSON"),
        (b"Date;Distance;Time\n" * 10, "not a FIT file"),
        (fit_file(MESSAGES).replace(b".FIT", b".FAT"), "not a FIT file"),
    ],
)
def test_what_is_no_fit_file_is_refused_by_its_kind(body: bytes, told: str) -> None:
    with pytest.raises(Malformed, match=told):
        pieces(body)


def test_a_file_too_large_for_any_recording_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_BYTES", 50)
    with pytest.raises(Malformed, match="larger than"):
        pieces(fit_file(MESSAGES))


def test_an_endless_chain_is_cut() -> None:
    found = pieces(fit_file() * (container.MAX_FILES + 5))
    assert len(found) == container.MAX_FILES
    assert found[-1].trouble == LEFT_OVER
