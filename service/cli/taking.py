"""Commands that take runs in: import and sync."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

import integrations
from service.application.ingest import Taken
from service.cli.options import as_json, with_app
from service.cli.progress import watched
from service.domain.plain_text import one_line
from service.domain.words import listed, many
from service.engine.finding import Found, find
from service.ports import Fate

if TYPE_CHECKING:
    from service.application.coach import Coached
    from service.bootstrap import App

FATES = ("imported", "duplicate", "not_activity", "malformed")


@click.command("import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--athlete", help="Whose files these are, where there are several runners.")
@click.option("--retry", is_flag=True, help="Read again what could not be read before.")
@as_json
@with_app
def import_command(app: "App", paths: tuple[Path, ...], athlete: str | None, *, retry: bool, as_json: bool) -> int:
    """Take files, folders, zips and the bulk exports of Strava and Garmin in; again is safe.

    A run of the last twelve hours gets its routine; older ones, folders and many files at once are judged and kept,
    and nobody is told.
    """
    if not (paths or retry):
        raise click.UsageError("Name files or folders to take in, or --retry for those that could not be read.")
    owner = app.owner(athlete)
    app.ingest.finish()
    report = Report(as_json=as_json)
    if retry:
        for name, taken in app.ingest.retry(owner):
            report.add(name, taken)
    with find(paths, integrations.decoders().keys()) as found:
        for name, taken in _take(app, owner, found):
            report.add(name, taken)
    coached = list(_judge(app, owner, report.begun_at if found.bulk else None))
    report.sum_up(found, coached)
    app.deliver()
    return int(bool(found.missing) or report.counts["malformed"] > 0)


def _take(app: "App", owner: str, found: Found) -> Iterator[tuple[str, Taken]]:
    for path in found.missing:
        click.echo(f"{one_line(str(path))}: no such file or folder", err=True)
    for trouble in found.troubles:
        click.echo(one_line(trouble), err=True)
    raws = found.raws(app.clock.now())
    if found.bulk:
        taken = app.ingest.take_all(owner, raws)
        return watched(taken, found.total, "Taking files in", lambda one: str(one[1].fate))
    return ((raw.external_id, app.ingest.take(owner, raw)) for raw in raws)


def _judge(app: "App", owner: str, since: datetime | None) -> Iterator["Coached"]:
    """Judge what came; runs since `since` once more, for more of what came before them is known now."""
    if since is not None:
        app.coach.hear_of_the_past(owner, since)
    return watched(app.coach.coach_each(), app.coach.waiting(), "Judging runs", lambda one: one.verdict.run_type)


@dataclass
class Report:
    """What became of each file, printed as it happens, and summed up at the end."""

    as_json: bool
    counts: Counter[str] = field(default_factory=Counter)
    left_aside: Counter[str] = field(default_factory=Counter)
    begun_at: datetime | None = None

    def add(self, name: str, taken: Taken) -> None:
        """Take note of one file."""
        self.counts[taken.fate.value] += 1
        if taken.begun_at is not None:
            self.begun_at = min(taken.begun_at, self.begun_at or taken.begun_at)
        if self.as_json:
            click.echo(json.dumps({"file": name, "outcome": taken.fate.value, "reason": taken.reason}))
        if taken.fate is Fate.MALFORMED:
            click.echo(one_line(f"{name}: {taken.reason}"), err=True)
        if taken.fate is Fate.NOT_ACTIVITY:
            self.left_aside[taken.reason] += 1

    def sum_up(self, found: Found, coached: Sequence["Coached"]) -> None:
        """Print the sums."""
        files = self.counts.total()
        if self.as_json:
            click.echo(json.dumps({"files": files} | {fate: self.counts[fate] for fate in FATES}))
            return
        said = [f"{self.counts[fate]} {fate.replace('_', ' ')}" for fate in FATES if self.counts[fate]]
        click.echo(f"{'1 file' if files == 1 else f'{files} files'}: {', '.join(said) or 'nothing to take'}.")
        for reason, count in self.left_aside.most_common():
            click.echo(f"  {count} × {reason}")
        if found.left_out:
            click.echo(f"  left alone, being of other kinds: {found.left_out}")
        kinds = Counter(run.verdict.run_type.value for run in coached)
        if kinds:
            click.echo("Runs judged: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) + ".")
        for session in (session for run in coached for session in run.sessions):
            click.echo(f"New: {session.routine.title} ({session.part}), see `afterrun pending`.")


@click.command("sync")
@click.argument("sources", nargs=-1)
@as_json
@with_app
def sync_command(app: "App", sources: tuple[str, ...], *, as_json: bool) -> int:
    """Ask the sources once, now; take what came all the way, and send what is due."""
    there = list(dict.fromkeys(name for _, name in app.sources))
    if strange := [name for name in sources if name not in there]:
        raise click.UsageError(
            f"No runs come from {listed(strange)}: the settings have {listed(there) or 'no source'}."
        )
    app.ingest.finish()
    asked = app.ask_now(sources)
    app.retention.purge(app.clock.now())
    coached = app.coach.coach()
    app.listen.ask(impatient=True)
    sent = app.deliver()
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
        again = f", {sent.put_back} to be tried again" if sent.put_back else ""
        click.echo(f"{many(len(coached), 'run')} judged, {many(sent.delivered, 'message')} delivered{again}.")
    for answer in asked:
        if answer.trouble:
            click.echo(f"{answer.system}: {answer.trouble}", err=True)
    malformed = any(one.fate.value == "malformed" for one in taken)
    return int(malformed or any(answer.trouble for answer in asked))
