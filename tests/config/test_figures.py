"""Poses as written: a key tells what changes, both sides at once where it says so, and a mistake is named."""

from pathlib import Path

import pytest

from config.catalogue import CatalogueError
from config.figures import motions


def written(folder: Path, text: str) -> Path:
    (folder / "poses.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_key_has_what_the_key_before_it_told(tmp_path: Path) -> None:
    keys = "{ move = 2, hold = 1, lean = 5, left_leg = { bend = 30, swing = 10 } }, { left_leg = { bend = 60 } }"
    first, second = motions(written(tmp_path, f"[squat]\nkeys = [{keys}]"))["squat"].keys

    assert (second.move, second.lean) == (first.move, first.lean) == (2, 5)
    assert (second.left_leg.bend, second.left_leg.swing) == (60, 10)
    assert (first.hold, second.hold) == (1, 0), "a hold is for one key"


def test_arms_and_legs_speak_of_both_sides(tmp_path: Path) -> None:
    keys = "{ arms = { swing = 90 }, left_arm = { bend = 40 } }"
    (key,) = motions(written(tmp_path, f"[reach]\nkeys = [{keys}]"))["reach"].keys

    assert key.left_arm.swing == key.right_arm.swing == 90
    assert (key.left_arm.bend, key.right_arm.bend) == (40, 12)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("keys = [{ leen = 5 }]", "poses.toml: squat.keys.0.leen: there is no such key"),
        ("keys = [{ legs = { bent = 5 } }]", "squat.keys.0.left_leg.bent: there is no such key"),
        ("keys = [{ lean = 'far' }]", "poses.toml: squat.keys.0.lean: "),
        ("keys = [{}]\nwall = { x = 3, y = 4 }", "squat.wall: "),
        ("keys = []", "poses.toml: squat: "),
        ("flow = true", "poses.toml: squat.keys"),
        ("keys = [{}", "poses.toml: "),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        motions(written(tmp_path, f"[squat]\n{text}"))

    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"poses\.toml"):
        motions(tmp_path)
