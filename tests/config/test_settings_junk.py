"""Whatever the settings hold, they load or are refused in plain lines; nothing else is ever raised."""

import os
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as trial
from hypothesis import strategies as st

from config import settings
from config._defaults import entries
from config.settings import SettingsError

NAMES = st.sampled_from([*entries(), *(f"{name}_file" for name in entries())]).map(lambda name: name.split("."))
KEYS = st.text(min_size=1, max_size=8) | st.sampled_from(sorted({entry.key for entry in entries().values()}))
LEAVES = (
    st.none().map(lambda _: "x")
    | st.text(max_size=20)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.sampled_from([entry.value for entry in entries().values() if entry.value is not None])
)
JUNK = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


def refusal(stated: dict[str, object], env: dict[str, str] | None = None) -> tuple[str, ...]:
    """Load made-up values as if a file had held them; return the lines they are refused with, none if they are not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda _: stated)
        try:
            settings.load(Path(os.devnull), env or {}, Path("/"))
        except SettingsError as exc:
            return exc.lines
    return ()


def reads_well(line: str) -> bool:
    return line.isprintable() and "Input should" not in line and bool(re.search(r": [^:]", line))


@trial(deadline=None)
@given(st.dictionaries(KEYS, JUNK, max_size=6))
@example({"data_dir": "~\0", "sources": {"folder": {"path": "~nobody-here/x"}}})
@example({"athletes": [{"id": 1}, {"id": "x", "sources": 5}, {}]})
@example({"athletes": {"a": 5}, "sources": {"folder": {"path": ["x"]}}})
def test_junk_is_refused_and_nothing_worse(stated: dict[str, object]) -> None:
    assert all(map(reads_well, refusal(stated)))


@trial(deadline=None)
@given(st.lists(st.tuples(NAMES, JUNK), max_size=5))
def test_junk_in_the_right_places_is_refused_and_nothing_worse(placed: list[tuple[list[str], object]]) -> None:
    stated: dict[str, object] = {}
    for (*tables, key), value in placed:
        inner: object = stated
        for table in tables:
            inner = inner.setdefault(table, {}) if isinstance(inner, dict) else inner
        if isinstance(inner, dict):
            inner[key] = value
    assert all(map(reads_well, refusal(stated)))


@trial(deadline=None)
@given(st.dictionaries(NAMES.map("__".join) | st.text(max_size=12), st.text(max_size=20) | JUNK.map(repr), max_size=4))
def test_junk_in_the_environment_is_refused_and_nothing_worse(variables: dict[str, str]) -> None:
    lines = refusal({}, {f"AFTERRUN_{name.upper()}": text for name, text in variables.items()})
    assert all(map(reads_well, lines))


@trial(deadline=None)
@given(st.text(max_size=60) | st.text("[]{}=.\"'#\n ab1", max_size=60) | st.binary(max_size=60))
def test_any_bytes_at_all_are_refused_and_nothing_worse(
    tmp_path_factory: pytest.TempPathFactory, body: str | bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "junk.toml"
    file.write_bytes(body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass"))
    lines: tuple[str, ...] = ()
    try:
        settings.load(file, {}, file.parent)
    except SettingsError as exc:
        lines = exc.lines
    assert all(line.startswith(str(file)) for line in lines)
