"""Commands that let people and programs in: link and token."""

import json
import sys
from typing import TYPE_CHECKING

import click

from service.cli.options import as_json, with_app
from service.ports import PassKind

if TYPE_CHECKING:
    from service.bootstrap import App

for_athlete = click.option("--athlete", help="For whom, where there are several runners.")


@click.command("link")
@for_athlete
@as_json
@with_app
def link_command(app: "App", athlete: str | None, *, as_json: bool) -> None:
    """Print a link that signs one browser in, and its code for a phone's camera.

    It works once, within half an hour. With it comes the address of the calendar feed, which lasts.
    """
    owner = app.owner(athlete)
    sign_in = app.links.sign_in(app.entry.invite(owner))
    calendar = app.links.calendar(owner)
    if as_json:
        click.echo(json.dumps({"sign_in": sign_in, "calendar": calendar}))
        return
    click.echo(f"Open this within half an hour, on the device that is to stay signed in:\n\n  {sign_in}\n")
    if sys.stdout.isatty():
        _print_code(sign_in)
    click.echo(f"A calendar can subscribe to:\n\n  {calendar}")


def _print_code(address: str) -> None:
    import segno  # noqa: PLC0415 - for this command only

    segno.make(address, micro=False).terminal(compact=True)
    click.echo()


@click.group("token")
def token_command() -> None:
    """Make, list and revoke tokens, with which programs use the API."""


@token_command.command("create")
@click.argument("name")
@for_athlete
@as_json
@with_app
def create_command(app: "App", name: str, athlete: str | None, *, as_json: bool) -> None:
    """Print a new token for a program, to be called NAME. It is shown this once."""
    owner = app.owner(athlete)
    token = app.entry.issue_token(owner, name)
    click.echo(json.dumps({"token": token, "name": name, "athlete": owner}) if as_json else token)


@token_command.command("list")
@for_athlete
@as_json
@with_app
def list_command(app: "App", athlete: str | None, *, as_json: bool) -> None:
    """List the tokens that hold."""
    tokens = app.entry.passes(app.owner(athlete), PassKind.TOKEN)
    if as_json:
        rows = [{"id": one.id, "name": one.name, "made_at": one.made_at.isoformat()} for one in tokens]
        click.echo(json.dumps(rows))
        return
    for one in tokens:
        click.echo(f"{one.id:>4}  {one.made_at:%Y-%m-%d}  {one.name}")
    if not tokens:
        click.echo("There is no token. `afterrun token create NAME` makes one.")


@token_command.command("revoke")
@click.argument("token_id", type=int)
@for_athlete
@with_app
def revoke_command(app: "App", token_id: int, athlete: str | None) -> int:
    """End a token, by its number in the list."""
    ended = app.entry.revoke(app.owner(athlete), token_id)
    click.echo("Ended." if ended else f"There is no token {token_id}: `afterrun token list` has them.", err=not ended)
    return int(not ended)
