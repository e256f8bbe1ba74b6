"""Letting go of recordings, by hand: purge."""

from typing import TYPE_CHECKING

import click

from service.cli.options import with_app

if TYPE_CHECKING:
    from service.bootstrap import App

# A wrong clock, or a wrong word, takes so many at once.
MANY = 50


@click.command("purge")
@click.option("--source", help="All this source lent, before its time: strava.")
@click.option("--athlete", help="Of whom, where there are several runners.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--all", "most", is_flag=True, help="With --yes: also where that is most of what there is.")
@with_app
def purge_command(app: "App", source: str | None, athlete: str | None, *, yes: bool, most: bool) -> int:
    """Let go of what may be kept no longer; with --source, of all it lent. Files and sessions always stay."""
    owner = app.owner(athlete)
    going = app.retention.lent(owner, source) if source else app.retention.overdue(app.clock.now())
    if not going:
        click.echo("Nothing is to be let go of.")
        return 0
    kept = app.retention.kept()
    if yes and not most and going >= MANY and going > kept / 2:
        raise click.UsageError(f"That is {going} of {kept} recordings: if it is meant, say --yes --all.")
    if not yes and not click.confirm(f"Let go of {going} of {kept} recordings, with their verdicts?"):
        click.echo("Nothing was let go of.")
        return 1
    gone = app.ingest.forget(owner, source) if source else app.retention.purge(app.clock.now())
    click.echo(f"Let go of {gone} recordings; sessions and files stay.")
    return 0
