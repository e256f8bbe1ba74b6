"""Looking for what is wrong, and saying what mends it. Changes nothing but what using Afterrun would change too."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from config.settings import Settings
from service.bootstrap import App, NewerSchemaError, SystemClock
from service.persistence.engine import describe
from service.ports import EdgeError

# A clock before the day this was written has lost its battery or its network.
NOT_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
OTHERS = 0o077
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
AT_HOME = {"console", "calendar"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at, what was found, and what to do where it is not fine."""

    what: str
    found: str
    fine: bool = True
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each thing that can be wrong."""
    app = App(settings=settings, clock=SystemClock())
    try:
        yield _clock(app.clock.now())
        yield _folder(settings.data_dir)
        yield _database(app)
        yield _links(app)
        yield from _systems(app)
    finally:
        app.close()


def _clock(now: datetime) -> Finding:
    if now < NOT_BEFORE:
        return Finding(what="clock", found=f"{now:%Y-%m-%d %H:%M} UTC", fine=False, remedy="Set the machine's clock.")
    return Finding(what="clock", found=f"{now:%Y-%m-%d %H:%M} UTC")


def _folder(folder: Path) -> Finding:
    what = "data folder"
    if not folder.exists():
        return Finding(what=what, found=f"{folder} is not there yet; it is made when it is needed")
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = f"Give it to the user Afterrun runs as: chown -R USER {folder}"
        return Finding(what=what, found=f"{folder} cannot be written to", fine=False, remedy=remedy)
    if (folder / "keys").exists() and (folder / "keys").stat().st_mode & OTHERS:
        remedy = f"Keep its keys to yourself: chmod -R go= {folder / 'keys'}"
        return Finding(what=what, found=f"others can look into {folder / 'keys'}", fine=False, remedy=remedy)
    return Finding(what=what, found=str(folder))


def _database(app: App) -> Finding:
    try:
        facts = describe(app.database.engine)
    except NewerSchemaError as exc:
        return Finding(what="database", found="of a newer release", fine=False, remedy=str(exc))
    except Exception as exc:  # noqa: BLE001 - whatever keeps the database from opening is the finding
        found = f"cannot be opened ({type(exc).__name__})"
        return Finding(
            what="database", found=found, fine=False, remedy="Check `database` in the settings and its rights."
        )
    return Finding(what="database", found=", ".join(f"{name} {value}" for name, value in facts.items()))


def _links(app: App) -> Finding:
    """Tell whether a phone can open the links in messages; an address of this machine alone is worth a word."""
    address = app.settings.base_url
    reaches_out = any(name not in AT_HOME for _, name in app.channels)
    if urlsplit(address).hostname in LOOPBACK and reaches_out:
        remedy = (
            "Your phone cannot open it: set base_url to this machine's name or address, and listen in [web] to match."
        )
        return Finding(what="links in messages", found=f"{address} is this machine alone", remedy=remedy)
    return Finding(what="links in messages", found=address)


def _systems(app: App) -> Iterator[Finding]:
    named = {f"sources.{name}": source for (_, name), source in app.sources.items()}
    named_channels = {f"channels.{name}": channel for (_, name), channel in app.channels.items()}
    for name, system in (named | named_channels).items():
        try:
            yield Finding(what=name, found=system.check())
        except EdgeError as exc:
            yield Finding(what=name, found="not reached", fine=False, remedy=str(exc))
    if not named:
        yield Finding(what="sources", found="none is on", remedy="Add [sources.folder] with a path to afterrun.toml.")
    if not named_channels:
        yield Finding(what="channels", found="none is on", remedy="Add [channels.ntfy] with a url to afterrun.toml.")
