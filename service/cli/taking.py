"""Commands that take runs in: import and sync."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.files import Found, find, read_all
from service.cli.options import as_json, with_app
from service.cli.progress import watched

if TYPE_CHECKING:
    from service.application.coach import Coached
    from service.bootstrap import App

FATES = ("imported", "duplicate", "not_activity", "malformed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one file."""

    file: str
    outcome: str
    reason: str


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--athlete", help="Whose files these are, where there are several runners.")
@as_json
@with_app
def import_command(app: "App", paths: tuple[Path, ...], athlete: str | None, *, as_json: bool) -> int:
    """Take files and folders in; again is safe.

    A run of the last twelve hours gets its routine; older ones, folders and many files at once are judged and kept,
    and nobody is told.
    """
    owner = app.owner(athlete)
    found = find(paths, app.decoders.keys())
    for path in found.missing:
        click.echo(f"{path}: no such file or folder", err=True)
    lines = []
    for line in _take(app, owner, found):
        lines.append(line)
        if as_json:
            click.echo(json.dumps(asdict(line)))
        if line.outcome == "malformed":
            click.echo(f"{line.file}: {line.reason}", err=True)
    coached = app.coach.coach()
    _sum_up(lines, found, coached, as_json=as_json)
    app.outbox.deliver_due()
    return int(bool(found.missing) or any(line.outcome == "malformed" for line in lines))


def _take(app: "App", owner: str, found: Found) -> Iterator[Line]:
    app.ingest.finish()
    recordings = watched(read_all(found, app.decoders.keys(), app.clock.now()), len(found.files), "Taking files in")
    for name, recording in recordings:
        if isinstance(recording, Exception):
            yield Line(file=name, outcome="malformed", reason=str(recording))
            continue
        taken = app.ingest.take(owner, recording, bulk=found.bulk)
        yield Line(file=name, outcome=taken.fate.value, reason=taken.reason)


def _sum_up(lines: Sequence[Line], found: Found, coached: Sequence["Coached"], *, as_json: bool) -> None:
    counts = Counter(line.outcome for line in lines)
    if as_json:
        click.echo(json.dumps({"files": len(lines)} | {fate: counts[fate] for fate in FATES}))
        return
    said = [f"{counts[fate]} {fate.replace('_', ' ')}" for fate in FATES if counts[fate]]
    files = "1 file" if len(lines) == 1 else f"{len(lines)} files"
    click.echo(f"{files}: {', '.join(said) or 'nothing to take'}.")
    for reason, count in Counter(line.reason for line in lines if line.outcome == "not_activity").most_common():
        click.echo(f"  {count} × {reason}")
    if found.left_out:
        click.echo(f"  left alone, being of other kinds: {found.left_out}")
    kinds = Counter(run.verdict.run_type.value for run in coached)
    if kinds:
        click.echo("Runs judged: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) + ".")
    for run in coached:
        for session in run.sessions:
            click.echo(f"New: {session.routine.title} ({session.part}), see `afterrun pending`.")


@click.command("sync")
@click.argument("sources", nargs=-1)
@as_json
@with_app
def sync_command(app: "App", sources: tuple[str, ...], *, as_json: bool) -> int:
    """Ask the sources once, now; take what came all the way, and send what is due."""
    app.ingest.finish()
    asked = app.ask_now(sources)
    coached = app.coach.coach()
    sent = app.outbox.deliver_due()
    taken = [taken for answer in asked for _, taken in answer.taken]
    if as_json:
        counts = Counter(one.fate.value for one in taken)
        troubles = {answer.system: answer.trouble for answer in asked if answer.trouble}
        summary = {"recordings": len(taken)} | {fate: counts[fate] for fate in FATES}
        summary |= {"judged": len(coached), "delivered": sent.delivered, "waiting": sent.put_back}
        click.echo(json.dumps(summary | {"troubles": troubles}))
    else:
        for answer in asked:
            click.echo(f"{answer.system}: {answer.imported} new of {len(answer.taken)}")
        click.echo(f"{len(coached)} runs judged, {sent.delivered} messages delivered, {sent.put_back} put back.")
    for answer in asked:
        if answer.trouble:
            click.echo(f"{answer.system}: {answer.trouble}", err=True)
    malformed = any(one.fate.value == "malformed" for one in taken)
    return int(malformed or any(answer.trouble for answer in asked))
