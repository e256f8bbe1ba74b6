"""A made-up runner whose pages are being served, for whoever wants to look at them: runs, sessions, troubles, time.

Kim lives in Berlin and runs since half a year when the pictures begin, on a Thursday evening in June.
"""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import uvicorn

from config import catalogue
from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.bootstrap import App, build
from service.demo import StandingClock
from service.domain.activity import Activity, Ref
from service.domain.body import Felt, Said
from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.movements import Kit, Site
from service.domain.routine import Part, compose
from service.domain.sessions import Offer, Session, State, Window
from service.domain.wish import Wish
from service.ports import Fate, NewSession, Raw, Stage, Standing

ZONE = ZoneInfo("Europe/Berlin")
BEGINS = datetime(2026, 6, 18, 18, 20, tzinfo=ZONE)
PORT = 8799
WEEK = timedelta(days=7)
SETTINGS = f"""\
base_url = "http://127.0.0.1:{PORT}"

[athlete]
name = "Kim"
timezone = "Europe/Berlin"

[sources.folder]
path = "runs"

[sources.strava]
client_id = 12345
client_secret = "made-up"

[channels.calendar]
path = "calendar"

[channels.ntfy]
url = "http://127.0.0.1:9/legs"
"""
REFUSED = "ntfy no longer takes this token: make a new one and put it into channels.ntfy"


