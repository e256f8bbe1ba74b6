from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations._samples.records import Records
from integrations.fit.container import Piece, pieces
from integrations.fit.profile import BYTE, STRING, UINT8, UINT16, UINT32
from integrations.fit.reading import Budget, read
from integrations.fit.writer import DeveloperSlot, Layout, Slot, fit_file
from service.ports import Malformed
from tests.integrations.fit.files import START, described, identity, record, recording, samples, session

TIME = Slot(number=253, base=UINT32, size=4)
HEART_RATE = Slot(number=3, base=UINT8, size=1)


def test_records_become_columns_with_nan_for_what_a_record_lacks() -> None:
    found = recording(identity(), record(0, heart_rate=140), record(1, distance=3.5, heart_rate=None)).records
    assert (found.time - START).tolist() == [0, 1]
    np.testing.assert_array_equal(found.heart_rate, [140, np.nan])
    np.testing.assert_array_equal(found.distance, [np.nan, 3.5])


def test_records_may_change_their_layout_as_they_go() -> None:
    found = recording(record(0, speed=3.0), record(1, enhanced_speed=3.5, altitude=100), record(2, speed=4.0)).records
    assert found.speed.tolist() == [3.0, 3.5, 4.0]


def test_the_first_valid_of_enhanced_and_plain_counts() -> None:
    found = recording(
        record(0, enhanced_speed=3.2, speed=9.9),
        record(1, enhanced_speed=None, speed=3.1),
        record(2, enhanced_altitude=None, altitude=120.4),
    ).records
    assert found.speed[:2].tolist() == [3.2, 3.1]
    assert found.altitude[2] == pytest.approx(120.4)


def test_an_invalid_compressed_speed_and_distance_does_not_hide_the_valid_values_before_it() -> None:
    found = recording(record(0, speed=3.0, distance=12.0, compressed_speed_distance=b"\xff\xff\xff")).records
    assert (found.speed[0], found.distance[0]) == (3.0, 12.0)


def test_speed_and_distance_in_three_bytes() -> None:
    layout = Layout(message=20, slots=(TIME, Slot(number=8, base=BYTE, size=3)))
    # Twelve bits of speed in 1/100 m/s, then twelve of distance in 1/16 m that count on past their end.
    packed = [(300 | (4000 << 12)).to_bytes(3, "little"), (310 | (40 << 12)).to_bytes(3, "little")]
    found = recording(layout.definition(), *(layout.data(START + at, body) for at, body in enumerate(packed))).records
    assert found.speed.tolist() == [3.0, 3.1]
    assert found.distance.tolist() == [4000 / 16, (4096 + 40) / 16]


def test_cadence_has_its_fraction() -> None:
    assert recording(record(0, cadence=85, fractional_cadence=0.5)).records.cadence.tolist() == [85.5]


@pytest.mark.parametrize(
    ("units", "native", "expected"),
    [
        ("m/s", 6, [3.0, 9.0]),  # says that it stands for speed, in speed's unit: fills in where speed is missing
        ("km/h", 6, [3.0, np.nan]),
        ("", 6, [3.0, np.nan]),
        ("m/s", None, [3.0, np.nan]),
    ],
)
def test_a_developer_field_never_replaces_a_native_one(units: str, native: int | None, expected: list[float]) -> None:
    mine = DeveloperSlot(number=1, index=0, base=UINT8, size=1)
    layout = Layout(message=20, slots=(TIME, Slot(number=6, base=UINT16, size=2)), developer=(mine,))
    found = recording(
        described(1, "speed", UINT8.code, units, native),
        layout.definition() + layout.data(START, 3000, 9) + layout.data(START + 1, None, 9),
    ).records
    np.testing.assert_array_equal(found.speed, expected)


def test_a_developer_field_nobody_described_is_passed_over() -> None:
    mine = DeveloperSlot(number=9, index=4, base=UINT8, size=1)
    layout = Layout(message=20, slots=(TIME, HEART_RATE), developer=(mine,))
    assert recording(layout.definition(), layout.data(START, 150, 1)).records.heart_rate.tolist() == [150]


def test_both_byte_orders_read_alike() -> None:
    layout = Layout(message=20, slots=(TIME, Slot(number=5, base=UINT32, size=4), HEART_RATE), big_endian=True)
    found = recording(layout.definition(), layout.data(START, 1234, 150)).records
    assert (found.time[0], found.distance[0], found.heart_rate[0]) == (START, 12.34, 150)


def test_time_in_the_header_counts_on_from_the_last_whole_one() -> None:
    timed = Layout(message=20, slots=(TIME, HEART_RATE), local=0)
    short = Layout(message=20, slots=(HEART_RATE,), local=1)
    base = START - START % 32
    found = recording(
        timed.definition() + short.definition() + timed.data(base + 30, 140),
        short.compressed(31, 141) + short.compressed(1, 142),
    ).records
    assert (found.time - base).tolist() == [30, 31, 33]


def test_a_field_size_that_is_no_multiple_of_its_type() -> None:
    layout = Layout(message=20, slots=(TIME, Slot(number=3, base=UINT32, size=1)))
    found = recording(layout.definition(), layout.data(START, b"\x96"))
    assert found.trouble == ()
    assert found.records.heart_rate.tolist() == [150]


def test_strings_that_do_not_end_or_are_no_utf8() -> None:
    layout = Layout(message=26, slots=(Slot(number=8, base=STRING, size=4),))
    found = recording(layout.definition(), layout.data(b"6x8\xe9"))
    assert str(found.first("workout")["wkt_name"]).startswith("6x8")


def test_positions_are_not_read() -> None:
    found = recording(identity(), record(0, position_lat=521234567, position_long=134567890, heart_rate=150))
    values = [getattr(found.records, column.name)[0] for column in fields(Records)]
    assert not {521234567, 134567890} & {*values}
    assert "record" not in found.messages


def test_what_was_read_before_the_damage_is_kept_and_said() -> None:
    undefined = Layout(message=20, slots=(HEART_RATE,), local=7).data(150)
    found = recording(identity(), samples(0, 1, 2), undefined, samples(3, 4))
    assert len(found.records) == 3
    assert found.trouble == ("The file is damaged after 3 samples: what came before is kept.",)


def test_more_messages_than_any_recording_needs_are_refused() -> None:
    empty = Layout(message=20, slots=())
    piece = Piece(empty.definition() + empty.data() * 1000)
    with pytest.raises(Malformed, match="more messages"):
        read(piece, Budget(messages=500))


def test_definitions_count_as_messages() -> None:
    with pytest.raises(Malformed, match="more messages"):
        read(Piece(Layout(message=20, slots=()).definition() * 1000), Budget(messages=500))


def test_a_file_that_takes_too_long_is_refused() -> None:
    with pytest.raises(Malformed, match="too long"):
        read(Piece(identity() + samples(*range(100))), Budget(cpu_s=-1))


WHOLE = fit_file(
    described(1, "speed", UINT8.code, "m/s", 6), identity(), samples(*range(20)), session(total_distance=60), crc=0
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_gets_past_the_edge(data: st.DataObject) -> None:
    body = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(14, len(body) - 1))] = data.draw(st.integers(0, 255))
    for piece in pieces(bytes(body[: data.draw(st.integers(20, len(body)))])):
        assert len(read(piece, Budget()).records) <= len(body)
