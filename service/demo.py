"""The demonstration: a made-up runner's week, taken all the way on a throw-away database.

It goes through everything a real run goes through, with a clock that stands two minutes after each run's end.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.application.coach import Coached
from service.bootstrap import App
from service.domain.activity import Activity
from service.domain.announcement import RUN_NAMES
from service.domain.classification import RunType
from service.domain.reading import reading
from service.domain.routine import Part
from service.ports import Raw, Refused

# How many days ago each run was, and the local hour it ended: a week as many runners have it.
WEEK = (
    (RunType.INTERVAL, 5, time(18, 40)),
    (RunType.EASY, 3, time(7, 30)),
    (RunType.TEMPO, 2, time(18, 30)),
    (RunType.LONG, 1, time(10, 45)),
)
WEEKS_BEFORE = 12
MARK = ".afterrun-demo"
SYNCED_AFTER = timedelta(minutes=2)
# The runner does every session but those of yesterday, which are still to do.
LAST = 1
IT_TAKES = timedelta(minutes=20)

SETTINGS = """\
# The settings of the demonstration, as an example of your own.
[athlete]
name = "Sample"
timezone = "UTC"

[sources.folder]
path = "runs"

[channels.calendar]
path = "calendar"
"""


@dataclass
class StandingClock:
    """A clock that stands where it is put."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment it stands at."""
        return self.moment


def show(keep: Path | None) -> Iterator[str]:
    """Yield the demonstration line by line; what it makes stays in `keep`, or goes when it ends."""
    if keep is None:
        with tempfile.TemporaryDirectory() as folder:
            yield from _show(Path(folder))
        yield "Run `afterrun demo --keep FOLDER` to keep the files, the calendar and the database."
    else:
        _clear(keep)
        yield from _show(keep)
        yield from _where_to_look(keep)
    yield from _your_own()


def _clear(folder: Path) -> None:
    """Make the folder empty, if it is new or an earlier demonstration's; raise Refused for anyone else's folder."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise Refused(f"{folder} holds other things: name a new or empty folder for the demonstration")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _show(folder: Path) -> Iterator[str]:
    settings_file = folder / "afterrun.toml"
    settings_file.write_text(SETTINGS, encoding="utf-8")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    clock = StandingClock(today)
    app = App(settings=load(settings_file, env={}), clock=clock)
    try:
        yield from _history(app, folder, today)
        for kind, days_ago, ended in WEEK:
            yield from _one_run(app, clock, folder, kind, _at(today - timedelta(days=days_ago), ended))
            if days_ago > LAST:
                _does_it(app, clock)
    finally:
        app.close()


def _history(app: App, folder: Path, today: datetime) -> Iterator[str]:
    first = today - timedelta(days=max(days for _, days, _ in WEEK))
    past = sample.history(first, weeks=WEEKS_BEFORE)
    for activity in past:
        _take(app, _write(folder / "history", activity), bulk=True)
    judged = app.coach.coach()
    yield f"A made-up runner with {WEEKS_BEFORE} weeks of history: {len(judged)} runs, read from FIT files and judged."
    yield ""


def _one_run(app: App, clock: StandingClock, folder: Path, kind: RunType, ended: datetime) -> Iterator[str]:
    clock.moment = ended + SYNCED_AFTER
    activity = sample.latest(kind, ended)
    _take(app, _write(folder / "runs", activity), bulk=False)
    for coached in app.coach.coach():
        yield from _told(activity, coached)
    app.deliver()


def _does_it(app: App, clock: StandingClock) -> None:
    """Have the runner do what there is to do, until nothing is."""
    while pending := app.feedback.pending():
        clock.moment = max(clock.moment, pending[0].window.opens) + IT_TAKES
        app.feedback.done(pending[0].id)
    app.deliver()


def _take(app: App, file: Path, *, bulk: bool) -> None:
    body = file.read_bytes()
    raw = Raw(source="folder", external_id=file.name, media_type="fit", body=body, received_at=app.clock.now())
    app.ingest.take("me", raw, bulk=bulk)


def _write(folder: Path, activity: Activity) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{activity.started_at:%Y-%m-%d-%H%M}.fit"
    file.write_bytes(encode(activity))
    return file


def _told(activity: Activity, coached: Coached) -> Iterator[str]:
    verdict = coached.verdict
    kilometres = (activity.distance_m or 0.0) / 1000
    yield f"== {activity.ended_at:%A %H:%M}: {kilometres:.1f} km in {activity.moving_s / 60:.0f} min"
    yield f"   Judged: {RUN_NAMES[verdict.run_type]} ({verdict.confidence:.0%} sure), because"
    yield from (f"   - {reason.text}" for reason in verdict.reasons[:3])
    yield ""
    for session in coached.sessions:
        moment = f"from {session.window.opens:%H:%M}" if session.part is Part.LATER else "now"
        yield f"   Offered {moment}:"
        yield from (f"   {line}" for line in reading(session.routine))
        yield ""


def _at(day: datetime, clock: time) -> datetime:
    return day.replace(hour=clock.hour, minute=clock.minute)


def _where_to_look(folder: Path) -> Iterator[str]:
    yield "Where to look:"
    yield f"  {folder}/calendar   one calendar entry a session: open one with your calendar"
    yield f"  {folder}/runs       the sample runs as FIT files"
    yield f"  {folder}/afterrun.toml   the settings used, to copy and change"


def _your_own() -> Iterator[str]:
    yield ""
    yield "Your own runs:"
    yield "  .venv/bin/afterrun classify RUN.fit   what kind of run was it, and why"
    yield "  .venv/bin/afterrun import FOLDER      take years of files in"
    yield "  .venv/bin/afterrun run                watch a folder and send routines, as afterrun.toml says (README.md)"