@dataclass
class MadeUp:
    """A runner's Afterrun with its pages being served. `clock` stands until it is put on."""

    app: App
    clock: StandingClock

    def at(self, day: int, hour: int, minute: int = 0) -> None:
        """Put the clock to a local moment of the month the pictures begin in."""
        self.clock.moment = BEGINS.replace(day=day, hour=hour, minute=minute).astimezone(BEGINS.tzinfo)
        self.app.feedback.pending()
        self.app.digest.make_due()

    def runs(self, kind: RunType) -> list[Session]:
        """Take in a run that ended two minutes ago and return what it earned."""
        self._take(sample.latest(kind, self.clock.now() - timedelta(minutes=2)))
        (case,) = (one for one in self.app.coach.coach() if one.sessions)
        return list(case.sessions)

    def waiting(self) -> Session:
        """Return the session a runner means who opens the page now."""
        return self.app.feedback.newest("me")

    def past(self, weeks: int) -> None:
        """Take in the weeks before."""
        for activity in sample.history(self.clock.now() - timedelta(hours=20), weeks=weeks):
            self._take(activity, bulk=True)
        self.app.coach.coach()

    def without_heart_rate(self) -> int:
        """Take in a run of last month recorded without a heart rate, and return its number."""
        run = sample.latest(RunType.INTERVAL, self.clock.now() - timedelta(days=30, hours=3))
        streams = run.streams and replace(run.streams, heart_rate=np.full_like(run.streams.time_s, np.nan))
        self._take(replace(run, streams=streams, avg_hr=None, max_hr=None), bulk=True)
        (case,) = self.app.coach.coach()
        return case.activity_id

    def lent(self, number: int) -> int:
        """Have a run be one that Strava lent, and return its number."""
        with self.app.database.writing() as store:
            stored = store.activity(number)
            at_strava = replace(
                stored.activity,
                ref=Ref(source="strava", external_id="1"),
                link="https://www.strava.com/activities/1",
                expires_at=self.clock.now() + WEEK,
            )
            store.replace_activity(number, at_strava, stored.streams_name, (0, 0, 0))
        self.app.coach.coach()
        return number

    def did_much(self) -> None:
        """Write down sessions done in the last months, how they were, and how runs felt after them."""
        for number in range(1, 80):
            self._one_of_old(number, self.clock.now() - WEEK * number / 4)
        runs = self.app.runs.between("me", self.clock.now() - 8 * WEEK, self.clock.now())
        for number, run in enumerate(runs):
            felt = (RunFelt.GOOD, RunFelt.GREAT, RunFelt.OKAY, RunFelt.GOOD, RunFelt.HEAVY)[number % 5]
            self.app.body.run_felt("me", felt, run.id)

    def _one_of_old(self, number: int, moment: datetime) -> None:
        routine = compose(Wish(run_type=list(RunType)[number % 4], seed=number, kit=frozenset(Kit)), *catalogue.load())
        window = Window(opens=moment, closes=moment + timedelta(hours=12))
        offer = Offer(part=Part.WHOLE, window=window, announce_at=moment)
        with self.app.database.writing() as store:
            session = store.add_session("me", None, NewSession(key=str(uuid4()), offer=offer, routine=routine), moment)
            if session is not None and number % 7:
                store.settle_session(session, State.DONE, moment)
                store.add_feedback(session, ("good", "good", "too much", "good", "too easy")[number % 5], moment)

    def is_sore(self) -> None:
        """Say that the calves are tight since yesterday, and that a knee has been sore for days."""
        now = self.clock.now()
        with self.app.database.writing() as store:
            store.add_said("me", Said(site=Site.KNEE, felt=Felt.SORE, at=now - timedelta(days=4)))
            store.add_said("me", Said(site=Site.CALVES, felt=Felt.TIGHT, at=now - timedelta(days=1)))

    def is_well(self) -> None:
        """Have everything work."""
        now = self.clock.now()
        with self.app.database.writing() as store:
            for system, seconds in {"sources.folder": 4, "sources.strava": 400, "channels.ntfy": 7200}.items():
                store.set_standing("me", system, Standing(last_success=now - timedelta(seconds=seconds)))

    def is_in_trouble(self) -> None:
        """Have a channel need a hand, a source wait, and a recording be unreadable."""
        now = self.clock.now()
        todo = Standing(last_success=now - timedelta(days=2), failures=3, trouble=REFUSED, todo=REFUSED)
        passing = "Strava answers with an error of its own (503): trying again later"
        waits = Standing(
            last_success=now - timedelta(hours=1), failures=2, trouble=passing, next_try=now + timedelta(minutes=9)
        )
        with self.app.database.writing() as store:
            store.set_standing("me", "channels.ntfy", todo)
            store.set_standing("me", "sources.strava", waits)
        raw = self._raw("2026-06-17-cut-short.fit", b"not a recording at all")
        self.app.ingest.take("me", raw, bulk=True)

    def brings_in(self) -> None:
        """Have one import be under way, one be done, and one have broken off long ago."""
        now, bring = self.clock.now(), self.app.bring
        troubles = (("activities/17.fit.gz", "cut short: export it again"),)
        gone = replace(
            bring.begin("me", "phone.zip"),
            stage=Stage.READING,
            total=40,
            fates={Fate.IMPORTED: 12},
            begun_at=now - WEEK,
        )
        mixed: dict[str, int] = {Fate.IMPORTED: 1204, Fate.DUPLICATE: 66, Fate.NOT_ACTIVITY: 19, Fate.MALFORMED: 1}
        done = replace(
            bring.begin("me", "export_2291.zip"), stage=Stage.DONE, total=1290, fates=mixed, judged=1204, to_judge=1204
        )
        done = replace(done, begun_at=now - timedelta(hours=2), troubles=troubles)
        under_way: dict[str, int] = {Fate.IMPORTED: 212, Fate.DUPLICATE: 14}
        reading = replace(bring.begin("me", "garmin.zip"), stage=Stage.READING, total=318, fates=under_way)
        with self.app.database.writing() as store:
            store.set_bringing(replace(gone, changed_at=now - WEEK))
            store.set_bringing(done)
            store.set_bringing(replace(reading, changed_at=now))

    def _take(self, activity: Activity, *, bulk: bool = False) -> None:
        self.app.ingest.take("me", self._raw(f"{activity.started_at:%Y-%m-%d-%H%M}.fit", encode(activity)), bulk=bulk)

    def _raw(self, name: str, body: bytes) -> Raw:
        return Raw(source="folder", external_id=name, media_type="fit", body=body, received_at=self.clock.now())


@contextmanager
def served() -> Iterator[MadeUp]:
    """Give a made-up runner without any run yet, and serve the pages meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "afterrun.toml"
        place.write_text(SETTINGS, encoding="utf-8")
        clock = StandingClock(BEGINS)
        app = build(load(place, env={}), clock)
        server = uvicorn.Server(uvicorn.Config(app.website(), port=PORT, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield MadeUp(app, clock)
        finally:
            server.should_exit = True
            thread.join()
            app.close()
