"""Commands that decide and keep nothing: classify, routine, evaluate."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import integrations
from service.application.reading import decode
from service.cli.options import as_json, with_debug, with_settings
from service.domain.activity import Activity
from service.domain.athlete import Athlete, Level
from service.domain.classification import Classification, Flag, RunType, classify
from service.domain.movements import BodyArea, Kit, Position, Site
from service.domain.plain_text import one_line
from service.domain.reading import reading
from service.domain.routine import Routine, compose
from service.domain.wish import Part, Wish
from service.engine.finding import find
from service.ports import Decoder, Malformed, Raw

if TYPE_CHECKING:
    from config.settings import Settings
    from service.application.evaluate import Prediction

STEP_KEYS = ("movement", "name", "seconds", "reps", "sides", "hold_s", "kit", "areas", "cue", "reason")
NOTHING = "none"
PREDICTION_KEYS = ("run_id", "type", "secondary", "confidence", "tier")


@click.command("classify")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw the run and its efforts as SVG.")
@as_json
@with_settings
def classify_command(settings: "Settings", files: tuple[Path, ...], plot: Path | None, *, as_json: bool) -> int:
    """Say what kind of run each file holds, and why. Each is judged by itself, and nothing is kept."""
    readers = integrations.decoders()
    athlete = settings.athletes[0].to_athlete()
    failed = False
    with find(files, readers.keys()) as found:
        for path in found.missing:
            failed = True
            click.echo(f"{one_line(str(path))}: no such file or folder", err=True)
        for recording in found.recordings:
            try:
                activity = _activity(recording.as_raw(datetime.now(UTC)), readers)
            except Malformed as exc:
                failed = True
                _say_unread(recording.name, exc, as_json=as_json)
                continue
            verdict = classify(activity, (), athlete) if activity.is_run else None
            document = _document(recording.name, activity, verdict)
            click.echo(json.dumps(document) if as_json else "\n".join(_told(document)))
            if plot is not None and verdict is not None:
                _draw(plot, activity, verdict)
    return int(failed)


def _activity(raw: Raw, readers: Mapping[str, Decoder]) -> Activity:
    """Return the run a recording holds, or else its first activity; raise Malformed where it holds none."""
    decoded = decode(readers, raw)
    if not decoded.activities:
        raise Malformed(decoded.skipped)
    runs = [activity for activity in decoded.activities if activity.is_run]
    return (runs or decoded.activities)[0]


def _document(
    name: str, activity: Activity | None, verdict: Classification | None, error: str | None = None
) -> dict[str, Any]:
    """Return the contract's object for one file; what is not known is null."""
    return {
        "file": name,
        "ok": error is None,
        "error": error,
        "sport": activity.sport if activity else None,
        "start": activity.started_at.isoformat() if activity else None,
        "elapsed_s": activity.elapsed_s if activity else None,
        "moving_s": activity.moving_s if activity else None,
        "distance_m": activity.distance_m if activity else None,
        "avg_hr": activity.avg_hr if activity else None,
        "type": verdict.run_type.value if verdict else None,
        "confidence": verdict.confidence if verdict else None,
        "secondary": verdict.secondary.value if verdict and verdict.secondary else None,
        "flags": sorted(flag.value for flag in verdict.flags) if verdict else [],
        "tier": verdict.tier.value if verdict else None,
        "reasons": [reason.text for reason in verdict.reasons] if verdict else [],
        "efforts": [asdict(effort) for effort in verdict.efforts] if verdict else [],
        "thresholds": dict(verdict.thresholds) if verdict else {},
    }


def _say_unread(name: str, error: Malformed, *, as_json: bool) -> None:
    click.echo(one_line(f"{name}: {error}"), err=True)
    if as_json:
        click.echo(json.dumps(_document(name, None, None, str(error))))


def _told(document: Mapping[str, Any]) -> list[str]:
    kilometres = f"{document['distance_m'] / 1000:.1f} km, " if document["distance_m"] else ""
    length = f"{kilometres}{document['moving_s'] / 60:.0f} min"
    if document["type"] is None:
        return [f"{document['file']}: {document['sport']}, {length}: no run, so no routine"]
    flags = f", {', '.join(document['flags'])}" if document["flags"] else ""
    head = f"{document['file']}: {document['type']}{flags} (confidence {document['confidence']:.2f}), {length}"
    return [head, *(f"  - {reason}" for reason in document["reasons"])]


def _draw(place: Path, activity: Activity, verdict: Classification) -> None:
    from service.domain.chart import draw  # noqa: PLC0415 - only where a picture is wanted

    place.write_text(draw(activity, verdict), encoding="utf-8")


