"""Commands that keep what there is, hand it over or take it away: backup, restore, export, delete-athlete."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.options import with_app, with_settings

if TYPE_CHECKING:
    from config.settings import Settings
    from service.bootstrap import App


@click.command("backup")
@click.argument("dest", required=False, type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), help="Remove all backups of that folder but so many of the newest.")
@with_app
def backup_command(app: "App", dest: Path | None, keep: int | None) -> None:
    """Write everything into one checked file, while Afterrun runs: database, recordings and keys.

    DEST is a folder, where the file is named by the time, or the file itself; "backups" in the data folder otherwise.
    Settings are not in it. Whoever has the file and the keys in it can read your tokens: keep it to yourself.
    """
    from service.persistence import backup  # noqa: PLC0415 - for this command only

    now = datetime.now(UTC)
    folder = dest if dest is not None and (dest.is_dir() or not dest.suffix) else None
    place = (folder or app.settings.data_dir / backup.BACKUPS) / backup.NAMED.format(now)
    if dest is not None and folder is None:
        place = dest
    made = backup.make(app.database.engine, app.settings.data_dir, place, now)
    click.echo(f"{place}: {made.recordings} recordings and streams, {made.keys} keys, schema {made.schema}; read back.")
    if made.absent:
        click.echo(f"  {len(made.absent)} recordings were let go of or lost before and are not in it.")
    for gone in backup.keep_newest(place.parent, keep) if keep else ():
        click.echo(f"{gone}: removed, being older than the newest {keep}.")


@click.command("restore")
@click.argument("backup", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Set aside what is here, and put the backup in its place.")
@with_settings
def restore_command(settings: "Settings", backup: Path, *, yes: bool) -> None:
    """Put a backup in the place of what is here, after checking it whole; stop Afterrun first.

    It may come from the other kind of database: a backup of SQLite restored to PostgreSQL is how a household grows.
    """
    from service.bootstrap import nobody_works  # noqa: PLC0415 - wiring imports nearly everything
    from service.persistence.restoring import restore  # noqa: PLC0415 - for this command only

    with nobody_works(settings):
        url = settings.database.get_secret_value()
        restored = restore(backup, url, settings.data_dir, datetime.now(UTC), replace=yes)
    made = restored.manifest
    click.echo(f"Restored: {made.recordings} recordings and streams, {made.keys} keys, as of {made.made_at}.")
    for place in restored.aside:
        click.echo(f"  What was here before is kept as {place}.")


@click.command("rotate-key")
@with_settings
def rotate_key_command(settings: "Settings") -> None:
    """Seal every token with a new key, and let go of the old one; stop Afterrun first.

    Where systemd hands the key over (vault_key), put the new one as the first line of it before, and take the others
    out afterwards. Older backups open with the key that is in them.
    """
    from service.bootstrap import build, nobody_works  # noqa: PLC0415 - wiring imports nearly everything

    with nobody_works(settings):
        app = build(settings)
        try:
            count = app.rotate_key()
            click.echo(f"{count} {'token is' if count == 1 else 'tokens are'} sealed with the new key.")
        finally:
            app.close()


@click.command("export")
@click.argument("dest", required=False, type=click.Path(path_type=Path))
@click.option("--athlete", help="Whose, where there are several runners.")
@with_app
def export_command(app: "App", dest: Path | None, athlete: str | None) -> None:
    """Write everything that is yours into a zip: all Afterrun knows as JSON, and your recordings as they came.

    DEST is a folder or the file itself; the working folder otherwise. No token and no password is in it.
    """
    owner = app.owner(athlete)
    name = f"afterrun-{owner}-{datetime.now(UTC):%Y-%m-%d}.zip"
    place = dest / name if dest is not None and dest.is_dir() else dest or Path(name)
    pieces = 0
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as pack:
        for piece, body in app.belongings.export(owner):
            pack.writestr(piece, body)
            pieces += piece.startswith("recordings/")
    click.echo(f"{place}: everything of {owner}, with {pieces} recordings.")


@click.command("delete-athlete")
@click.argument("athlete")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--everything", is_flag=True, help="Also where nobody else is known here.")
@with_app
def delete_athlete_command(app: "App", athlete: str, *, yes: bool, everything: bool) -> None:
    """Take everything of an athlete away for good: runs, recordings, sessions, messages, tokens.

    `afterrun export` first, if you may miss any of it, and `afterrun disconnect` what should forget the connection.
    """
    count = app.belongings.count(athlete)
    click.echo(f"Of {athlete} there are " + ", ".join(f"{number} {name}" for name, number in count.items()) + ".")
    if app.belongings.is_all_there_is(athlete) and not everything:
        raise click.UsageError("That is everything there is here: add --everything if you mean that.")
    if not yes and _typed(f"Type {athlete} to take it all away for good") != athlete:
        raise click.ClickException("Nothing was taken away.")
    app.belongings.delete(athlete)
    click.echo("Gone.")
    if athlete in app.athletes:
        click.echo("  They still stand in the settings: take them out, or their sources bring everything back.")


def _typed(question: str) -> str:
    return str(click.prompt(question, default="", show_default=False))
