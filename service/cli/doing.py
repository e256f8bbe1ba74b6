"""Commands for what is to be done: pending, done, skip, snooze, feel, digest."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from service.cli.options import as_json, with_app
from service.domain.sessions import SNOOZE, Session
from service.domain.wish import Feedback
from service.domain.words import whole_minutes

if TYPE_CHECKING:
    from service.bootstrap import App

FEELINGS = ("good", *(feedback.value for feedback in Feedback))
number = click.argument("session_id", required=False, type=int)
for_athlete = click.option("--athlete", help="Whose sessions, where there are several runners.")


@click.command("pending")
@for_athlete
@as_json
@with_app
def pending_command(app: "App", athlete: str | None, *, as_json: bool) -> None:
    """List what is still to do."""
    sessions = app.feedback.pending(app.owner(athlete) if athlete else None)
    if as_json:
        click.echo(json.dumps([_document(session) for session in sessions]))
        return
    for session in sessions:
        click.echo(_line(app, session))
    if not sessions:
        click.echo("Nothing is pending. The next run brings the next routine.")


@click.command("done")
@number
@for_athlete
@with_app
def done_command(app: "App", session_id: int | None, athlete: str | None) -> None:
    """Say that a session is done: the newest pending one, or the one of this number."""
    session = app.feedback.done(_meant(app, session_id, athlete))
    click.echo(f"Done: {session.routine.title}. Well looked after.")


@click.command("skip")
@number
@for_athlete
@with_app
def skip_command(app: "App", session_id: int | None, athlete: str | None) -> None:
    """Leave a session out, without remorse."""
    session = app.feedback.skip(_meant(app, session_id, athlete))
    click.echo(f"Left out: {session.routine.title}. The next run brings the next one.")


@click.command("snooze")
@number
@for_athlete
@click.option("--until", type=click.DateTime(["%H:%M"]), help="An hour in your own time; in an hour unless stated.")
@with_app
def snooze_command(app: "App", session_id: int | None, athlete: str | None, until: datetime | None) -> None:
    """Put a session off; it is spoken of again then."""
    number = _meant(app, session_id, athlete)
    zone = app.athletes[app.feedback.session(number).athlete].timezone
    now = app.clock.now().astimezone(zone)
    moment = now + SNOOZE if until is None else now.replace(hour=until.hour, minute=until.minute, second=0)
    session = app.feedback.snooze(number, moment if moment > now else moment + timedelta(days=1))
    click.echo(f"Put off to {session.window.opens.astimezone(zone):%H:%M}: {session.routine.title}.")


@click.command("feel")
@click.argument("feeling", type=click.Choice(FEELINGS))
@number
@for_athlete
@with_app
def feel_command(app: "App", feeling: str, session_id: int | None, athlete: str | None) -> None:
    """Say how a session was; the next routine takes it to heart."""
    owner = app.owner(athlete) if athlete else None
    number = session_id if session_id is not None else app.feedback.newest_or_last(owner).id
    app.feedback.feel(number, feeling)
    click.echo("Noted, thank you.")


@click.command("digest")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day, today unless stated.")
@click.option("--dry-run", is_flag=True, help="Show it and send nothing.")
@for_athlete
@with_app
def digest_command(app: "App", day: datetime | None, athlete: str | None, *, dry_run: bool) -> None:
    """Show the morning list, and send it if today's has not gone out."""
    owner = app.owner(athlete)
    today = app.clock.now().astimezone(app.athletes[owner].timezone).date()
    message = app.digest.preview(owner, day.date() if day else today)
    if message is None:
        click.echo("Nothing is pending and there is nothing to tell: no message.")
    else:
        click.echo("\n".join([message.title, message.body, *message.details]))
    if not dry_run and day is None:
        app.digest.make_due()
        app.outbox.deliver_due()


def _meant(app: "App", session_id: int | None, athlete: str | None) -> int:
    return session_id if session_id is not None else app.feedback.newest(app.owner(athlete) if athlete else None).id


def _document(session: Session) -> dict[str, object]:
    """Return the contract's object for a session."""
    return {
        "id": session.id,
        "run_type": session.routine.run_type.value,
        "part": session.part.value,
        "title": session.routine.title,
        "seconds": session.routine.seconds,
        "from": session.window.opens.isoformat(),
        "until": session.window.closes.isoformat(),
        "state": session.state.value,
    }


def _line(app: "App", session: Session) -> str:
    zone = app.athletes[session.athlete].timezone
    opens, closes = (moment.astimezone(zone) for moment in (session.window.opens, session.window.closes))
    size = f"{whole_minutes(session.routine.seconds)} min"
    return f"{session.id:>4}  {opens:%a %H:%M} to {closes:%a %H:%M}  {size:>6}  {session.routine.title}"
