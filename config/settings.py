"""The settings: afterrun.toml, AFTERRUN_* in the environment, and secrets from files.

    find -> defaults <- settings file <- credentials <- environment -> checked -> Settings

docs/settings.md tells a person how to write them; defaults.toml holds each one's default and meaning.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config._defaults import FILE
from config._errors import SettingsError
from config._explain import problems
from config._files import text_of
from config._layers import Stated, credentials_layer, defaults_layer, environment_layer, file_layer, merged
from config._model import AthleteSettings, Settings, revealed

__all__ = ["AthleteSettings", "Settings", "SettingsError", "find", "load", "revealed"]

NAME = "afterrun.toml"


def load(path: Path | None = None, env: Mapping[str, str] = os.environ, cwd: Path | None = None) -> Settings:
    """Return the settings that hold; with no settings file, the defaults.

    `path` is the file to read, `env` the environment and `cwd` the working folder. Raise SettingsError with a line
    for every problem: a file that cannot be read, a setting that is unknown, wrong, missing or stated twice.
    """
    cwd = (cwd or Path.cwd()).absolute()
    file = find(path, env, cwd)
    try:
        stated = _stated(file, env, cwd)
    except RecursionError as exc:
        raise SettingsError("the settings are nested too deep: no table stands more than four names deep") from exc
    settings = _checked(stated)
    settings.remember_secret_files([*_holding_a_secret(settings, file), *_named_files(stated.values)])
    return settings


def find(path: Path | None, env: Mapping[str, str], cwd: Path) -> Path | None:
    """Return the settings file: the one named, or else the first that is there; None where none is.

    Named by `path` or AFTERRUN_CONFIG it is returned whether it exists or not. Else it is looked for in the working
    folder, the user's configuration folder and the system's.
    """
    if named := path or env.get("AFTERRUN_CONFIG"):
        return cwd / Path(named)
    return next((folder / NAME for folder in (cwd, *_folders()) if os.path.lexists(folder / NAME)), None)


def _folders() -> list[Path]:
    import platformdirs  # noqa: PLC0415 - 10 ms that a file found before spares

    services = [Path("/etc/afterrun")] if os.name == "posix" else []  # systemd's ConfigurationDirectory=afterrun
    user = platformdirs.user_config_path("afterrun", appauthor=False)
    return [user, *services, platformdirs.site_config_path("afterrun", appauthor=False)]


def _stated(file: Path | None, env: Mapping[str, str], cwd: Path) -> Stated:
    """Lay everything stated over one another; each layer's relative paths start where it was written."""
    state = env.get("STATE_DIRECTORY", "").partition(os.pathsep)[0]  # a service may not write beside its settings
    base = Path(state) if state else file.parent if file else cwd
    layers = [defaults_layer(Settings.defaults(), base)]
    if file:
        layers.append(file_layer(file))
    if credentials := env.get("CREDENTIALS_DIRECTORY"):
        layers.append(credentials_layer(Path(credentials)))
    stated = merged(*layers, environment_layer(env, cwd))
    if not stated.values.get("athletes"):
        stated.values.setdefault("athlete", {})
    return stated


def _checked(stated: Stated) -> Settings:
    settings, error = None, None
    try:
        settings = Settings.model_validate(stated.values)
    except ValidationError as exc:
        error = exc
    lines = problems(stated, error)
    if lines or settings is None:
        raise SettingsError(*lines) from None  # the cause would carry what was written, secrets too
    return settings


def _holding_a_secret(settings: Settings, file: Path | None) -> list[Path]:
    if file is None:
        return []
    text = text_of(file)
    return [file] if any(secret in text for secret in revealed(settings) if not _is_open(secret)) else []


def _is_open(secret: str) -> bool:
    """Tell whether what may hold a secret does not: the address of a file, or a default."""
    return secret.startswith("sqlite:") or secret in text_of(FILE)


def _named_files(values: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the files that secrets are said to be in."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _named_files(value)
        elif name.endswith("_file") and isinstance(value, str) and value:
            yield Path(value)
