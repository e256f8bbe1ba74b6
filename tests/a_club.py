"""A club at four platforms on a bad day: its runners, what is around them, and the program in processes of its own.

    with a_club(place, database, lasts, dice, say) as (club, app):
        club.goes_by(lasts)         runs come home, faults come at random, processes are killed and started again
        club.drains(done)           nothing goes wrong any more

Runners come home at random, and do each routine once their phone, their mailbox and their calendar have told them of
it; then they run again. Nothing in the program knows that it is watched, and no wait in it is shortened.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid5

import garminconnect.client.sso
import requests

from config.settings import load
from service.bootstrap import App, build
from service.domain.routine import Part
from service.domain.sessions import NAMESPACE, session_key
from tests.a_day import AtGarminByKey, AtGarminConnect, AtIntervals, AtStrava, Home, Ran, answers
from tests.integrations.strava_home import Talk
from tests.peers import calendars, mail, ntfy, strava
from tests.peers.garmin import GarminPeer
from tests.peers.garmin_connect import GarminConnectPeer
from tests.peers.intervals import IntervalsPeer
from tests.test_one_run_all_the_way import _free_port
from tests.weather import Weather

AFTERRUN = Path(sys.executable).with_name("afterrun")
# A club: so many at Strava, who have one application, and so many at each of the others.
AT_STRAVA, AT_OTHERS = 30, 12
# All of a runner's runs are of the last hours, an hour apart, so that each is a workout of its own and still earns one.
MOST_RUNS = 9
TICK_S, FAULT_EVERY_S, KILL_EVERY_S = 0.5, 2.0, 30.0
SAMPLES_LATER = timedelta(minutes=2)
DRAIN = timedelta(minutes=25)
SYNC_EVERY_S = 20.0


class Strava(strava.StravaPeer):
    """Strava, which tells again what was not heard, and some of it twice."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__(reads=(10_000, 100_000), requests_allowed=(20_000, 200_000))
        self.dice = dice
        self.untold: list[strava.Document] = []
        self.doubled = 0

    def send(self, event: strava.Document, headers: Mapping[str, str] | None = None) -> requests.Response:  # noqa: ARG002 - as the original
        """Keep what is to be told until it is heard."""
        twice = self.dice.random() < 0.3
        self.doubled += twice
        self.untold += [event] * (1 + twice)
        return requests.Response()

    def tell_on(self) -> None:
        """Tell what was not heard yet."""
        waiting, self.untold = self.untold, []
        for event in waiting:
            with suppress(requests.RequestException):
                if super().send(event).ok:
                    continue
            self.untold.append(event)


@dataclass(kw_only=True)
class Runner:
    """One of the club: where their runs come home, when they set out to upload, and what they heard of."""

    name: str
    source: str
    home: Home
    plan: list[datetime]
    ran: list[Ran] = field(default_factory=list)
    heard: int = 0

    @property
    def waits(self) -> bool:
        """Whether there is a run they have not heard of everywhere."""
        return self.heard < len(self.ran)

    def comes_home(self, begun: datetime, now: datetime) -> None:
        """Upload the next run: an hour later than the one before, and the last within the hour."""
        number = len(self.ran)
        ended = begun.replace(microsecond=0) - timedelta(hours=MOST_RUNS - 1 - number)
        ran = Ran(name=f"{self.name}-{number}", ended=ended, seconds=1500 + 60 * number, uploaded=now)
        self.home.uploads(ran)
        self.ran.append(ran)


