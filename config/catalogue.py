"""Read the movement catalogue and the routine policy into domain values.

The files are written in the words of service/domain/movements.py and policy.py: a key of a table is a field of the
class. Every mistake is named by its file and key, in one line.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from service.domain.classification import RunType
from service.domain.composing.policy import Policy
from service.domain.movements import Catalogue

type Table = dict[str, Any]
Exercises = dict[str, tuple[str, str]]

HERE = Path(__file__).parent


class CatalogueError(ValueError):
    """movements.toml or routines.toml cannot be used. The text is one line with the file and the key."""


@cache
def load(folder: Path = HERE) -> tuple[Catalogue, Policy]:
    """Return the movements of movements.toml and the rules of routines.toml, read once a process.

    Raise CatalogueError, naming file and key, where a file is missing or a key is unknown, missing or wrong, or names
    a movement that there is none of.
    """
    catalogue = read_as(Catalogue, "movements.toml", _with_ids(read_table(folder / "movements.toml")))
    policy = read_as(Policy, "routines.toml", read_table(folder / "routines.toml"))
    _check("movements.toml", _dangling_movements(catalogue))
    _check("routines.toml", _dangling_rules(policy, catalogue))
    return catalogue, policy


@cache
def exercises(folder: Path = HERE) -> Mapping[str, tuple[str, str]]:
    """Return what Garmin's watches call our movements (category, exercise), by movement; read once a process.

    Raise CatalogueError as `load` does.
    """
    called = read_as(Exercises, "exercises.toml", read_table(folder / "exercises.toml"))
    _check("exercises.toml", _missing("there", called, load(folder)[0].movements))
    return called


def read_table(path: Path) -> Table:
    """Return what a TOML file holds; raise CatalogueError where it is missing or no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as exc:
        raise CatalogueError(f"{path.name}: {exc}") from exc


def read_as[T](kind: type[T], name: str, table: Table, *above: str) -> T:
    """Return a table of the file `name`, below the keys `above`, as a domain value.

    Raise CatalogueError where a key is unknown, missing or wrong.
    """
    _check(name, (f"{'.'.join((*above, key))}: there is no such key" for key in _unknown(table, kind)))
    try:
        return TypeAdapter(kind).validate_python(table)
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        key = ".".join((*above, *(str(part) for part in first["loc"])))
        raise CatalogueError(f"{name}: {key}: {first['msg']}") from exc


def _check(name: str, faults: Iterator[str]) -> None:
    if fault := next(faults, None):
        raise CatalogueError(f"{name}: {fault}")


def _with_ids(table: Table) -> Table:
    """Return the table with each movement knowing its own id, which the file writes only as the key."""
    movements = {name: {"id": name, **rows} for name, rows in table.get("movements", {}).items()}
    return {**table, "movements": movements}


def _unknown(value: object, kind: object, key: str = "") -> Iterator[str]:
    """Yield the keys of nested tables that no field of the class they become is called by."""
    inner = [arg for arg in get_args(kind) if is_dataclass(arg)]
    if isinstance(value, dict) and is_dataclass(kind):
        hints = get_type_hints(kind)
        names = {field.name for field in fields(kind)}
        for name, below in value.items():
            yield from _unknown(below, hints[name], f"{key}{name}.") if name in names else [f"{key}{name}"]
    elif isinstance(value, dict) and inner:
        for name, below in value.items():
            yield from _unknown(below, inner[0], f"{key}{name}.")
    elif isinstance(value, list) and inner:
        for index, below in enumerate(value):
            yield from _unknown(below, inner[0], f"{key}{index}.")


def _dangling_movements(catalogue: Catalogue) -> Iterator[str]:
    for movement in catalogue:
        others = {"form_of": (movement.form_of,) if movement.form_of else (), "needs": movement.needs}
        for field, names in others.items():
            yield from _missing(f"movements.{movement.id}.{field}", names, catalogue.movements)


def _dangling_rules(policy: Policy, catalogue: Catalogue) -> Iterator[str]:
    yield from (f"types.{run_type}: is missing" for run_type in RunType if run_type not in policy.types)
    wanted = {f"types.{kind}.wants": plan.wants for kind, plan in policy.types.items()}
    wanted |= {f"flags.{flag}.wants": shade.wants for flag, shade in policy.flags.items()}
    wanted |= {"filling": (policy.filling,), "walk.want": (policy.walk.want,)}
    for key, wants in wanted.items():
        for index, want in enumerate(wants):
            yield from _missing(f"{key}.{index}.any", want.any, catalogue.movements)
    yield from _missing("quick.slots", (slot.movement for slot in policy.quick.slots), catalogue.movements)


def _missing(key: str, names: Iterable[str], movements: Mapping[str, object]) -> Iterator[str]:
    yield from (f"{key}: movements.toml has no {name!r}" for name in names if name not in movements)
