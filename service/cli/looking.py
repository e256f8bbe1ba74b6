"""The command that looks back: insights."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from service.cli.options import as_json, with_app
from service.domain.insights import Insights, compared
from service.domain.movements import BodyArea
from service.domain.words import area_words, listed, many, whole_minutes

if TYPE_CHECKING:
    from service.bootstrap import App

AREAS_SHOWN = 6


@click.command("insights")
@click.option("--athlete", help="Whose, where there are several runners.")
@as_json
@with_app
def insights_command(app: "App", athlete: str | None, *, as_json: bool) -> None:
    """Show sessions by week, areas worked, and how runs felt after a session and after none: counts, no causes."""
    owner = app.owner(athlete)
    found = app.look.back(owner)
    if as_json:
        click.echo(json.dumps(_document(found)))
        return
    for line in _lines(found, app.athletes[owner].sessions_per_week):
        click.echo(line)


def _document(found: Insights) -> dict[str, object]:
    return {
        "weeks": [
            {"monday": week.monday.isoformat(), "runs": week.runs, "offered": week.offered, "done": week.done}
            for week in found.weeks
        ],
        "areas_s": dict(found.areas_s),
        "after_session": dict(found.after_session),
        "after_none": dict(found.after_none),
        "enough_to_compare": found.is_enough,
        "tight_after": {kind: dict(areas) for kind, areas in found.tight_after.items()},
        "words": list(compared(found)),
    }


def _lines(found: Insights, goal: int) -> Iterator[str]:
    if not found.weeks:
        yield "There is nothing to count yet: the first run brings the first session."
        return
    yield f"Sessions by week (goal {goal}):"
    for week in found.weeks:
        row = "●" * week.done or "–"
        yield f"  {week.monday:%d %b}  {row:<8} {week.done} done of {week.offered} offered, {many(week.runs, 'run')}"
    if found.areas_s:
        worked = [f"{area_words(area)} {whole_minutes(s)} min" for area, s in list(found.areas_s.items())[:AREAS_SHOWN]]
        yield f"Worked in the last four weeks: {listed(worked)}."
    yield from compared(found)
    for kind, areas in found.tight_after.items():
        yield f"Tight after {kind} runs: {_counted(areas)}."


def _counted(areas: Mapping[BodyArea, int]) -> str:
    times = {1: "once", 2: "twice"}
    return listed([f"{area_words(area)} {times.get(count, f'{count} times')}" for area, count in areas.items()])
