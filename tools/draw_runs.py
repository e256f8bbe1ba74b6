"""Draw runs of a data set, to look at wrong calls one by one.

    .venv/bin/python tools/draw_runs.py ../shared/data/runs --into pictures --wrong 20
    .venv/bin/python tools/draw_runs.py ../shared/data/runs --into pictures 9ee32c806189 d51df7fe034a

Each run becomes the picture of `afterrun classify --plot`, and beside it stands the run among the runner's last four
months: length against speed, coloured where people said what it was. `index.html` in the folder shows them all.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from itertools import groupby
from pathlib import Path

from integrations.dataset import read
from service.domain.athlete import Athlete, Units
from service.domain.chart import Axis, draw
from service.domain.classification import Classification, PastRun, RunType, classify
from service.domain.judging.labelled import LabelledRun
from service.domain.judging.quantities import distance, pace

SEEN = timedelta(days=120)
WIDTH, HEIGHT, EDGE = 460, 400, 48
COLOUR = {RunType.EASY: "seagreen", RunType.TEMPO: "darkorange", RunType.INTERVAL: "crimson", RunType.LONG: "royalblue"}
UNSAID = "silver"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A run as a point: how long (metres), how fast (m/s), what people called it."""

    distance_m: float
    speed_mps: float
    label: RunType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A run with its verdict and the runs of the months before."""

    run: LabelledRun
    verdict: Classification
    before: Sequence[Dot]


def judged(folder: Path) -> Iterator[Judged]:
    """Replay the data set and yield each run as it was judged."""
    for name, runs in groupby(read(folder), key=lambda run: run.athlete):
        past: list[PastRun] = []
        labels: list[RunType | None] = []
        for run in runs:
            verdict = classify(run.activity, past, Athlete(id=name))
            seen = [
                _dot(one, label)
                for one, label in zip(past, labels, strict=True)
                if run.activity.started_at - one.started_at <= SEEN and one.moving_s > 0
            ]
            yield Judged(run=run, verdict=verdict, before=seen)
            past.append(verdict.remembered)
            labels.append(run.label)


def _dot(run: PastRun, label: RunType | None) -> Dot:
    return Dot(distance_m=run.distance_m, speed_mps=run.distance_m / run.moving_s, label=label)


def is_wrong(one: Judged) -> bool:
    """Whether people called the run something else."""
    return one.run.label is not None and one.verdict.run_type is not one.run.label


def spread(runs: Sequence[Judged], wanted: int) -> Sequence[Judged]:
    """Return so many of the runs, taken evenly from all of them."""
    return runs[:: max(1, len(runs) // wanted)][:wanted] if wanted else ()


def among_others(one: Judged) -> str:
    """Return the run (ringed) among those before it as SVG text: length to the right, speed upward."""
    own = _dot(one.verdict.remembered, one.run.label)
    dots = [dot for dot in (*one.before, own) if dot.distance_m > 0]
    if not dots:
        return ""
    along = Axis(low=0.0, high=max(dot.distance_m for dot in dots), start=EDGE, end=WIDTH - EDGE)
    speeds = [dot.speed_mps for dot in dots]
    upward = Axis(low=min(speeds), high=max(speeds), start=HEIGHT - EDGE, end=EDGE)
    marks = [
        f'<circle cx="{along.at(dot.distance_m):.1f}" cy="{upward.at(dot.speed_mps):.1f}" r="4" fill="{_colour(dot)}"/>'
        for dot in sorted(dots, key=lambda dot: dot.label is not None)
    ]
    x, y = along.at(own.distance_m), upward.at(own.speed_mps)
    marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="none" stroke="black" stroke-width="2"/>')
    fastest, longest = pace(upward.high, Units.KILOMETRES), distance(along.high, Units.KILOMETRES)
    marks.append(f'<text x="{EDGE}" y="{EDGE - 12}">{fastest} at the top</text>')
    marks.append(f'<text x="{WIDTH - EDGE}" y="{HEIGHT - 16}" text-anchor="end">{longest}</text>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(marks)}</svg>'


def _colour(dot: Dot) -> str:
    return UNSAID if dot.label is None else COLOUR[dot.label]


def page(shown: Sequence[Judged]) -> str:
    """Return the page that shows the pictures, each under its label and its call."""
    rows = []
    for one in shown:
        head = f"{one.run.run_id}: {one.run.label or 'no label'} → {one.verdict.run_type}"
        pictures = f'<img src="{escape(one.run.run_id)}.svg" width="900">{among_others(one)}'
        rows.append(f"<h2>{escape(head)}</h2><div>{pictures}</div>")
    style = "body{font:14px sans-serif} div{display:flex} svg{width:460px;font-size:12px} h2{margin:16px 0 0}"
    return f"<!doctype html><meta charset='utf-8'><title>Runs</title><style>{style}</style>{''.join(rows)}\n"


def main() -> None:
    """Draw the runs named, or so many wrong calls."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the data set: a folder with runs.csv")
    parser.add_argument("runs", nargs="*", help="run ids to draw")
    parser.add_argument("--wrong", type=int, default=0, help="draw so many wrong calls")
    parser.add_argument("--into", type=Path, required=True, help="the folder for the pictures")
    options = parser.parse_intermixed_args()
    kept = [
        one for one in judged(options.folder) if one.run.run_id in options.runs or (options.wrong and is_wrong(one))
    ]
    named = [one for one in kept if one.run.run_id in options.runs]
    shown = [*named, *spread([one for one in kept if is_wrong(one) and one not in named], options.wrong)]
    options.into.mkdir(parents=True, exist_ok=True)
    for one in shown:
        (options.into / f"{one.run.run_id}.svg").write_text(draw(one.run.activity, one.verdict), encoding="utf-8")
    (options.into / "index.html").write_text(page(shown), encoding="utf-8")
    print(f"{len(shown)} runs drawn: open {options.into / 'index.html'}")


if __name__ == "__main__":
    main()
