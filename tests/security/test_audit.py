"""The audit of dependencies tells what is known, and never takes silence for an answer."""

from typing import Any

import pytest

from tools.audit import judged


def package(name: str, **more: object) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": []} | more


def test_what_is_known_fails_and_says_what_mends_it() -> None:
    hole = {"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}

    code, lines = judged({"dependencies": [package("fine"), package("jinja2", vulns=[hole])]})

    assert code == 1
    assert lines == ["audit: jinja2 1.0: PYSEC-1 (mended in 1.1, 2.0: `make lock`)"]


@pytest.mark.parametrize("others", [0, 3])
def test_what_could_not_be_looked_up_is_said_loudly(others: int) -> None:
    unknown = {"name": "jinja2", "skip_reason": "not found"}

    code, (loudly, *rest) = judged({"dependencies": [unknown, *(package(str(number)) for number in range(others))]})

    assert code == 0
    assert loudly.startswith(f"audit: LEFT OUT: 1 of {others + 1} packages could not be looked up (not found)")
    assert rest == ([f"audit: nothing is known against {others} of {others + 1} packages."] if others else [])


def test_where_nothing_is_known_against_any_it_says_of_how_many() -> None:
    assert judged({"dependencies": [package("a"), package("b")]}) == (
        0,
        ["audit: nothing is known against 2 of 2 packages."],
    )
