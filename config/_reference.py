"""The list of settings in docs/settings.md, made from defaults.toml.

`python -m config._reference docs/settings.md` puts it between the page's two marks.
"""

import json
import sys
from pathlib import Path

from config._defaults import Entry, Mark, entries, inside
from config._model import secrets_of

BEGIN, END = "<!-- the list of settings: begin -->\n", "<!-- the list of settings: end -->\n"


def reference() -> str:
    """Return every setting as Markdown, a table for each table of the settings file."""
    tables = [entry for entry in entries().values() if entry.mark is Mark.TABLE]
    return "\n".join([_settings(""), *map(_section, tables)])


def renewed(page: str) -> str:
    """Return a page with the list between its marks made anew."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}{reference()}{END}{rest.split(END)[1]}"


def _section(table: Entry) -> str:
    brackets = f"[[{table.name}]]" if table.name == "athletes" else f"[{table.name}]"
    return f"### `{brackets}`\n{_sentence(table.meaning)}\n" + _settings(table.name)


def _settings(place: str) -> str:
    rows = [_row(entry) for entry in inside(place).values() if entry.mark is not Mark.TABLE]
    return "".join(["\n| setting | default | meaning |\n|---|---|---|\n", *rows]) if rows else ""


def _row(entry: Entry) -> str:
    default = f"`{json.dumps(entry.value)}`" if entry.mark is Mark.DEFAULT else entry.mark.value
    secret = " Secret." if entry.key in secrets_of(entry.place) else ""
    return f"| `{entry.key}` | {default} | {_sentence(entry.meaning)}{secret} |\n"


def _sentence(meaning: str) -> str:
    start = meaning if meaning.startswith("intervals.icu") else meaning[0].upper() + meaning[1:]
    return f"{start}."


def main(path: Path) -> None:
    """Renew the list in a page."""
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
