"""Records lifted out as columns hold what fitparse reads from them, message by message."""

from dataclasses import fields
from pathlib import Path
from struct import calcsize

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations._samples.records import Records
from integrations.fit.container import Piece, pieces
from integrations.fit.messages import Recording
from integrations.fit.profile import BYTE, STRING, UINT8, UINT16, UINT32, BaseType
from integrations.fit.reading import Budget, read, read_plainly
from integrations.fit.writer import DeveloperSlot, Layout, Slot
from service.ports import Malformed
from tests.integrations.fit.files import START, described, description, identity, lap, samples, session, timer

SINT8, SINT16, SINT32 = BaseType(0x01, "b", 0x7F), BaseType(0x83, "h", 0x7FFF), BaseType(0x85, "i", 0x7FFFFFFF)
UINT8Z, UINT16Z, UINT64 = BaseType(0x0A, "B", 0), BaseType(0x8B, "H", 0), BaseType(0x8F, "Q", 2**64 - 1)
FLOAT32, FLOAT64 = BaseType(0x88, "f", 0xFFFFFFFF), BaseType(0x89, "d", 2**64 - 1)
TYPES = (UINT8, UINT16, UINT32, SINT8, SINT16, SINT32, UINT8Z, UINT16Z, UINT64, FLOAT32, FLOAT64, BYTE, STRING)
# altitude, heart rate, cadence, distance, speed, packed speed and distance, cadence256, fraction, enhanced ones, power
NUMBERS = (2, 3, 4, 5, 6, 8, 52, 53, 73, 78, 7, 200)
TIME = Slot(number=253, base=UINT32, size=4)
OWN = (UINT8, UINT16, FLOAT32)
DESCRIBED = described(0, "own", OWN[0].code, "m/s", 6) + b"".join(
    description(number, "own", OWN[number].code, units, native)
    for number, units, native in ((1, "bpm", 3), (2, "m", 2))
)


def values_compared(one: Recording, other: Recording) -> int:
    """Assert that two recordings are the same, and return how many values they hold."""
    assert one.trouble == other.trouble
    assert one.messages == other.messages
    found = 0
    for column in fields(Records):
        mine, theirs = getattr(one.records, column.name), getattr(other.records, column.name)
        np.testing.assert_array_equal(mine, theirs, err_msg=column.name)
        found += int(np.isfinite(theirs).sum())
    return found


def both(messages: bytes, trouble: str = "") -> tuple[Recording, Recording]:
    piece = Piece(messages, trouble)
    return read(piece, Budget()), read_plainly(piece, Budget())


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    base = draw(st.sampled_from(TYPES))
    times = draw(st.sampled_from([1, 1, 1, 2, 3]))
    odd = draw(st.sampled_from([0, 0, 0, 0, 1]))
    return Slot(number=draw(st.sampled_from(NUMBERS)), base=base, size=calcsize(base.letter) * times + odd)


@st.composite
def layouts(draw: st.DrawFn, local: int) -> Layout:
    if draw(st.integers(0, 3)) == 0:  # messages nobody needs: fitparse may stumble over odd ones, lifting passes by
        return Layout(
            message=draw(st.sampled_from([23, 999])), slots=(TIME,), local=local, big_endian=draw(st.booleans())
        )
    own = st.builds(
        DeveloperSlot, number=st.integers(0, 3), index=st.just(0), base=st.just(UINT8), size=st.integers(1, 4)
    )
    return Layout(
        message=20,
        slots=(*draw(st.sampled_from([(TIME,), (TIME,), ()])), *draw(st.lists(slots(), max_size=4))),
        developer=draw(st.lists(own, max_size=2)),
        local=local,
        big_endian=draw(st.booleans()),
    )


