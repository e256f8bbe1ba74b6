"""Looking for what is wrong, and saying the command that mends it. Changes nothing but what using Afterrun would."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from config.settings import Settings
from service.bootstrap import App, NewerSchemaError, SystemClock
from service.domain.classification import RULESET
from service.persistence.backup import BACKUPS, OURS
from service.persistence.engine import database_files, describe
from service.persistence.keys import UnusableKeyError
from service.ports import EdgeError

# A clock before the day this was written has lost its battery or its network.
NOT_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
OTHERS = 0o077
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
AT_HOME = {"console", "calendar"}
# A year of daily runs with its backup takes about 200 MB; below this a big import may fill the disk.
ROOM = 500 * 2**20
# A message that is due for so long is not just waiting for its turn.
OVERDUE = timedelta(hours=1)
BACKED_UP = timedelta(days=8)
UNUSABLE = "one cannot be used"
START = "`systemctl start afterrun`, or `afterrun run`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at, what was found, and what to do where it is not fine, or could be better."""

    what: str
    found: str
    fine: bool = True
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each thing that can be wrong."""
    app = App(settings=settings, clock=SystemClock())
    try:
        yield _clock(app.clock.now())
        yield from privacy(settings)
        yield _room(settings.data_dir)
        database = _database(app)
        yield database
        keys = list(_keys(app)) if database.fine else []
        yield from keys
        if database.fine:
            yield from chain(_work(app), _recordings(app))
        yield _backups(settings.data_dir, app.clock.now())
        if database.fine:  # what runners chose and what platforms have given lies in it
            yield _links(app)
        if database.fine and UNUSABLE not in {key.found for key in keys}:
            yield from _systems(app)
    finally:
        app.close()


def privacy(settings: Settings) -> Iterator[Finding]:
    """Yield whether what is private is so: data folder, keys, database, the settings and files that hold a secret."""
    yield _folder(settings.data_dir, database_files(settings.database.get_secret_value()))
    if os.name != "posix":
        return
    for place in settings.secret_files:
        if place.exists() and place.stat().st_mode & OTHERS:
            found = f"{place} can be read by others, and a secret stands in it"
            yield Finding(what="secrets", found=found, fine=False, remedy=f"Keep it to yourself: chmod 600 {place}")


def _clock(now: datetime) -> Finding:
    if now < NOT_BEFORE:
        remedy = "Set the machine's clock: timedatectl set-ntp true"
        return Finding(what="clock", found=f"{now:%Y-%m-%d %H:%M} UTC", fine=False, remedy=remedy)
    return Finding(what="clock", found=f"{now:%Y-%m-%d %H:%M} UTC")


def _folder(folder: Path, databases: Sequence[Path]) -> Finding:
    what = "data folder"
    if not folder.exists():
        return Finding(what=what, found=f"{folder} is not there yet; it is made when it is needed")
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = f"Give it to the user Afterrun runs as: chown -R USER {folder}"
        return Finding(what=what, found=f"{folder} cannot be written to", fine=False, remedy=remedy)
    private = (folder, folder / "keys", *(folder / "keys").glob("*"), *databases)
    open_ones = [place for place in private if place.exists() and place.stat().st_mode & OTHERS]
    if os.name == "posix" and open_ones:
        remedy = f"Keep it to yourself: chmod -R go= {' '.join(map(str, (folder, *databases)))}"
        return Finding(what=what, found=f"others can look into {open_ones[-1]}", fine=False, remedy=remedy)
    return Finding(what=what, found=str(folder))


def _room(folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 2**30:.1f} GB free"
    if free < ROOM:
        remedy = f"Make room: `du -sh {folder}/*` shows what takes it; older backups may be the first to go."
        return Finding(what="disk", found=found, fine=False, remedy=remedy)
    return Finding(what="disk", found=found)


def _database(app: App) -> Finding:
    what = "database"
    try:
        facts = describe(app.database.engine)
    except NewerSchemaError as exc:
        return Finding(what=what, found="of a newer release", fine=False, remedy=str(exc))
    except EdgeError as exc:
        return Finding(what=what, found="cannot be opened", fine=False, remedy=f"{exc}.")
    except Exception as exc:  # noqa: BLE001 - whatever else keeps the database from opening is the finding
        found, remedy = f"cannot be opened ({type(exc).__name__})", "Check `database` in the settings and its rights."
        return Finding(what=what, found=found, fine=False, remedy=remedy)
    if facts.pop("sound", True) is not True:
        remedy = "Stop Afterrun, then: afterrun restore BACKUP --yes"
        return Finding(what=what, found="damaged", fine=False, remedy=remedy)
    return Finding(what=what, found=", ".join(f"{name} {value}" for name, value in facts.items()))


def _keys(app: App) -> Iterator[Finding]:
    """Yield whether keys can be used, and every token can be opened."""
    try:
        _ = app.links
        lost = app.unreadable_secrets()
    except UnusableKeyError as exc:
        yield Finding(what="keys", found=UNUSABLE, fine=False, remedy=f"{exc}.")
        return
    for athlete, system in lost:
        name = system.partition(".")[2]
        found = f"the tokens of {name} (of {athlete}) were sealed with another key"
        remedy = f"Put the old keys/vault.key back, from a backup; or: afterrun connect {name} --athlete {athlete}"
        yield Finding(what="keys", found=found, fine=False, remedy=remedy)


def _work(app: App) -> Iterator[Finding]:
    """Yield whether a worker is at work, and whether anything waits too long."""
    seen = app.health.look()
    if seen.ready:
        yield Finding(what="worker", found=f"seen at {seen.worker_seen:%H:%M} UTC")
    else:
        since = f"not seen since {seen.worker_seen:%Y-%m-%d %H:%M} UTC" if seen.worker_seen else "never seen"
        yield Finding(what="worker", found=since, remedy=f"Start one to have runs taken in by themselves: {START}")
    now = app.clock.now()
    with app.database.reading() as store:
        overdue = {channel: now - since for channel, since in store.due_since(now).items() if now - since > OVERDUE}
        unjudged = sum(map(len, store.unclassified(RULESET).values()))
    for channel, late in overdue.items():
        found = f"a message has been due for {late.total_seconds() / 3600:.0f} h"
        remedy = f"`afterrun status` says why it waits; then: afterrun connect {channel}"
        yield Finding(what=f"channels.{channel}", found=found, fine=False, remedy=remedy)
    if unjudged:
        yield Finding(what="runs", found=f"{unjudged} still to be judged", remedy=f"Have a worker do it ({START}).")


def _recordings(app: App) -> Iterator[Finding]:
    with app.database.reading() as store:
        parked = sum(store.quarantine_reasons().values())
    if parked:
        remedy = "They are kept: `afterrun status` says why, and `afterrun import --retry` tries them again."
        yield Finding(what="recordings", found=f"{parked} could not be read", remedy=remedy)


def _backups(folder: Path, now: datetime) -> Finding:
    made = sorted(place.stat().st_mtime for place in (folder / BACKUPS).glob(OURS))
    newest = datetime.fromtimestamp(made[-1], UTC) if made else None
    if newest is not None and now - newest < BACKED_UP:
        return Finding(what="backup", found=f"the newest is of {newest:%Y-%m-%d}")
    found = f"the newest is of {newest:%Y-%m-%d}" if newest else f"none in {folder / BACKUPS}"
    return Finding(what="backup", found=found, remedy="Unless you keep them elsewhere: afterrun backup")


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
    sources = {(athlete, f"sources.{name}"): source for (athlete, name), source in app.sources.items()}
    channels = {(athlete, f"channels.{name}"): channel for (athlete, name), channel in app.channels.items()}
    for (athlete, system), reached in (sources | channels).items():
        what = system if len(app.athletes) == 1 else f"{athlete} {system}"
        try:
            yield Finding(what=what, found=reached.check())
        except EdgeError as exc:
            yield Finding(what=what, found="not reached", fine=False, remedy=_mended(system, exc))
    if not sources:
        yield Finding(what="sources", found="none is on", remedy="Add [sources.folder] with a path to afterrun.toml.")
    if not channels:
        yield Finding(what="channels", found="none is on", remedy="Add [channels.ntfy] with a url to afterrun.toml.")


def _mended(system: str, trouble: EdgeError) -> str:
    """Return what is wrong, with the command that shows whether it is mended where it names none itself."""
    then = "" if "afterrun " in str(trouble) else f"; then: afterrun connect {system.partition('.')[2]}"
    return f"{trouble}{then}"
