"""defaults.toml is the one home of defaults and meanings: model, example and documentation say the same."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from config import _defaults
from config._defaults import Mark, entries, parse
from config._layers import is_path
from config._model import Member, Runner, every_table
from config._reference import renewed
from config._tables import MAIL_PORTS, Channels, Sources, Table
from config.settings import Settings

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"
TEXT = _defaults.FILE.read_text(encoding="utf-8")
TABLES = [table for table in dict.fromkeys(every_table()) if table is not Member]


def dotted(values: Mapping[str, Any], place: str = "") -> Iterator[str]:
    for key, value in values.items():
        inner = value[0] if isinstance(value, list) and isinstance(value[0], dict) else value
        yield f"{place}{key}"
        if isinstance(inner, dict):
            yield from dotted(inner, f"{place}{key}.")


def settings_of(table: type[Table]) -> set[str]:
    """Return the dotted names a model has; those an athlete shares with the top of the file stand there."""
    place = f"{table.place}." if table.place else ""
    shared = {"sources", "channels"} if table is Runner else set()
    return {place + (field.alias or name) for name, field in table.model_fields.items()} - {place + s for s in shared}


def test_every_setting_of_the_model_stands_in_the_file_and_the_other_way_round() -> None:
    assert set().union(*map(settings_of, TABLES)) | {"athletes.id"} == set(entries())


def test_every_line_has_a_meaning() -> None:
    switched_on = tomllib.loads(_defaults._OFF.sub("", TEXT))
    assert set(dotted(switched_on)) == set(entries())
    assert not [entry.name for entry in entries().values() if not re.fullmatch(r"[^\n]{10,}[^.\s]", entry.meaning)]


def test_the_marks_are_true() -> None:
    for table in TABLES:
        for name, field in table.model_fields.items():
            entry = entries().get(f"{table.place}.{field.alias or name}".removeprefix("."))
            if entry and entry.mark is not Mark.TABLE:
                has_default = field.default is not PydanticUndefined or field.default_factory is not None
                assert (entry.mark is Mark.OPTIONAL) == has_default, entry.name


def test_a_table_that_states_what_is_needed_has_every_default() -> None:
    for table in (*Sources.model_fields, *Channels.model_fields):
        place = next(entry.name for entry in entries().values() if entry.key == table and entry.mark is Mark.TABLE)
        model = next(model for model in TABLES if model.place == place)
        needed = {e.key: e.value for e in _defaults.inside(place).values() if e.mark is Mark.NEEDED}
        model.model_validate(needed)


def test_the_file_is_an_example_that_loads_as_it_is(load: Callable[..., Settings]) -> None:
    assert load(TEXT) == load()


def test_the_file_loads_with_every_line_of_one_runner_switched_on(load: Callable[..., Settings]) -> None:
    switched_on = re.sub(r"^\[\[athletes.*\n.*\n", "", _defaults._OFF.sub("", TEXT), flags=re.MULTILINE)
    athlete = load(switched_on).athletes[0]
    assert set(athlete.sources.on()) == set(Sources.model_fields)
    assert set(athlete.channels.on()) == set(Channels.model_fields)


def test_the_meaning_of_the_mail_port_tells_the_usual_ones() -> None:
    meaning = entries()["channels.email.port"].meaning
    assert all(str(port) in meaning and f'"{tls}"' in meaning for tls, port in MAIL_PORTS.items())


def test_paths_are_known_by_their_names() -> None:
    fields = [(name, str(field.annotation)) for table in TABLES for name, field in table.model_fields.items()]
    assert {name for name, kind in fields if "Path" in kind} == {name for name, _ in fields if is_path(name)}


def test_the_documentation_lists_the_same() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m config._reference docs/settings.md"


def test_a_default_and_an_example_are_told_apart() -> None:
    found = parse('[web]  # pages\nlisten = "a"  # where to\n#[sources.x]  # a place\n#key = 1  # (needed) the key\n')
    assert [(e.name, e.mark, e.value, e.meaning) for e in found.values()] == [
        ("web", Mark.TABLE, None, "pages"),
        ("web.listen", Mark.DEFAULT, "a", "where to"),
        ("sources.x", Mark.TABLE, None, "a place"),
        ("sources.x.key", Mark.NEEDED, 1, "the key"),
    ]
