"""The page that says which test holds which rule names tests that exist, and every movement."""

import re
from pathlib import Path

from config import catalogue

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "science.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", PAGE))

    assert named
    assert {name for name in named if f"def {name}(" not in written} == set()


def test_every_movement_is_named() -> None:
    movements, _ = catalogue.load()

    assert {movement.id for movement in movements if f"`{movement.id}`" not in PAGE} == set()
