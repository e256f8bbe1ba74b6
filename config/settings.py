"""The settings: afterrun.toml, AFTERRUN_* in the environment, and secrets from files.

    find -> defaults <- settings file <- credentials <- environment -> checked -> Settings

docs/settings.md tells a person how to write them; defaults.toml holds each one's default and meaning.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from config._errors import SettingsError
from config._explain import problems
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
    try:
        stated = _stated(find(path, env, cwd), env, cwd)
    except RecursionError as exc:
        raise SettingsError("the settings are nested too deep: no table stands more than four names deep") from exc
    return _checked(stated)


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
