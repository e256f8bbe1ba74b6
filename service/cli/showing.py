"""Showing a session: to read, for programs, or as a workout for a watch."""

import json
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from service.cli.doing import document, for_athlete, meant, number
from service.cli.judging import STEP_KEYS
from service.cli.options import as_json, with_app
from service.domain.reading import reading
from service.domain.sessions import Session

if TYPE_CHECKING:
    from service.bootstrap import App

SPORTS = ("mobility", "yoga", "pilates", "cardio_training", "strength_training", "other")
WRITTEN = "Written: {place}. Copy it into GARMIN/NewFiles on the watch, or GARMIN/Workouts on an older one."


@click.command("session")
@number
@for_athlete
@click.option("--fit", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file, as a workout.")
@click.option("--sport", type=click.Choice(SPORTS), help="What the watch is to take it for; as in the settings.")
@as_json
@with_app
def session_command(
    app: "App", session_id: int | None, athlete: str | None, fit: Path | None, sport: str | None, *, as_json: bool
) -> None:
    """Show a session to read: the newest pending one, or the one of this number. With --fit, as a file for a watch."""
    session = app.feedback.session(meant(app, session_id, athlete))
    if fit is not None:
        fit.write_bytes(_workout(session, sport or app.workout_sport(session.athlete)))
        click.echo(WRITTEN.format(place=fit), err=as_json)
    if as_json:
        click.echo(json.dumps(_told(session)))
    elif fit is None:
        click.echo("\n".join(reading(session.routine)))


def _told(session: Session) -> dict[str, object]:
    """Return what `pending` says of a session, with its steps and the reasons for them."""
    steps = [{key: getattr(step, key) for key in STEP_KEYS} for step in session.routine.steps]
    return {**document(session), "steps": steps, "reasons": list(session.routine.reasons)}


def _workout(session: Session, sport: str) -> bytes:
    from config import catalogue  # noqa: PLC0415 - only where a file is wanted
    from integrations.fit import encode_workout  # noqa: PLC0415 - the same
    from service.domain.timed import timed  # noqa: PLC0415 - the same

    return encode_workout(
        session.routine.title,
        timed(session.routine.steps, catalogue.load()[0]),
        sport=sport,
        serial=UUID(session.key).int % 2**32 or 1,
        made_at=session.window.opens,
        exercises=catalogue.exercises(),
    )
