"""A household of ten on one machine, four platforms and a phone server beside it, and a day that goes by on a clock.

Everything is real but the clock and what lies outside: settings, clients, database, judging, composing, the duties of a
worker. Only their threads are left out: each duty is asked in turn, every ten minutes of the day.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest

from config.settings import load
from integrations.fit.encoder import encode
from service.bootstrap import App, build
from service.domain.budget import usable
from tests import fakes
from tests.integrations.strava_home import Talk
from tests.peers.garmin import ActivitiesPeer, GarminPeer
from tests.peers.garmin_connect import GarminConnectPeer, number
from tests.peers.http import HttpPeer, Trouble
from tests.peers.intervals import IntervalsPeer
from tests.peers.ntfy import Entry, NtfyPeer
from tests.peers.ntfy import Trouble as NtfyTrouble
from tests.peers.strava import Document, Person, Run, StravaPeer, a_run

ZONE = ZoneInfo("Europe/London")
TODAY = datetime(2026, 6, 15, tzinfo=ZONE)
STEP = timedelta(minutes=10)
READS, REQUESTS = (200, 2000), (400, 4000)
INTERVALS_TITLE = "10 x 400 m intervals"
# The priority at which a phone stays silent.
SILENT = 1
# What one request after another runs into while a platform is away: more than are made.
ALL = 2000


def at(hour: int, minute: int = 0) -> datetime:
    """Return a moment of the day by the runners' clocks; hours from 24 on are the next morning's."""
    return (TODAY + timedelta(hours=hour, minutes=minute)).astimezone(UTC)


@dataclass(kw_only=True)
class Ran:
    """A run, and when its watch brought it home to a source (the runner's first unless stated).

    `edited` and `deleted` say when that happens to it, if ever.
    """

    name: str
    ended: datetime
    seconds: int
    uploaded: datetime
    source: str = ""
    edited: datetime | None = None
    deleted: datetime | None = None

    @property
    def begun(self) -> datetime:
        return self.ended - timedelta(seconds=self.seconds)

    @property
    def local(self) -> datetime:
        return self.begun.astimezone(ZONE).replace(tzinfo=None)

    def recorded(self) -> bytes:
        """Return what the watch wrote down."""
        streams = fakes.even_streams(self.seconds, speed_mps=2.7)
        return encode(
            fakes.run(started_at=self.begun, elapsed_s=self.seconds, distance_m=2.7 * self.seconds, streams=streams)
        )


class Home(Protocol):
    """One runner's account at a platform."""

    def settings(self) -> str:
        """Return the table of its source."""

    def uploads(self, ran: Ran) -> None: ...
    def edits(self, ran: Ran) -> None: ...
    def deletes(self, ran: Ran) -> None: ...
    def ends(self) -> None:
        """Have the runner's leave end, as it ends there."""


@dataclass
class AtStrava:
    peer: StravaPeer
    person: Person
    runs: dict[str, Run] = field(default_factory=dict)

    def settings(self) -> str:
        return f"""[athletes.sources.strava]
            client_id = {self.peer.client_id}
            client_secret = "{self.peer.client_secret}"
            base_url = "{self.peer.url}"
            oauth_url = "{self.peer.url}"
            webhook = true"""

    def uploads(self, ran: Ran) -> None:
        """Upload a run whose samples are there a little later."""
        run = a_run(ran.begun, seconds=ran.seconds, speed=2.7, offset_s=3600)
        run.streams_from = (ran.uploaded + timedelta(minutes=len(self.runs) % 2 * 12)).timestamp()
        self.runs[ran.name] = self.person.runs(run)

    def edits(self, ran: Ran) -> None:
        self.person.edits(self.runs[ran.name], name=INTERVALS_TITLE)

    def deletes(self, ran: Ran) -> None:
        self.person.deletes(self.runs[ran.name])

    def ends(self) -> None:
        self.person.takes_back()


@dataclass
class AtGarmin[P: ActivitiesPeer]:
    peer: P

    def uploads(self, ran: Ran) -> None:
        self.peer.put(ran.name, ran.recorded(), begun=ran.local)

    def edits(self, ran: Ran) -> None:
        self.peer.activities[self.named(ran)].name = INTERVALS_TITLE

    def deletes(self, ran: Ran) -> None:
        del self.peer.activities[self.named(ran)]

    def named(self, ran: Ran) -> str:
        return ran.name


class AtGarminByKey(AtGarmin[GarminPeer]):
    def settings(self) -> str:
        return f'[athletes.sources.garmin]\napi_key = "a-key"\nbase_url = "{self.peer.url}"'

    def ends(self) -> None:
        self.peer.keys.clear()
        self.peer.tokens.clear()


class AtGarminConnect(AtGarmin[GarminConnectPeer]):
    def settings(self) -> str:
        return f'[athletes.sources.garmin_connect]\nworkouts = true\nbase_url = "{self.peer.url}"'

    def named(self, ran: Ran) -> str:
        return number(ran.name)

    def ends(self) -> None:
        self.peer.tokens.access.clear()
        self.peer.tokens.refresh.clear()


@dataclass
class AtIntervals:
    peer: IntervalsPeer

    def settings(self) -> str:
        return f'[athletes.sources.intervals]\napi_key = "a-key"\nbase_url = "{self.peer.url}"'

    def uploads(self, ran: Ran) -> None:
        self.peer.put(ran.name, ran.recorded(), begun=ran.local)

    def edits(self, ran: Ran) -> None:
        self.peer.activities[ran.name].name = INTERVALS_TITLE

    def deletes(self, ran: Ran) -> None:
        del self.peer.activities[ran.name]

    def ends(self) -> None:
        self.peer.keys.clear()


@dataclass(kw_only=True)
class Runner:
    """A runner: their accounts by source, the runs they bring home, and when the first one's leave ends, if it does."""

    name: str
    homes: Mapping[str, Home]
    runs: Sequence[Ran] = ()
    leaves: datetime | None = None

    @property
    def source(self) -> str:
        return next(iter(self.homes))

    @property
    def home(self) -> Home:
        return self.homes[self.source]


@dataclass(frozen=True)
class Outage:
    """A platform, or the phone server, is away for a while."""

    whose: str
    begins: datetime
    ends: datetime
    how: Trouble | NtfyTrouble | None

    def holds(self, now: datetime) -> bool:
        return self.begins <= now < self.ends


@dataclass
class Day:
    """The day as it goes."""

    app: App
    clock: fakes.Clock
    runners: Sequence[Runner]
    outages: Sequence[Outage]
    peers: dict[str, list[Any]]
    phones: NtfyPeer
    most_used: int = 0

    @property
    def strava(self) -> StravaPeer:
        peer: StravaPeer = self.peers["strava"][0]
        return peer

    def goes_by(self, until: datetime, *, step: timedelta = STEP) -> None:
        """Let time pass, with everything that happens in it."""
        while self.clock.now() < until:
            before, self.clock.moment = self.clock.now(), self.clock.now() + step
            self._tell_the_time()
            self._weather()
            for happening, at in self._happenings():
                if before < at <= self.clock.now():
                    happening()
            self.works()

    def works(self) -> None:
        """Do what is due, as a worker would."""
        for duty in self.app.rota.duties():
            for ids in [] if duty.everywhere else duty.due():
                duty.do(*ids)
        self.most_used = max(self.most_used, self.strava.used()[0])
        assert self.most_used <= usable(READS[0])

    def _happenings(self) -> Iterator[tuple[Callable[[], object], datetime]]:
        for one in self.runners:
            for ran in one.runs:
                home = one.homes[ran.source or one.source]
                yield partial(home.uploads, ran), ran.uploaded
                if ran.edited:
                    yield partial(home.edits, ran), ran.edited
                if ran.deleted:
                    yield partial(home.deletes, ran), ran.deleted
            if one.leaves:
                yield one.home.ends, one.leaves

    def _weather(self) -> None:
        """Have what is away now be away, and all others well."""
        now = self.clock.now()
        self.strava.deliver = not any(one.whose == "strava" and one.holds(now) for one in self.outages)
        for whose, peers in self.peers.items():
            faults = [one.how for one in self.outages if one.whose == whose and one.how and one.holds(now)]
            for peer in peers:
                peer.calm()
                peer.trouble(*faults, times=ALL)

    def _tell_the_time(self) -> None:
        """Have the platforms' clocks say what ours says."""
        for peer in [*self.peers["garmin"], *self.peers["garmin_connect"]]:
            peer.now = self.clock.now()
        self.phones.clock_error_s += self.clock.now().timestamp() - self.phones._now()

    # --- what came of it

    def rang(self, runner: Runner) -> list[Entry]:
        """Return what made a runner's phone ring."""
        mine = [entry for entry in self.phones.messages if entry["topic"] == runner.name]
        return [entry for entry in mine if entry.get("priority") != SILENT]

    def waits(self, runner: Runner) -> list[timedelta]:
        """Return how long after each run came home the phone rang next."""
        rang = [datetime.fromtimestamp(entry["time"], UTC) for entry in self.rang(runner)]
        return [min(moment for moment in rang if moment >= ran.uploaded) - ran.uploaded for ran in runner.runs]


@contextmanager
def the_day(folder: Path, monkeypatch: pytest.MonkeyPatch, plan: "Plan", outages: Sequence[Outage]) -> Iterator[Day]:
    """Give the household in the early morning, with everybody connected."""
    clock = fakes.Clock(at(6, 30))
    with ExitStack() as stack:
        peers = _peers(stack, clock)
        phones = stack.enter_context(NtfyPeer())
        runners = plan(peers)
        (folder / "afterrun.toml").write_text("".join(_settings(one, phones) for one in runners))
        app = build(load(folder / "afterrun.toml", env={}), clock)
        stack.callback(app.close)
        day = Day(app, clock, runners, outages, {**peers, "ntfy": [phones]}, phones)
        _in_our_time(monkeypatch, clock)
        day._tell_the_time()
        for one in runners:
            for source, home in one.homes.items():
                app.connect(one.name, source, Talk(answers(home)))
        if "strava" in day.app.webhooks:
            _subscribe(day)
        yield day


type Peers = dict[str, list[Any]]
type Plan = Callable[[Peers], Sequence[Runner]]


def _peers(stack: ExitStack, clock: fakes.Clock) -> Peers:
    def entered(*peers: HttpPeer) -> list[HttpPeer]:
        return [stack.enter_context(peer) for peer in peers]

    now = clock.now()
    strava = StravaPeer(now=lambda: clock.now().timestamp(), reads=READS, requests_allowed=REQUESTS)
    return {
        "strava": entered(strava),
        "garmin": entered(GarminPeer(now=now), GarminPeer(now=now)),
        "intervals": entered(IntervalsPeer(), IntervalsPeer()),
        "garmin_connect": entered(*(GarminConnectPeer(now=now, lifetime=timedelta(hours=5)) for _ in range(2))),
    }


def _settings(one: Runner, phones: NtfyPeer) -> str:
    return f"""
        [[athletes]]
        id = "{one.name}"
        timezone = "{ZONE.key}"
        {_lines(home.settings() for home in one.homes.values())}
        [athletes.channels.ntfy]
        url = "{phones.topic(one.name)}"
        """


def _lines(tables: Iterable[str]) -> str:
    return "\n".join(tables)


def answers(home: Home) -> dict[str, str]:
    """Return what its runner answers to `afterrun connect`."""
    if isinstance(home, AtStrava):
        return {"code": home.person.consents(), "scope": "read,activity:read_all,profile:read_all"}
    return {"email": "kim@example.org", "password": "a-password"}


def _in_our_time(monkeypatch: pytest.MonkeyPatch, clock: fakes.Clock) -> None:
    """Have Garmin's library look at our clock, and not wait before it shows a password."""
    ours = SimpleNamespace(time=lambda: clock.now().timestamp())
    monkeypatch.setattr("garminconnect.client.tokens.time", ours)
    for delay in ("MOBILE_DELAY_MIN_S", "MOBILE_DELAY_MAX_S"):
        monkeypatch.setattr(f"garminconnect.client.sso.{delay}", 0.0)


def _subscribe(day: Day) -> None:
    """Have Strava tell of each run; no server stands between the two here."""
    day.strava.subscription = {"id": 5, "callback_url": day.app.callback("strava")[0]}
    (hook,) = day.app.webhooks["strava"].values()
    hook.create(Talk(), *day.app.callback("strava"))

    def send(event: Document, _headers: object = None) -> None:
        body = json.dumps(event).encode()
        assert day.app.hearing.hear("strava", body, {"x-strava-signature": day.strava.signature(body)})

    day.strava.send = send  # type: ignore[assignment, method-assign]
