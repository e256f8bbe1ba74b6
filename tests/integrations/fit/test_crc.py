from hypothesis import given
from hypothesis import strategies as st

from integrations.fit.crc import crc16


def bit_by_bit(body: bytes) -> int:
    crc = 0
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def test_the_check_value_of_the_published_algorithm() -> None:
    assert crc16(b"123456789") == 0xBB3D


@given(st.binary(max_size=2000))
def test_agrees_with_the_definition_bit_by_bit(body: bytes) -> None:
    assert crc16(body) == bit_by_bit(body)


def test_long_bodies_with_zeros_in_front_and_behind() -> None:
    body = bytes(3000) + bytes(range(256)) * 40 + bytes(5000)
    assert crc16(body) == bit_by_bit(body)
