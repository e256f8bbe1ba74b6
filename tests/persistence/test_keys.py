"""A key is made once, and nobody else reads it."""

from pathlib import Path

import pytest

from service.persistence.keys import OpenKeyError, kept_key


def test_a_key_is_made_once(tmp_path: Path) -> None:
    made = iter(["first", "second"])

    assert kept_key(tmp_path / "keys" / "a.key", lambda: next(made)) == "first"
    assert kept_key(tmp_path / "keys" / "a.key", lambda: next(made)) == "first"


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    place = tmp_path / "keys" / "a.key"
    kept_key(place, lambda: "secret")

    assert place.stat().st_mode & 0o077 == 0
    assert place.parent.stat().st_mode & 0o077 == 0
    assert list(place.parent.iterdir()) == [place]


def test_a_key_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    place = tmp_path / "a.key"
    place.write_text("secret")
    place.chmod(0o644)

    with pytest.raises(OpenKeyError, match="chmod 600"):
        kept_key(place, lambda: "another")


def test_of_two_that_make_one_at_once_both_get_the_first_ones(tmp_path: Path) -> None:
    place = tmp_path / "a.key"

    def slower() -> str:
        kept_key(place, lambda: "first")
        return "second"

    assert kept_key(place, slower) == "first"
