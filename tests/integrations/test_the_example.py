"""The source that docs/sources.md adds as an example is a source, and its tests are tests."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import integrations

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
SOURCE, TESTS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

fittrackee = ModuleType("integrations.fittrackee")
sys.modules[fittrackee.__name__] = fittrackee
exec(compile(SOURCE, f"{PAGE}: the source", "exec"), fittrackee.__dict__)  # noqa: S102 - our own page
exec(compile(TESTS, f"{PAGE}: its tests", "exec"), globals())  # noqa: S102 - the same


@pytest.fixture(autouse=True)
def _found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (*integrations.names(), "fittrackee")
    monkeypatch.setattr(integrations, "names", lambda: names)


def test_the_example_is_as_short_as_the_page_says() -> None:
    assert len(SOURCE.splitlines()) < 80
