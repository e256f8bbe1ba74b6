"""What several commands share: the settings file, the wired app, and the ways of printing."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from config.settings import Settings

# Whatever is written is for whoever Afterrun runs as, and nobody else.
OWNER_ALONE = 0o077

type Command = Callable[..., Any]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def with_debug(command: Command) -> Command:
    """Give a command --debug, also after its name."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show where an error came from.")(command)


def with_settings(command: Command) -> Command:
    """Hand a command the settings, with --config taken before or after its name."""

    @with_debug
    @click.option("--config", type=click.Path(dir_okay=False), help="The settings file.")
    @wraps(command)
    def wrapped(config: str | None, **options: Any) -> Any:  # noqa: ANN401 - the command's own
        os.umask(OWNER_ALONE)
        before_its_name = click.get_current_context().find_object(dict) or {}
        return command(settings=_load(config or before_its_name.get("config")), **options)

    return wrapped


def with_app(command: Command) -> Command:
    """Hand a command the wired app and close it afterwards."""

    @with_settings
    @wraps(command)
    def wrapped(settings: "Settings", **options: Any) -> Any:  # noqa: ANN401 - the command's own
        from service.bootstrap import build  # noqa: PLC0415 - wiring imports nearly everything
        from service.engine.logs import speak_up  # noqa: PLC0415 - beside it

        app = build(settings)
        speak_up(settings.log.format, app.redactor)
        try:
            return command(app=app, **options)
        finally:
            app.close()

    return wrapped


def _load(config: str | None) -> "Settings":
    from config.settings import load  # noqa: PLC0415 - reading settings imports pydantic

    return load(Path(config) if config else None)
