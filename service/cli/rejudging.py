"""Commands that change verdicts: correct and reclassify."""

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from service.cli.options import as_json, with_app
from service.cli.progress import watched
from service.domain.classification import RunType
from service.domain.words import many

if TYPE_CHECKING:
    from service.application.reclassify import Replayed
    from service.bootstrap import App


@click.command("reclassify")
@click.option("--preview", is_flag=True, help="Show what would change, and change nothing.")
@as_json
@with_app
def reclassify_command(app: "App", *, preview: bool, as_json: bool) -> None:
    """Judge every stored run again by today's rules and settings. Nothing is announced again."""
    total = app.reclassify.count()
    changed: list[Replayed] = []
    for replayed in watched(app.reclassify.replay(preview=preview), total, "Judging again"):
        if replayed.changes:
            changed.append(replayed)
            if as_json:
                click.echo(json.dumps(_document(replayed)))
    if as_json:
        click.echo(json.dumps({"runs": total, "changed": len(changed), "preview": preview}))
        return
    for replayed in changed:
        click.echo(_line(replayed))
    would = "would change" if preview else "changed"
    moves = Counter(_move(replayed) for replayed in changed)
    click.echo(f"{many(total, 'run')} judged by today's rules: {len(changed)} {would}.")
    for move, count in moves.most_common():
        click.echo(f"  {count} × {move}")


@click.command("correct")
@click.argument("session_id", type=int)
@click.argument("kind", type=click.Choice([kind.value for kind in RunType]))
@with_app
def correct_command(app: "App", session_id: int, kind: str) -> None:
    """Say what the run behind a session really was. Its routine is made anew, and later runs learn from it."""
    session = app.feedback.session(session_id)
    app.coach.correct(session.run, RunType(kind))
    again = app.feedback.session(session_id)
    click.echo(f"Noted: that run was {kind}. {again.routine.title}.")


def _document(replayed: "Replayed") -> dict[str, object]:
    return {
        "activity": replayed.activity_id,
        "start": replayed.activity.started_at.isoformat(),
        "before": replayed.before.run_type.value if replayed.before else None,
        "after": replayed.after.run_type.value,
        "confidence": replayed.after.confidence,
        "reasons": [reason.text for reason in replayed.after.reasons],
    }


def _line(replayed: "Replayed") -> str:
    why = replayed.after.reasons[0].text if replayed.after.reasons else ""
    return f"{replayed.activity.started_at:%Y-%m-%d %H:%M}  {_move(replayed)}: {why}"


def _move(replayed: "Replayed") -> str:
    before = replayed.before.run_type.value if replayed.before else "not judged"
    return f"{before} -> {replayed.after.run_type.value}"