def _known[T: StrEnum](kind: type[T], words: frozenset[str], option: str) -> frozenset[T]:
    """Return words as members of an enumeration; raise a usage error that lists what there is."""
    try:
        return frozenset(kind(word) for word in words)
    except ValueError as exc:
        names = ", ".join(str(member) for member in kind)
        raise click.BadParameter(f"{exc}; there is {names}", param_hint=option) from exc


@click.command("routine")
@click.option(
    "--type", "kind", required=True, type=click.Choice([kind.value for kind in RunType]), help="What kind of run."
)
@click.option("--minutes", type=float, help="The time you have, 2 to 30; what suits the run unless stated.")
@click.option("--kit", help="What you have: wall,step,roller,ball,band or none; what the settings say unless stated.")
@click.option("--flags", help="What marked the run: hilly,fast,race,recovery,strides,heat.")
@click.option("--areas", help="What feels tight: calves,hip_flexors,...")
@click.option("--pain", help="Where it hurts: knee,calves,lower_back,...")
@click.option("--position", help="Where you can be: standing, or standing,hands_and_knees,floor,lying.")
@click.option("--part", type=click.Choice([part.value for part in Part]), default="whole", help="Now, later, or all.")
@click.option("--level", type=click.Choice([level.value for level in Level]), help="How used to it you are.")
@click.option("--seed", type=int, default=0, help="Another number, another choice of equals.")
@as_json
@with_settings
def routine_command(settings: "Settings", kind: str, *, as_json: bool, **stated: Any) -> None:  # noqa: ANN401 - click's values
    """Compose a routine and print it to read."""
    from config import catalogue  # noqa: PLC0415 - read where a routine is wanted

    movements, policy = catalogue.load()
    routine = compose(_wish(settings.athletes[0].to_athlete(), kind, stated), movements, policy)
    click.echo(json.dumps(_routine_document(routine)) if as_json else "\n".join(reading(routine)))


def _wish(athlete: Athlete, kind: str, stated: Mapping[str, Any]) -> Wish:
    positions = _known(Position, _words(stated["position"]), "--position")
    kit = athlete.kit if stated["kit"] is None else _known(Kit, _words(stated["kit"]), "--kit")
    return Wish(
        run_type=RunType(kind),
        minutes=stated["minutes"],
        kit=kit,
        flags=_known(Flag, _words(stated["flags"]), "--flags"),
        tight=_known(BodyArea, _words(stated["areas"]), "--areas"),
        pain=_known(Site, _words(stated["pain"]), "--pain"),
        positions=positions or frozenset(Position),
        part=Part(stated["part"]),
        level=Level(stated["level"]) if stated["level"] else athlete.level,
        seed=stated["seed"],
    )


def _routine_document(routine: Routine) -> dict[str, Any]:
    """Return the contract's object for a routine."""
    return {
        "type": routine.run_type.value,
        "title": routine.title,
        "seconds": routine.seconds,
        "part": routine.part.value,
        "steps": [{key: getattr(step, key) for key in STEP_KEYS} for step in routine.steps],
        "reasons": list(routine.reasons),
    }


def _words(value: str | None) -> frozenset[str]:
    """Return a comma-separated option as words; "none" is no word at all."""
    return frozenset(word.strip() for word in (value or "").split(",")) - {"", NOTHING}


@click.command("evaluate")
@click.argument("dataset", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--predictions", type=click.Path(path_type=Path, dir_okay=False), help="Write each call to this CSV file."
)
@click.option("--corrections", type=click.IntRange(min=0), default=0, help="Give so many labels an athlete as known.")
@as_json
@with_debug
def evaluate_command(dataset: Path, predictions: Path | None, corrections: int, *, as_json: bool) -> None:
    """Judge labelled runs, each by what came before it, and count the hits."""
    from integrations.dataset import read  # noqa: PLC0415 - for this command only
    from service.application.evaluate import measure, replay  # noqa: PLC0415 - the same
    from service.application.evaluate_text import report_lines  # noqa: PLC0415 - the same

    made = list(replay(read(dataset), corrections=corrections))
    report = measure(made, corrections=corrections)
    if predictions is not None:
        _write_predictions(predictions, made)
    click.echo(json.dumps(report.as_dict()) if as_json else "\n".join(report_lines(report)))


def _write_predictions(place: Path, made: "Sequence[Prediction]") -> None:
    with place.open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(PREDICTION_KEYS)
        writer.writerows([one.run_id, one.run_type, one.secondary, one.confidence, one.tier] for one in made)