@st.composite
def contents(draw: st.DrawFn, layout: Layout) -> bytes:
    """Return a message of any bytes, with a liking for the numbers that mean "none"."""
    size = sum(slot.size for slot in layout.slots) + sum(own.size for own in layout.developer)
    stored = draw(st.one_of(st.binary(min_size=size, max_size=size), st.just(b"\xff" * size), st.just(bytes(size))))
    begins = bytes([layout.local])
    if layout.local < 4 and draw(st.sampled_from([False, False, True])):
        begins = bytes([0x80 | layout.local << 5 | draw(st.integers(0, 31))])
    return begins + stored


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Return the messages of a file whose records are laid out in many ways, among those of an ordinary one."""
    parts = [identity(), DESCRIBED]
    known: list[Layout] = []
    for _ in range(draw(st.integers(1, 12))):
        if not known or draw(st.integers(0, 3)) == 0:
            layout = draw(layouts(draw(st.integers(1, 5))))
            known = [*(one for one in known if one.local != layout.local), layout]
            parts.append(layout.definition())
        else:
            parts.append(draw(contents(draw(st.sampled_from(known)))))
        if draw(st.integers(0, 5)) == 0:
            parts.append(draw(st.sampled_from([lap(0, 60), timer("stop", 5), samples(1, 2, 3)])))
    whole = b"".join([*parts, session()])
    return whole[: len(whole) - draw(st.sampled_from([0, 0, 0, 1, 5, 60, 100]))]


@given(files())
def test_however_records_are_laid_out(messages: bytes) -> None:
    values_compared(*both(messages))


@given(st.integers(0, 400), st.binary(max_size=6))
@example(0, b"")
def test_wherever_a_file_is_damaged(place: int, damage: bytes) -> None:
    whole = identity() + samples(*range(12)) + lap(0, 12) + timer("stop", 5) + session()
    values_compared(*both(whole[:place] + damage + whole[place + len(damage) :]))


@given(st.integers(1, 400), st.sampled_from(["", "The file is cut short: what came before is kept."]))
def test_wherever_a_file_is_cut(place: int, trouble: str) -> None:
    whole = identity() + samples(*range(12)) + lap(0, 12) + session()
    values_compared(*both(whole[:-place], trouble))


def test_a_field_that_is_only_described_later_reads_as_what_it_was() -> None:
    own = DeveloperSlot(number=0, index=0, base=UINT8, size=1)
    layout = Layout(message=20, slots=(TIME,), developer=(own,), local=3)
    record = layout.data(START, 9)
    before_and_after = layout.definition() + record + DESCRIBED + record + layout.definition() + record
    found, plain = both(before_and_after)
    assert values_compared(found, plain)
    np.testing.assert_array_equal(found.records.speed, [np.nan, np.nan, 9])


def test_records_between_which_all_is_defined_anew() -> None:
    found, plain = both(b"".join(samples(at) + lap(at, 1) for at in range(100)))
    assert values_compared(found, plain) == 100 * 5


@pytest.mark.judged
@pytest.mark.shared
def test_every_real_file_reads_alike(shared: Path) -> None:
    bodies = (path.read_bytes() for path in sorted((shared / "fit").rglob("*")) if path.suffix.lower() == ".fit")
    read_pieces = [piece for body in bodies for piece in _pieces(body)]
    compared = sum(values_compared(*both(piece.messages, piece.trouble)) for piece in read_pieces)
    print(f"{len(read_pieces)} files, {compared} values")  # noqa: T201 - the measure of what was compared
    assert compared > 0


def _pieces(body: bytes) -> tuple[Piece, ...]:
    try:
        return pieces(body)
    except Malformed:
        return ()


# --- what the fuzzer found ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slot", "stored"),
    [
        (Slot(number=2, base=UINT8Z, size=2), b"\x00\x00"),  # an altitude of several values, none of them valid
        (Slot(number=8, base=STRING, size=1), b"\xff"),  # speed and distance packed into a text
    ],
    ids=["altitude of several values", "packed text"],
)
def test_where_fitparse_gives_up_on_a_record_so_does_lifting(slot: Slot, stored: bytes) -> None:
    layout = Layout(message=20, slots=(TIME, slot), local=1)
    found, plain = both(samples(1, 2) + layout.definition() + layout.data(START, stored) + samples(3))
    assert values_compared(found, plain)
    assert found.trouble == ("The file is damaged after 2 samples: what came before is kept.",)


def test_an_odd_message_nobody_needs_costs_nothing() -> None:
    own = DeveloperSlot(number=1, index=0, base=UINT8, size=1)  # described as two bytes long
    layout = Layout(message=23, slots=(TIME,), developer=(own,), local=1)
    found, plain = both(DESCRIBED + samples(1) + layout.definition() + layout.data(START, 9) + samples(2, 3))
    assert (len(found.records), found.trouble) == (3, ())
    assert (len(plain.records), bool(plain.trouble)) == (1, True)
