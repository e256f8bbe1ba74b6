from struct import pack

import numpy as np
from fitparse import FitFile

from integrations.fit.profile import RECORD, SESSION, UINT8, UINT16
from integrations.fit.writer import Layout, Slot, fit_file, message, table
from tests.integrations.fit.files import START, identity, samples


def test_an_independent_reader_accepts_the_checksums_and_reads_the_values() -> None:
    told = message(SESSION, timestamp=START, total_distance=1234.56, avg_heart_rate=151, total_ascent=None)
    read = FitFile(fit_file(identity(), samples(0, 1), told), check_crc=True)
    (session,) = read.get_messages("session")
    assert session.get_value("total_distance") == 1234.56
    assert session.get_value("avg_heart_rate") == 151
    assert session.get_value("total_ascent") is None


def test_definitions_and_messages_byte_by_byte() -> None:
    slots = (Slot(number=3, base=UINT8, size=1), Slot(number=7, base=UINT16, size=2))
    layout = Layout(message=20, slots=slots, local=5)
    assert layout.definition() == bytes([0x45, 0, 0, 20, 0, 2, 3, 1, 0x02, 7, 2, 0x84])
    assert layout.data(150, 0x0102) == bytes([5, 150, 2, 1])
    assert layout.data(None, None) == bytes([5, 0xFF, 0xFF, 0xFF])


def test_big_endian_turns_numbers_and_the_message_number_round() -> None:
    layout = Layout(message=20, slots=(Slot(number=7, base=UINT16, size=2),), big_endian=True)
    assert layout.definition() == bytes([0x40, 0, 1, 0, 20, 1, 7, 2, 0x84])
    assert layout.data(0x0102) == bytes([0, 1, 2])


def test_a_compressed_header_holds_the_local_number_and_five_bits_of_time() -> None:
    layout = Layout(message=20, slots=(Slot(number=3, base=UINT8, size=1),), local=2)
    assert layout.compressed(33, 150) == bytes([0b1100_0001, 150])


def test_whole_columns_are_written_as_the_single_messages_would_be() -> None:
    times, rates = np.array([START, START + 1.0]), np.array([150.0, np.nan])
    definition, rows = table(RECORD, {"timestamp": times, "heart_rate": rates})
    assert definition == message(RECORD, timestamp=START, heart_rate=150)[: len(definition)]
    assert rows.tobytes() == pack("<BIBBIB", 0, START, 150, 0, START + 1, 0xFF)


def test_what_a_type_cannot_hold_is_written_as_no_value() -> None:
    _, rows = table(RECORD, {"heart_rate": np.array([300.0, -2.0, 60.0])})
    assert rows["heart_rate"].tolist() == [0xFF, 0xFF, 60]
