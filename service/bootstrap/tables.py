"""What the tables of the settings ask for: which integrations, and with what."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import integrations
from config.settings import AthleteSettings, SettingsError


def read_from(athlete: AthleteSettings) -> Iterator[tuple[str, str, Any]]:
    """Yield an athlete's sources: group and name in the settings, and the table there."""
    for name, table in athlete.sources.on().items():
        if getattr(table, "runs", True):
            yield "sources", name, table


def told_by(athlete: AthleteSettings) -> Iterator[tuple[str, str, Any]]:
    """Yield an athlete's channels likewise: a source that puts workouts on a watch is one as well."""
    for name, table in athlete.channels.on().items():
        yield "channels", name, table
    for name, table in athlete.sources.on().items():
        if getattr(table, "workouts", False):
            yield "sources", name, table


def integration(group: str, name: str) -> ModuleType:
    """Return the module of an integration; raise SettingsError for one this release does not have."""
    if name not in integrations.names():
        raise SettingsError(f"{group}.{name}: this release cannot reach {name} yet; take its table out of the settings")
    return integrations.load(name)


def plain(table: Any) -> dict[str, Any]:  # noqa: ANN401 - any table of the settings
    """Return a settings table as keyword arguments: names as in the file, secrets as plain text."""
    return {field.alias or name: _revealed(getattr(table, name)) for name, field in type(table).model_fields.items()}


def _revealed(value: Any) -> Any:  # noqa: ANN401 - a setting of any type
    if isinstance(value, tuple):
        return tuple(_revealed(item) for item in value)
    reveal = getattr(value, "get_secret_value", None)
    return reveal() if reveal else value
