"""Files on their way in: kept under harmless names, never where they do not belong, refused before a disk is full."""

from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.incoming import LONGEST_NAME, Incoming, NoRoomError, safe_name
from tests.aside import finished


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@given(st.text(max_size=400))
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    kept = safe_name(name)

    assert Path("folder", kept).parent == Path("folder")
    assert kept not in {"", ".", ".."}
    assert not kept.startswith(".")
    assert len(kept) <= LONGEST_NAME + 1
    assert kept.isprintable()
    assert len(kept.encode()) < 250


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Sunday run (1).fit", "Sunday run (1).fit"),
        ("../../etc/passwd", "passwd"),
        ("C:\\runs\\today.FIT", "today.FIT"),
        (".bashrc", "bashrc"),
        ("Läufe 東京.zip", "Läufe 東京.zip"),
        ("///", "recording"),
    ],
)
def test_a_name_keeps_what_a_person_knows_it_by(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_what_is_sent_is_whole_or_not_there(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path, lambda _: None)

    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    assert finished(incoming.keep(7, "one.fit", chunks(b"a", b"bc"))) == 3
    with pytest.raises(ConnectionError):
        finished(incoming.keep(7, "two.fit", broken()))

    assert [file.read_bytes() for file in incoming.files(7)] == [b"abc"]
    assert [file.name for file in (tmp_path / "7").iterdir()] == ["one.fit"]


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path, lambda _: None)
    for body in (b"a", b"b"):
        finished(incoming.keep(7, "run.fit", chunks(body)))

    assert [file.read_bytes() for file in incoming.files(7)] == [b"b", b"a"]


def test_a_disk_is_never_filled(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path, lambda _: None, spare=2**62)

    with pytest.raises(NoRoomError):
        finished(incoming.keep(1, "one.fit", chunks(b"abc")))
    assert incoming.files(1) == []


def test_imports_are_taken_one_after_the_other_and_emptied(tmp_path: Path) -> None:
    brought: list[int] = []
    done = Event()

    def bring(number: int) -> None:
        brought.append(number)
        if len(brought) == 3:
            done.set()

    for number in (3, 12):
        finished(Incoming(tmp_path, bring).keep(number, "one.fit", chunks(b"a")))
    incoming = Incoming(tmp_path, bring)
    incoming.go_on()
    incoming.start(20)

    assert done.wait(60)
    assert sorted(brought) == [3, 12, 20]
    while (tmp_path / "3").exists() or (tmp_path / "12").exists():
        pass


def test_nothing_left_behind_is_nothing_to_do(tmp_path: Path) -> None:
    Incoming(tmp_path / "never", lambda _: None).go_on()

    assert not (tmp_path / "never").exists()
