"""What is stated where: the settings file, systemd credentials and the environment, one laid over the other.

    defaults <- settings file <- credentials <- environment

Each layer starts its relative paths where it was written, and each value remembers its layer for an error to name.
"""

import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config._errors import SettingsError
from config._files import text_of

Loc = tuple[str, ...]

ENVIRONMENT = "AFTERRUN_"
CREDENTIAL = "afterrun."
NOT_SETTINGS = frozenset({"AFTERRUN_CONFIG"})  # names the settings file, so it cannot be one of its settings


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place states, and how that place names a setting for a person."""

    values: Mapping[str, Any]
    label: Callable[[Loc], str]


@dataclass(slots=True)
class Stated:
    """Everything that is stated, and where."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Loc, str] = field(default_factory=dict)

    def origin(self, loc: Loc) -> str:
        """Return the place that states a setting, or else the table it would stand in; empty where none does."""
        tables = (loc[:length] for length in range(len(loc) - 1, 0, -1))
        places = map(self.origins.get, (loc, (*loc[:-1], twin(loc[-1])), *tables))
        return next(filter(None, places), "")


def merged(*layers: Layer) -> Stated:
    """Lay each layer over the ones before it."""
    stated = Stated()
    for layer in layers:
        _lay(layer, layer.values, stated.values, stated, ())
    return stated


def _lay(layer: Layer, values: Mapping[str, Any], under: dict[str, Any], stated: Stated, at: Loc) -> None:
    for key, value in values.items():
        here = (*at, key)
        stated.origins[here] = layer.label(here)
        if twin(key) not in values:
            under.pop(twin(key), None)
        if isinstance(value, dict):
            inner = under.get(key)
            under[key] = inner if isinstance(inner, dict) else {}
            _lay(layer, value, under[key], stated, here)
        else:
            under[key] = value


def twin(key: str) -> str:
    """Return the other way to state a secret: in a file, or in itself."""
    return key.removesuffix("_file") if key.endswith("_file") else f"{key}_file"


def defaults_layer(values: Mapping[str, Any], base: Path) -> Layer:
    """Return the defaults of the top of the file, paths starting at `base`."""
    return Layer(anchored(values, base), lambda _: "")


def file_layer(path: Path) -> Layer:
    """Read a settings file; raise SettingsError where it is no readable TOML."""
    try:
        values = _parsed(text_of(path))
    except ValueError as exc:
        raise SettingsError(f"{path}: {exc}") from exc
    if isinstance(values.get("athletes"), dict):
        values["athletes"] = [values["athletes"]]  # [athletes] in single brackets can only mean one of them
    return Layer(anchored(_by_id(values), path.parent), lambda _: str(path))


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ValueError(f"is not TOML: {exc}") from exc
    except RecursionError as exc:
        raise ValueError("is not TOML that can be read: brackets are nested too deep") from exc
    except ValueError as exc:
        raise ValueError("is not TOML that can be read: a number is too long") from exc


def _by_id(values: dict[str, Any]) -> dict[str, Any]:
    """Name each athlete's table by its id, so that other layers can name it too; by its number where it has none."""
    athletes = values.get("athletes")
    if not isinstance(athletes, list) or not all(isinstance(athlete, dict) for athlete in athletes):
        return values
    named: dict[str, Any] = {}
    for number, athlete in enumerate(athletes, 1):
        name = athlete.get("id")
        named[name if isinstance(name, str) and name not in named else f"#{number}"] = athlete
    return {**values, "athletes": named}


def credentials_layer(folder: Path) -> Layer:
    """Take `afterrun.<setting>` from the folder systemd keeps a service's credentials in, as secret files."""
    values: dict[str, Any] = {}
    for name in _credential_names(folder):
        *tables, key = name.removeprefix(CREDENTIAL).split(".")
        _put(values, (*tables, f"{key}_file"), str(folder / name))
    return Layer(values, lambda loc: "credential " + CREDENTIAL + ".".join(loc).removesuffix("_file"))


def _credential_names(folder: Path) -> list[str]:
    try:
        names = sorted(file.name for file in folder.iterdir())
    except OSError as exc:
        raise SettingsError(f"$CREDENTIALS_DIRECTORY {folder} cannot be read: {exc.strerror}") from exc
    return [name for name in names if name.startswith(CREDENTIAL)]


def _put(values: dict[str, Any], loc: Loc, value: object) -> None:
    for key in loc[:-1]:
        values = values.setdefault(key, {})
    values[loc[-1]] = value


def environment_layer(env: Mapping[str, str], base: Path) -> Layer:
    """Take AFTERRUN_* from the environment, tables joined by a double underscore."""
    named = {name: text for name, text in env.items() if name.startswith(ENVIRONMENT) and name not in NOT_SETTINGS}
    if not named:
        return Layer({}, lambda _: "")
    from config import _environment  # noqa: PLC0415 - it takes 40 ms to import, and most starts have no variable

    def label(loc: Loc) -> str:
        name = ENVIRONMENT + "__".join(loc).upper()
        return next((full for full in named if f"{full.upper()}__".startswith(f"{name}__")), name)

    return Layer(anchored(_by_id(_environment.values(ENVIRONMENT, named)), base), label)


def anchored(values: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """Return values with each path made absolute, starting at `base`."""
    return {
        key: anchored(value, base) if isinstance(value, dict) else _anchored_value(key, value, base)
        for key, value in values.items()
    }


def is_path(key: str) -> bool:
    """Tell whether a setting of this name is a path, as all that are called so and no others are."""
    return key in ("data_dir", "path") or key.endswith("_file")


def _anchored_value(key: str, value: object, base: Path) -> object:
    if not isinstance(value, str) or not value:
        return value
    if key == "database":
        return _anchored_sqlite(value, base)
    return str(base / _at_home(value)) if is_path(key) else value


def _anchored_sqlite(url: str, base: Path) -> str:
    kind, slashes, path = url.partition("sqlite:///")
    if kind or not slashes or not path or path.startswith((":", "?")):
        return url
    return f"sqlite:///{base / _at_home(path)}"


def _at_home(path: str) -> Path:
    with suppress(RuntimeError, ValueError):  # no such person: then it is a folder of that name
        return Path(path).expanduser()
    return Path(path)