@dataclass
class Program:
    """A process of the program, started, killed and started again; its log goes on."""

    command: str
    home: Path
    log: Path
    kills: int = 0
    since: float = 0.0
    at_a_minute: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, as if for the first time."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([AFTERRUN, self.command], cwd=self.home, stderr=log, stdout=log)  # noqa: S603 - our own
        self.since, self.at_a_minute = time.monotonic(), 0

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def memory(self) -> int:
        """Return what it holds, in megabytes; take note of it once it has lived for a minute."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii") if self.process else ""
        held = next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)
        if not self.at_a_minute and time.monotonic() - self.since > 60:
            self.at_a_minute = held
        return held


@dataclass(kw_only=True)
class Club:
    """The club, what is around it, and the program."""

    place: Path
    dice: random.Random
    say: Callable[[str], object]
    strava: Strava
    garmin: Sequence[GarminPeer | GarminConnectPeer]
    weather: Weather
    runners: Sequence[Runner]
    programs: Sequence[Program]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    # --- what happens

    def goes_by(self, lasts: timedelta) -> None:
        """Let time pass, with everything that goes wrong in it."""
        ends, tells = time.monotonic() + lasts.total_seconds(), lasts.total_seconds() - 60
        worsens = kills = time.monotonic()
        while (left := ends - time.monotonic()) > 0:
            spared = self.programs[0] if left < lasts.total_seconds() / 2 and len(self.programs) > 1 else None
            self.come_home()
            self.hear()
            if time.monotonic() > worsens:
                self.weather.worsens()
                worsens += self.dice.expovariate(1 / FAULT_EVERY_S)
            if time.monotonic() > kills:
                kills += self.dice.expovariate(1 / KILL_EVERY_S)
                self.kill(self.dice.choice([one for one in self.programs if one is not spared]))
            if left < tells:
                self.tell(f"{left / 60:.0f} min left")
                tells -= 60
            time.sleep(TICK_S)

    def drains(self, done: Callable[[], bool]) -> timedelta:
        """Let what is under way arrive, with nothing going wrong any more; return how long that took."""
        self.weather.clears()
        begun = synced = time.monotonic()
        while not done() and time.monotonic() - begun < DRAIN.total_seconds():
            self.hear()
            if time.monotonic() - synced > SYNC_EVERY_S:
                afterrun(self.place, "sync")
                synced = time.monotonic()
                self.tell("draining")
            time.sleep(TICK_S)
        return timedelta(seconds=round(time.monotonic() - begun))

    def come_home(self) -> None:
        """Have those run whose time it is, and who are done with the run before."""
        now = datetime.now(UTC)
        for one in self.runners:
            if len(one.ran) < len(one.plan) and one.plan[len(one.ran)] <= now and not one.waits:
                one.comes_home(self.began, now)
                if isinstance(one.home, AtStrava):
                    late = self.dice.random() < 0.3
                    self.weather.faults["samples that come later"] += late
                    run = one.home.runs[one.ran[-1].name]
                    run.streams_from = (now + SAMPLES_LATER).timestamp() if late else 0.0

    def hear(self) -> None:
        """Tell what Strava has to tell; have those do their routine who have heard of it everywhere."""
        self.strava.tell_on()
        for peer in self.garmin:
            peer.now = datetime.now(UTC)
        received = self.received()
        for one in self.runners:
            if one.waits and all(names_of(one, one.ran[-1]) & names.keys() for names in received.values()):
                one.heard += self.does(names_of(one, one.ran[-1]))

    def does(self, names: Collection[str]) -> bool:
        """Tap "Done" on the phone, and return whether the pages were there to hear it."""
        entry = next((one for one in self.weather.phone.shown() if one.get("sequence_id") in names), None)
        if entry is None:
            return True
        with suppress(requests.RequestException):
            return requests.post(entry["actions"][0]["url"], timeout=10, allow_redirects=False).ok
        return False

    def kill(self, program: Program) -> None:
        """Kill a process, and start it again."""
        program.kill()
        program.kills += 1
        program.start()

    # --- what came of it

    def received(self) -> Mapping[str, Counter[str]]:
        """Return by channel how often each message arrived, by its name there."""
        letters = [letter["Message-ID"].strip("<>") for letter in self.weather.mailbox.letters]
        return {
            "ntfy": Counter(str(entry.get("sequence_id")) for entry in self.weather.phone.messages),
            "email": Counter(name.partition("@")[0] for name in letters),
            "caldav": Counter(
                file.stem for file in self.place.glob(f"radicale/collection-root{calendars.HOME}*/*.ics")
            ),
        }

    def tell(self, what: str) -> None:
        """Say where it stands."""
        ran, heard = sum(len(one.ran) for one in self.runners), sum(one.heard for one in self.runners)
        kills = sum(one.kills for one in self.programs)
        held = ", ".join(f"{one.memory()} MB" for one in self.programs)
        waiting = Counter(one.source for one in self.runners if one.waits)
        self.say(f"{what}: {ran} runs, {heard} heard of, {self.weather.faults.total()} faults, {kills} kills; {held}")
        if waiting:
            self.say(f"  waiting: {', '.join(f'{count} at {source}' for source, count in waiting.items())}")


def names_of(one: Runner, ran: Ran) -> set[str]:
    """Return the names, in either spelling, that a message about a run may have at a receiver."""
    keys = [session_key(one.name, ran.begun, part) for part in (Part.WHOLE, Part.NOW)]
    marks = [uuid5(NAMESPACE, key) for key in keys]
    return {str(mark) for mark in marks} | {mark.hex for mark in marks}


def afterrun(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Have somebody type a command."""
    return subprocess.run([AFTERRUN, *words], cwd=home, capture_output=True, text=True, check=False)  # noqa: S603 - our own


