"""What is wrong with what is stated, as lines for a person.

For example: "afterrun.toml: sources.folder.pth: no such setting; did you mean path (the folder to watch)?"
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config._defaults import Entry, entries, inside
from config._layers import Loc, Stated, twin
from config._model import secrets_of
from config._values import quoted

TEXTS = {
    "missing": "is needed",
    "string_type": "must be text, in quotes",
    "string_too_short": "is empty: give it a value",
    "too_short": "is empty: give it a value",
    "path_type": "must be a path, in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a table, like [{name}]",
    "dict_type": "must be tables, like [[{name}]]",
    "tuple_type": 'must be a list, like ["..."]',
    "frozen_set_type": 'must be a list, like ["..."]',
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
}

CONSEQUENCE = "default_factory_not_called"  # a default that hangs on a setting which is wrong itself
ALIKE = 0.8  # how like a name at another place must be to be meant; difflib's own 0.6 holds within one table


def problems(stated: Stated, error: ValidationError | None) -> tuple[str, ...]:
    """Return a line for each thing wrong, contradictions between tables first."""
    found = list(_contradictions(stated.values))
    if error:
        found += [_problem(detail) for detail in error.errors(include_url=False) if detail["type"] != CONSEQUENCE]
    return tuple(": ".join(filter(None, (stated.origin(loc), dotted(loc), text))) for loc, text in dict.fromkeys(found))


def dotted(loc: Loc) -> str:
    """Return a setting's name on one line, whatever was written for it."""
    return ".".join(part if re.fullmatch(r"[\w#-]{1,40}", part) else quoted(part) for part in loc)


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    athletes = values.get("athletes")
    if not (athletes and isinstance(athletes, dict)):
        yield from _twice(values, ("athlete",))
        return
    if "athlete" in values:
        yield ("athletes",), "state [athlete] for one runner or [[athletes]] for several, not both"
    yield from _same_id(athletes)
    yield from _twice(values, ("athletes", next(iter(athletes))))


def _same_id(athletes: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    seen: list[object] = []
    for name, athlete in athletes.items():
        key = athlete.get("id") if isinstance(athlete, dict) else None
        if key is not None and key in seen:
            yield ("athletes", name, "id"), f"{quoted(key)} is another athlete's id: give each their own"
        seen.append(key)


def _twice(values: Mapping[str, Any], first: Loc) -> Iterator[tuple[Loc, str]]:
    """Find what the top of the file and the first athlete, whose it is, both state."""
    for group in ("sources", "channels"):
        own = _table(values, (*first, group))
        for name in _table(values, (group,)):
            if name in own:
                yield (group, name), f"is stated here and as {dotted((*first, group, name))}: keep one"


def _table(values: Mapping[str, Any], loc: Loc) -> Mapping[str, Any]:
    for part in loc:
        inner = values.get(part)
        values = inner if isinstance(inner, dict) else {}
    return values


def text_of(detail: ErrorDetails) -> str:
    """Return what is wrong with one value, and how it is written instead."""
    return _text(detail, tuple(part for part in detail["loc"] if isinstance(part, str)))


def _problem(detail: ErrorDetails) -> tuple[Loc, str]:
    loc = tuple(part for part in detail["loc"] if isinstance(part, str))
    if detail["type"] == "extra_forbidden":
        return loc, _unknown(loc, "table" if isinstance(detail["input"], dict) else "setting")
    entry = entries().get(".".join(_documented(loc)))
    return loc, _text(detail, loc) + (f" ({entry.meaning})" if entry else "")


def _text(detail: ErrorDetails, loc: Loc) -> str:
    context = {key: str(value).replace("'", '"') for key, value in detail.get("ctx", {}).items()}
    if detail["type"] == "value_error":
        return context["error"]
    text = TEXTS.get(detail["type"])
    return text.format(name=dotted(loc), **context) if text else detail["msg"]


def _unknown(loc: Loc, noun: str) -> str:
    place, key = _documented(loc[:-1]), loc[-1]
    known = {entry.key: entry.meaning for entry in _known(place)}
    files = {f"{name}_file": f"a file that holds {known[name]}" for name in secrets_of(".".join(place))}
    if key in files:
        return f"state either {twin(key)} or {key}, not both"
    if near := get_close_matches(key.casefold(), known | files, n=1):
        return f"no such {noun}; did you mean {near[0]} ({(known | files)[near[0]]})?"
    if entry := _elsewhere(place, key):
        return f"no such {noun} here; did you mean {entry.name} ({entry.meaning})?"
    return f"no such {noun} here; known are {', '.join(known)}" if known else f"no such {noun}: leave it out"


def _documented(loc: Loc) -> Loc:
    """Return the name a setting has in defaults.toml, where an athlete's tables stand once."""
    match loc:
        case ("athletes", _, "id"):
            return ("athletes", "id")
        case ("athletes", _, "sources" | "channels", *_):
            return loc[2:]
        case ("athlete", "sources" | "channels", *_):
            return loc[1:]
        case ("athletes", _, *_):
            return ("athlete", *loc[2:])
    return loc


def _known(place: Loc) -> list[Entry]:
    own = [*inside(".".join(place)).values()]
    return [*own, entries()["sources"], entries()["channels"]] if place == ("athlete",) else own


def _elsewhere(place: Loc, key: str) -> Entry | None:
    """Find what was meant by a line under the wrong heading: a setting further in, or one that has its own place."""
    inside_it = ".".join((*place, ""))
    apart = ("sources.", "channels.", "athletes.")
    named = [e for e in entries().values() if e.name.startswith(inside_it) or not e.name.startswith(apart)]
    named.sort(key=lambda entry: not entry.name.startswith(inside_it))
    near = get_close_matches(key.casefold(), [entry.key for entry in named], n=1, cutoff=ALIKE)
    return next((entry for entry in named if [entry.key] == near), None)
