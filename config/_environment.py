"""AFTERRUN_* variables as nested values, read by pydantic-settings."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from config._model import Settings


class _Variables(EnvSettingsSource):
    """The variables handed in, not the process's own; tables are joined by a double underscore."""

    def __init__(self, prefix: str, env: Mapping[str, str]) -> None:
        super().__init__(
            cast("type[BaseSettings]", Settings),  # it asks a model for its fields, which any pydantic model has
            env_prefix=prefix,
            env_prefix_target="all",
            env_nested_delimiter="__",
        )
        self.env_vars = {name.lower(): text for name, text in env.items()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: object) -> object:
        """Read lists and tables written as JSON; leave anything else for the setting's own check to judge."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value


def values(prefix: str, env: Mapping[str, str]) -> dict[str, Any]:
    """Return what the variables state, those that name no setting included."""
    found = _Variables(prefix, env)()
    for name, text in env.items():
        found.setdefault(name.removeprefix(prefix).lower().partition("__")[0], text)
    return found
