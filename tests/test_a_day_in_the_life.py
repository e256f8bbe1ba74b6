"""A day of ten runners at Strava: forty runs, edits and deletes, four who leave, three outages, and one budget for all.

Everything is real but the clock and Strava itself: settings, database, stravalib, judging, composing, calendar files.
The table of what was expected and what happened is printed with `pytest -s`.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import load
from service.bootstrap import App, build
from service.domain.budget import usable
from tests.fakes import Clock
from tests.integrations.strava_home import Talk, stored
from tests.peers.http import Trouble
from tests.peers.strava import Document, Run, StravaPeer, a_run

MIDNIGHT = datetime(2026, 6, 15, tzinfo=UTC)
STEP = timedelta(minutes=10)
NAMES = ("ann", "bob", "cem", "dora", "eli", "fay", "gus", "hana", "ivo", "jun")
READS, REQUESTS = (200, 2000), (400, 4000)
OUTAGES = ((timedelta(hours=7), timedelta(hours=8)), (timedelta(hours=12), timedelta(hours=14)))
# The third outage: Strava answers, and tells nothing by itself.
DEAF = (timedelta(hours=17), timedelta(hours=19))

type Counts = dict[str, object]


@dataclass
class Day:
    """The household's machine, Strava, and what happens on this day, by the minute."""

    app: App
    peer: StravaPeer
    clock: Clock
    uploads: list[tuple[datetime, str, Run]] = field(default_factory=list)
    leavers: dict[str, datetime] = field(default_factory=dict)
    edits: list[tuple[datetime, str, Run]] = field(default_factory=list)
    deletes: list[tuple[datetime, str, Run]] = field(default_factory=list)
    most_used: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def within(self, span: tuple[timedelta, timedelta]) -> bool:
        return MIDNIGHT + span[0] <= self.now < MIDNIGHT + span[1]

    def person(self, name: str) -> int:
        return NAMES.index(name) + 1

    def plan(self) -> None:
        """Make up forty runs, and what happens to some of them."""
        dice = random.Random(4)
        for number in range(40):
            name = NAMES[number % 10]
            ends = MIDNIGHT + timedelta(hours=5.5 + 4 * (number // 10), minutes=dice.randrange(0, 200, 5))
            seconds = dice.randrange(1500, 3600)
            run = a_run(ends - timedelta(seconds=seconds), seconds=seconds, speed=dice.uniform(2.5, 3.2))
            uploaded = ends + timedelta(minutes=dice.choice([1, 2, 5, 20, 90]))
            run.streams_from = (uploaded + timedelta(minutes=dice.choice([0, 0, 3, 12]))).timestamp()
            self.uploads.append((uploaded, name, run))
        for uploaded, name, run in self.uploads[2::9]:
            self.edits.append((uploaded + timedelta(minutes=40), name, run))
        for uploaded, name, run in self.uploads[5::13]:
            self.deletes.append((uploaded + timedelta(hours=3), name, run))
        self.leavers = {
            name: MIDNIGHT + timedelta(hours=hours)
            for name, hours in (("cem", 9.5), ("fay", 15.2), ("hana", 18.1), ("jun", 21.4))
        }

    def goes_by(self, until: datetime) -> None:
        """Let time pass, with everything that happens in it."""
        while self.now < until:
            before, self.clock.moment = self.now, self.now + STEP
            self.happens(before)
            self.works()

    def happens(self, since: datetime) -> None:
        self.peer.calm()
        if any(map(self.within, OUTAGES)):
            self.peer.trouble(Trouble(status=503), times=500)
        self.peer.deliver = not any(map(self.within, (*OUTAGES, DEAF)))
        for at, name, run in self.uploads:
            if since < at <= self.now and self.here(name, at):
                self.peer.athlete(self.person(name)).runs(run)
        for at, name, run in self.edits:
            if since < at <= self.now and self.here(name, at):
                self.peer.athlete(self.person(name)).edits(run, name="10 x 400 m intervals")
        for at, name, run in self.deletes:
            if since < at <= self.now and self.here(name, at):
                self.peer.athlete(self.person(name)).deletes(run)
        for name, at in self.leavers.items():
            if since < at <= self.now:
                self.peer.athlete(self.person(name)).takes_back()

    def here(self, name: str, at: datetime) -> bool:
        return name not in self.leavers or at < self.leavers[name]

    def is_deaf(self, at: datetime) -> bool:
        return MIDNIGHT + DEAF[0] <= at < MIDNIGHT + DEAF[1]

    def works(self) -> None:
        """Do what the worker's duties do in this while."""
        for named in self.app.hearing.due():
            self.app.hearing.act(*named)
        self.app.sync.ask()
        self.app.coach.coach()
        self.app.outbox.deliver_due()
        self.app.feedback.pending()
        self.app.retention.purge(self.now)
        for kind, (short, long) in self.peer.limits.items():
            used = self.peer.used(kind)
            self.most_used[f"{kind} in 15 min"] = max(self.most_used[f"{kind} in 15 min"], used[0])
            self.most_used[f"{kind} a day"] = max(self.most_used[f"{kind} a day"], used[1])
            assert used[0] <= usable(short)
            assert used[1] <= usable(long)

    # --- what came of it

    def sessions(self, name: str) -> int:
        with self.app.database.reading() as store:
            return len(store.sessions_between(name, MIDNIGHT, MIDNIGHT + timedelta(days=2)))

    def kept(self, name: str) -> int:
        with self.app.database.reading() as store:
            return len(store.runs_of(name))

    def messages(self, name: str) -> tuple[int, int]:
        """Return how many entries were put into a calendar, and how many went wrong on the way."""
        with self.app.database.engine.connect() as connection:
            sent = "SELECT count(receipt), count(given_up) FROM outbox WHERE athlete = ? AND session_id IS NOT NULL"
            arrived, given_up = connection.exec_driver_sql(sent, (name,)).one()
        return arrived, given_up

    def todo(self, name: str) -> str:
        with self.app.database.reading() as store:
            return store.standing(name, "sources.strava").todo


def settings(home: Path, peer: StravaPeer) -> Path:
    written = 'database = "sqlite:///afterrun.db"\n'
    for name in NAMES:
        written += f"""
            [[athletes]]
            id = "{name}"
            timezone = "Europe/London"
            [athletes.sources.strava]
            client_id = {peer.client_id}
            client_secret = "{peer.client_secret}"
            base_url = "{peer.url}"
            oauth_url = "{peer.url}"
            webhook = true
            [athletes.channels.calendar]
            path = "calendars/{name}"
            """
    place = home / "afterrun.toml"
    place.write_text(written)
    return place


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    clock = Clock(MIDNIGHT)
    with StravaPeer(now=lambda: clock.now().timestamp(), reads=READS, requests_allowed=REQUESTS) as peer:
        app = build(load(settings(tmp_path, peer), env={}), clock)
        for number, name in enumerate(NAMES, start=1):
            talk = Talk({"code": peer.athlete(number).consents(), "scope": "read,activity:read_all"})
            app.connect(name, "strava", talk)
        (hook,) = app.webhooks["strava"].values()
        peer.subscription = {"id": 5, "callback_url": app.callback("strava")[0]}
        hook.create(Talk(), *app.callback("strava"))

        def send(event: Document, _headers: object = None) -> None:
            body = json.dumps(event).encode()
            assert app.hearing.hear("strava", body, {"x-strava-signature": peer.signature(body)})

        peer.send = send  # type: ignore[assignment, method-assign]  # no server stands between the two here
        yield Day(app, peer, clock)
        app.close()


def test_each_run_is_answered_once_and_whoever_leaves_is_forgotten(day: Day, tmp_path: Path) -> None:
    day.plan()
    day.goes_by(MIDNIGHT + timedelta(hours=25))

    table = [(name, expected(day, name), happened(day, name)) for name in NAMES]
    _print(table, day)
    for name, wanted, came in table:
        assert came == wanted, name
    for token in [*day.peer.access, *day.peer.refresh]:
        assert token.encode() not in stored(tmp_path)

    a_week_later_nothing_is_left_but_sessions(day, tmp_path)


def expected(day: Day, name: str) -> Counts:
    """Return what becomes of a runner's day where all goes well.

    Who leaves while Strava tells nothing is asked to connect, and what was lent goes when its week is over; what they
    uploaded just before that is seen by nobody.
    """
    left = day.leavers.get(name)
    untold = left is not None and day.is_deaf(left)
    uploaded = [
        run
        for at, whose, run in day.uploads
        if whose == name and day.here(name, at) and not (untold and day.is_deaf(at))
    ]
    deleted = {run.id for at, whose, run in day.deletes if whose == name and day.here(name, at)}
    forgotten = left is not None and not untold
    return {
        "sessions": len(uploaded),
        "messages": (len(uploaded), 0),
        "kept": 0 if forgotten else len([run for run in uploaded if run.id not in deleted]),
        "needs a hand": left is not None,
    }


def happened(day: Day, name: str) -> Counts:
    """Return what did become of it."""
    return {
        "sessions": day.sessions(name),
        "messages": day.messages(name),
        "kept": day.kept(name),
        "needs a hand": "afterrun connect strava" in day.todo(name),
    }


def a_week_later_nothing_is_left_but_sessions(day: Day, tmp_path: Path) -> None:
    before = {name: day.sessions(name) for name in NAMES}
    day.clock.moment += timedelta(days=8)
    day.app.retention.purge(day.now)

    assert {name: day.sessions(name) for name in NAMES} == before
    assert [day.kept(name) for name in NAMES] == [0] * 10
    assert not [file for file in (tmp_path / "afterrun-data").rglob("*") if file.is_file() and "keys" not in file.parts]
    with day.app.database.reading() as store:
        assert store.count_raws() == {}
        assert all(store.history(name) == [] for name in NAMES)


def _print(table: list[tuple[str, Counts, Counts]], day: Day) -> None:
    print()  # noqa: T201 - the table is what is looked for
    for name, wanted, came in table:
        print(f"{name:<6}{came}  {'as expected' if came == wanted else f'expected {wanted}'}")  # noqa: T201 - the same
    print(f"{len(day.peer.requests)} requests; at most {dict(day.most_used)}")  # noqa: T201 - the same
