"""defaults.toml as data: the one home of every setting's default and meaning.

A person reads it as an example file, the program through the comment at the end of each line:
`key = value  # (needed|optional) meaning`. A value without a mark is the default; with one it is an example.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("defaults.toml")

_OFF = re.compile(r"^#(?=[\w\[])", re.MULTILINE)
_LINE = re.compile(r"(?:\[+(?P<table>[\w.]+)\]+|(?P<key>\w+) = .*?) +# (?:\((?P<mark>\w+)\) )?(?P<meaning>.+)")


class Mark(StrEnum):
    """What a line of defaults.toml says beside its meaning."""

    DEFAULT = "default"
    NEEDED = "needed"
    OPTIONAL = "optional"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One setting or table: its dotted name, its default (or an example), and what it means as half a sentence."""

    name: str
    mark: Mark
    meaning: str
    value: Any = None

    @property
    def key(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    @property
    def place(self) -> str:
        """The table it stands in; empty for the top of the file."""
        return self.name.rpartition(".")[0]


@cache
def entries() -> Mapping[str, Entry]:
    """Return every setting and table by its dotted name, in the order of the file."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, Entry]:
    """Return what a text written like defaults.toml holds, the lines that are off included."""
    text = _OFF.sub("", text)
    values, table, found = tomllib.loads(text), "", {}
    for line in filter(None, map(_LINE.fullmatch, text.splitlines())):
        table = line["table"] or table
        name = line["table"] or f"{table}.{line['key']}".removeprefix(".")
        mark = Mark.TABLE if line["table"] else Mark(line["mark"] or Mark.DEFAULT)
        value = None if line["table"] else _reach(values, name)
        found[name] = Entry(name=name, mark=mark, meaning=line["meaning"], value=value)
    return found


def _reach(values: Mapping[str, Any], name: str) -> object:
    *tables, key = name.split(".")
    for table in tables:
        inner = values[table]
        values = inner[0] if isinstance(inner, list) else inner
    return values[key]


@cache
def inside(place: str) -> Mapping[str, Entry]:
    """Return the settings and tables that stand directly in a table, by their last name."""
    return {entry.key: entry for entry in entries().values() if entry.place == place}


@cache
def defaults(place: str) -> Mapping[str, Any]:
    """Return the default values of a table's settings."""
    return {key: entry.value for key, entry in inside(place).items() if entry.mark is Mark.DEFAULT}