@contextmanager
def a_club(
    place: Path, database: str, lasts: timedelta, dice: random.Random, say: Callable[[str], object]
) -> Iterator[tuple[Club, App]]:
    """Give the club with everybody connected and the program running."""
    with ExitStack() as stack:
        now = datetime.now(UTC)
        told = stack.enter_context(Strava(dice))
        garmin = [stack.enter_context(GarminPeer(now=now)) for _ in range(AT_OTHERS)]
        connect = [stack.enter_context(GarminConnectPeer(now=now)) for _ in range(AT_OTHERS)]
        intervals = [stack.enter_context(IntervalsPeer()) for _ in range(AT_OTHERS)]
        homes: list[tuple[str, Home]] = [
            *(("strava", AtStrava(told, told.athlete(100 + number))) for number in range(AT_STRAVA)),
            *(("garmin", AtGarminByKey(peer)) for peer in garmin),
            *(("garmin_connect", AtGarminConnect(peer)) for peer in connect),
            *(("intervals", AtIntervals(peer)) for peer in intervals),
        ]
        runs = max(1, min(MOST_RUNS, round(lasts / timedelta(minutes=3))))
        runners = [
            Runner(name=f"r{number}", source=source, home=home, plan=_plan(now, lasts, runs, dice))
            for number, (source, home) in enumerate(homes)
        ]
        # The first of several workers is spared in the second half: its memory tells what work leaves behind.
        port, commands = _free_port(), ["run"] if database.startswith("sqlite") else ["worker", "worker", "web"]
        club = Club(
            place=place,
            dice=dice,
            say=say,
            strava=told,
            garmin=[*garmin, *connect],
            weather=Weather(
                dice=dice,
                platforms={"strava": [told], "garmin": garmin, "garmin_connect": connect, "intervals": intervals},
                phone=stack.enter_context(ntfy.NtfyPeer()),
                mailbox=stack.enter_context(mail.MailPeer()),
                calendar=stack.enter_context(calendars.CalendarPeer(calendars.radicale_at(place / "radicale"))),
            ),
            runners=runners,
            programs=[Program(command, place, place / f"{n}-{command}.log") for n, command in enumerate(commands)],
        )
        (place / "afterrun.toml").write_text(_settings(club, database, port), encoding="utf-8")
        app = build(load(place / "afterrun.toml", env={}))
        stack.callback(app.close)
        _everybody_connects(club, app)
        for program in club.programs:
            stack.callback(program.kill)
            program.start()
        _pages_answer(port)
        created = afterrun(place, "webhook", "strava", "create")
        if created.returncode:
            raise SystemExit(created.stderr)
        yield club, app


def _plan(now: datetime, lasts: timedelta, runs: int, dice: random.Random) -> list[datetime]:
    return sorted(now + lasts * dice.random() for _ in range(runs))


def _settings(club: Club, database: str, port: int) -> str:
    """Return the settings of all; no night and no morning falls into the half hour."""
    engine = "local" if database.startswith("sqlite") else "procrastinate"
    morning = datetime.now(UTC) + timedelta(hours=12)
    head = f"""
        database = "{database}"
        engine = "{engine}"
        base_url = "http://127.0.0.1:{port}"
        [web]
        listen = "127.0.0.1:{port}"
        [digest]
        at = "{morning:%H:%M}"
        [quiet]
        from = ""
        to = ""
        """
    return head + "".join(_table(club, one) for one in club.runners)


def _table(club: Club, one: Runner) -> str:
    return f"""
        [[athletes]]
        id = "{one.name}"
        timezone = "UTC"
        {one.home.settings()}
        [athletes.channels.ntfy]
        url = "{club.weather.phone.topic(one.name)}"
        [athletes.channels.email]
        host = "127.0.0.1"
        port = {club.weather.mailbox.port}
        tls = "none"
        from = "afterrun@example.org"
        to = ["{one.name}@example.org"]
        [athletes.channels.caldav]
        url = "{club.weather.calendar.root}{calendars.HOME}{one.name}/"
        """


def _everybody_connects(club: Club, app: App) -> None:
    # Before it shows a password, Garmin's library waits as a person would: nothing to be seen here.
    for delay in ("MOBILE_DELAY_MIN_S", "MOBILE_DELAY_MAX_S"):
        setattr(garminconnect.client.sso, delay, 0.0)
    for one in club.runners:
        requests.request(
            "MKCALENDAR", f"{club.weather.calendar.root}{calendars.HOME}{one.name}/", timeout=30
        ).raise_for_status()
        app.connect(one.name, one.source, Talk(answers(one.home)))


def _pages_answer(port: int) -> None:
    for _ in range(600):
        with suppress(requests.RequestException):
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok:
                return
        time.sleep(0.2)
    raise SystemExit("the pages do not answer")
