"""Commands for what is to be done: pending, done, skip, snooze, feel, digest."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import click

from service.cli.options import as_json, with_app
from service.domain.body import Felt, body_lines, can_be_tight
from service.domain.feelings import RunFelt
from service.domain.message import Message
from service.domain.movements import Site
from service.domain.putting_off import Later
from service.domain.sessions import Session
from service.domain.wish import Feedback
from service.domain.words import area_words, listed, whole_minutes

if TYPE_CHECKING:
    from service.bootstrap import App

FEELINGS = ("good", *(feedback.value for feedback in Feedback))

type Spots = tuple[Site, ...]


class Sites(click.ParamType[Spots]):
    """Places on the body, separated by commas, in any everyday spelling."""

    name = "places"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Spots:  # noqa: ANN401 - click's form
        """Return the places; fail with a list of what there is."""
        words = [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value
        try:
            return tuple(Site(word) for word in words)
        except ValueError as exc:
            self.fail(f"{exc}; there is {', '.join(Site)}", param, ctx)


class Feeling(click.ParamType[str]):
    """How a session was, in one word or two, however they are joined."""

    name = "feeling"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's form
        """Return the feeling; fail with a list of what there is."""
        word = str(value).replace("-", " ").replace("_", " ").casefold()
        return word if word in FEELINGS else self.fail(f"{value!r} is none of {', '.join(FEELINGS)}", param, ctx)


class Until(click.ParamType[Later | time]):
    """A moment to put something off to: by name, or an hour of the clock."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Later | time:  # noqa: ANN401 - click's form
        """Return what was meant; fail with what there is."""
        with suppress(ValueError):
            return Later(value)
        try:
            return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 - an hour of the clock has no zone
        except ValueError:
            self.fail(f"{value!r} is neither {', '.join(Later)} nor an hour such as 18:30", param, ctx)


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
        click.echo(json.dumps([document(session) for session in sessions]))
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
    session = app.feedback.done(meant(app, session_id, athlete))
    click.echo(f"Done: {session.routine.title}. Well looked after.")
    _put_right(app)


@click.command("skip")
@number
@for_athlete
@with_app
def skip_command(app: "App", session_id: int | None, athlete: str | None) -> None:
    """Leave a session out, without remorse."""
    session = app.feedback.skip(meant(app, session_id, athlete))
    click.echo(f"Left out: {session.routine.title}. The next run brings the next one.")
    _put_right(app)


@click.command("snooze")
@number
@for_athlete
@click.option("--until", type=Until(), default=Later.HOUR, help="evening, tomorrow or HH:MM; in an hour unless stated.")
@with_app
def snooze_command(app: "App", session_id: int | None, athlete: str | None, until: Later | time) -> None:
    """Put a session off; it is spoken of again then."""
    session = app.feedback.put_off(meant(app, session_id, athlete), until)
    opens = session.window.opens.astimezone(app.athletes[session.athlete].timezone)
    click.echo(f"Put off to {opens:%a %H:%M}: {session.routine.title}.")
    _put_right(app)


@click.command("feel")
@click.argument("words", nargs=-1, metavar=f"[{'|'.join(FEELINGS)}] [SESSION_ID]")
@click.option("--run", "run", type=click.Choice([felt.value for felt in RunFelt]), help="How your last run felt.")
@click.option("--tight", type=Sites(), default="", help="What feels tight: calves,hips,...")
@click.option("--sore", type=Sites(), default="", help="Where it hurts: knee,achilles,...")
@click.option("--fine", type=Sites(), default="", help="What is well again: knee,...")
@for_athlete
@with_app
def feel_command(
    app: "App",
    words: tuple[str, ...],
    athlete: str | None,
    *,
    run: str | None,
    tight: Spots,
    sore: Spots,
    fine: Spots,
) -> None:
    """Say how a session was, how your last run felt, or how your body is; the routines to come take it to heart."""
    feeling, session_id = _felt(words)
    if not (feeling or run or tight or sore or fine):
        raise click.UsageError(f"Say how it was ({', '.join(FEELINGS)}), or use --run, --tight, --sore or --fine.")
    if stiff := [site for site in tight if not can_be_tight(site)]:
        raise click.UsageError(
            f"No routine loosens {listed([area_words(site) for site in stiff])}: use --sore instead."
        )
    owner = app.owner(athlete)
    if feeling:
        number = session_id if session_id is not None else app.feedback.newest_or_last(athlete and owner).id
        app.feedback.feel(number, feeling)
    if run:
        app.body.run_felt(owner, RunFelt(run))
    for felt, sites in ((Felt.TIGHT, tight), (Felt.SORE, sore), (Felt.FINE, fine)):
        if sites:
            app.body.tell(owner, felt, sites)
    click.echo("Noted, thank you.")
    for line in body_lines(app.body.today(owner)):
        click.echo(line)


def _felt(words: Sequence[str]) -> tuple[str, int | None]:
    """Return the feeling, empty for none, and the session meant: `too much 3`."""
    numbers = [int(word) for word in words if word.isdecimal()]
    said = " ".join(word for word in words if not word.isdecimal())
    return Feeling().convert(said, None, None) if said else "", numbers[0] if numbers else None


@click.command("digest")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day, today unless stated.")
@click.option("--dry-run", is_flag=True, help="Show it and send nothing.")
@for_athlete
@as_json
@with_app
def digest_command(app: "App", day: datetime | None, athlete: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Show the morning list, and send it if today's has not gone out."""
    owner = app.owner(athlete)
    today = app.clock.now().astimezone(app.athletes[owner].timezone).date()
    sends = not dry_run and day is None
    if sends:
        app.digest.make_due()
    message = app.digest.asked_for(owner, day.date() if day else today)
    if as_json:
        click.echo(json.dumps(None if message is None else _listed(message)))
    elif message is None:
        click.echo("Nothing is pending and there is nothing to tell: no message.")
    else:
        click.echo("\n".join(filter(None, [message.title, message.body, message.why, *message.details, message.link])))
    if sends:
        app.deliver()


def _listed(message: Message) -> dict[str, object]:
    """Return a morning list for programs."""
    return {
        "title": message.title,
        "body": message.body,
        "why": message.why,
        "steps": list(message.details),
        "link": message.link,
    }


def _put_right(app: "App") -> None:
    """Have calendars and phones say at once what was just done, whether or not a worker runs."""
    app.deliver()


def meant(app: "App", session_id: int | None, athlete: str | None) -> int:
    """Return the number of a session: as given, else that of the newest pending one."""
    return session_id if session_id is not None else app.feedback.newest(app.owner(athlete) if athlete else None).id


def document(session: Session) -> dict[str, object]:
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
