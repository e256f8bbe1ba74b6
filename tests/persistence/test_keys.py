"""A key is made once, and nobody else reads it."""

from pathlib import Path

import pytest

from service.persistence.keys import DamagedKeyError, OpenKeyError, kept_key

FIRST, SECOND = "first" * 8, "second" * 8


def test_a_key_is_made_once(tmp_path: Path) -> None:
    made = iter([FIRST, SECOND])

    assert kept_key(tmp_path / "keys" / "a.key", lambda: next(made)) == FIRST
    assert kept_key(tmp_path / "keys" / "a.key", lambda: next(made)) == FIRST


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    place = tmp_path / "keys" / "a.key"
    kept_key(place, lambda: FIRST)

    assert place.stat().st_mode & 0o077 == 0
    assert place.parent.stat().st_mode & 0o077 == 0
    assert list(place.parent.iterdir()) == [place]


def test_a_key_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    place = tmp_path / "a.key"
    place.write_text(FIRST)
    place.chmod(0o644)

    with pytest.raises(OpenKeyError, match="chmod 600"):
        kept_key(place, lambda: SECOND)


def test_of_two_that_make_one_at_once_both_get_the_first_ones(tmp_path: Path) -> None:
    place = tmp_path / "a.key"

    def slower() -> str:
        kept_key(place, lambda: FIRST)
        return SECOND

    assert kept_key(place, slower) == FIRST


@pytest.mark.parametrize("left", [b"", b"\n", b"cut short", b"\xff\xfe"])
def test_a_key_that_is_empty_or_cut_short_is_refused_and_left_as_it_is(tmp_path: Path, left: bytes) -> None:
    """A disk that was full or lost its power may leave one so; what is signed with nothing anybody can sign."""
    place = tmp_path / "a.key"
    place.write_bytes(left)
    place.chmod(0o600)

    with pytest.raises(DamagedKeyError, match=r"put it back from a backup, or remove it"):
        kept_key(place, lambda: SECOND)
    assert place.read_bytes() == left
