"""A month in the life of one runner: every message they get, in the order it comes, to read as that runner.

    .venv/bin/python tools/month.py              # print it
    .venv/bin/python tools/month.py docs/month.md    # renew the page

Runs on time and late, quiet hours, the night the clocks go back, a phone that is out of order for a day and a key that
ends, what is left undone, a run abroad, and two days without power. The clock stands until something is due.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from config.settings import load
from integrations import sample
from service.application.reading import ReadersHere
from service.bootstrap import App
from service.domain.activity import Activity
from service.domain.body import Felt
from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.message import Message, Phase
from service.domain.movements import Site
from service.domain.putting_off import Later
from service.domain.sessions import Session
from service.ports import Capabilities, Decoded, Outcome, Raw, Refused, Unavailable

ZONE = ZoneInfo("Europe/Berlin")
BEGINS, ENDS = datetime(2026, 10, 5, tzinfo=ZONE), datetime(2026, 11, 2, 12, tzinfo=ZONE)
WEEKS_BEFORE = 8
STEP = timedelta(hours=1)
TURNS = 50

SETTINGS = """\
[athlete]
id = "kim"
name = "Kim"
timezone = "Europe/Berlin"

[sources.folder]
path = "runs"

[channels.ntfy]
url = "http://127.0.0.1:9/kim"

[channels.email]
host = "127.0.0.1"
from = "afterrun@example.org"
to = "kim@example.org"

[channels.calendar]
path = "calendar"

[fallback]
channel = "email"
"""


@dataclass
class StandingClock:
    """A clock that stands where it is put."""

    moment: datetime = BEGINS

    def now(self) -> datetime:
        """Return the moment it stands at, in UTC."""
        return self.moment.astimezone(UTC)


@dataclass
class Postbox:
    """A channel that keeps what arrives, with when. `down` is what it raises while it is out of order."""

    name: str
    capabilities: Capabilities
    clock: StandingClock
    arrived: list[tuple[datetime, str, Message]]
    down: Exception | None = None

    def check(self) -> str:
        """Return that it is there."""
        return "in memory"

    def send(self, message: Message, earlier: str | None = None) -> str:  # noqa: ARG002 - the port's form
        """Keep the message; raise what is wrong while it is out of order."""
        if self.down is not None:
            raise self.down
        self.arrived.append((self.clock.moment, self.name, message))
        return str(len(self.arrived))

    def reconcile(self, message: Message, since: datetime) -> Outcome:  # noqa: ARG002 - the port's form
        """Return that nothing it refused arrived."""
        return Outcome.ABSENT


@dataclass
class Recordings:
    """Reads what the month hands over: activities, by the body that stands for each."""

    media_types: ClassVar[frozenset[str]] = frozenset({"fit"})
    activities: dict[bytes, Activity] = field(default_factory=dict)

    def decode(self, raw: Raw) -> Decoded:
        """Return the activity."""
        return Decoded(activities=(self.activities[raw.body],))

    def raw(self, activity: Activity, now: datetime) -> Raw:
        """Return an activity as the bytes of a file."""
        body = activity.started_at.isoformat().encode()
        self.activities[body] = activity
        return Raw(source="folder", external_id=body.decode(), media_type="fit", body=body, received_at=now)


@dataclass
class Month:
    """The month as it goes."""

    app: App
    clock: StandingClock
    arrived: list[tuple[datetime, str, Message]]
    phone: Postbox
    files: Recordings = field(default_factory=Recordings)
    said: list[tuple[datetime, str]] = field(default_factory=list)
    powered: bool = True

    @classmethod
    def begin(cls, folder: Path) -> "Month":
        """Return the month before its first day, with the weeks before it known."""
        (folder / "afterrun.toml").write_text(SETTINGS, encoding="utf-8")
        clock, arrived = StandingClock(), list[tuple[datetime, str, Message]]()
        app = App(settings=load(folder / "afterrun.toml", env={}), clock=clock)
        phone = Postbox("ntfy", Capabilities(actions=True, updates=True), clock, arrived)
        mail = Postbox("email", Capabilities(), clock, arrived)
        agenda = Postbox("calendar", Capabilities(idempotent=True, calendar=True, updates=True), clock, arrived)
        app.__dict__["channels"] = {("kim", box.name): box for box in (phone, mail, agenda)}
        month = cls(app, clock, arrived, phone)
        app.__dict__["readers"] = ReadersHere({"fit": month.files})
        past = (month.files.raw(run, BEGINS) for run in sample.history(BEGINS, weeks=WEEKS_BEFORE))
        list(app.ingest.take_all("kim", past))
        app.coach.coach()
        return month

    def go(self, plan: "Sequence[Event]") -> None:
        """Live through the plan, and through whatever comes due in between."""
        for event in sorted(plan, key=lambda event: event.at):
            self._wait_until(event.at)
            self.clock.moment = event.at
            self.said.append((event.at, event.says))
            event.do(self)
            self._tick()
        self._wait_until(ENDS)

    def _wait_until(self, moment: datetime) -> None:
        while self.clock.moment < moment:
            self.clock.moment = min(moment, self._next_due())
            self._tick()

    def _next_due(self) -> datetime:
        """Return the next moment at which something may come due, an hour from now at the latest."""
        overview, now = self.app.status.overview(), self.clock.moment
        moments = [waiting.message.due_at for waiting in overview.waiting]
        moments += [condition.next_try for condition in overview.conditions if condition.next_try is not None]
        full_hour = now.replace(minute=0, second=0, microsecond=0) + STEP
        return min([moment.astimezone(ZONE) for moment in moments if moment > now] + [full_hour])

    def _tick(self) -> None:
        """Do what a worker does, until nothing is left to do at this moment."""
        if not self.powered:
            return
        self.app.coach.coach()
        self.app.feedback.pending()
        self.app.digest.make_due()
        for _ in range(TURNS):
            sent = self.app.deliver()
            if not sent.delivered:
                break

    def newest(self) -> Session:
        """Return the session that a runner who opens the last message means."""
        return self.app.feedback.newest("kim")

    def runs(self, kind: RunType, ended: datetime, **also: object) -> None:
        """Have a run arrive that ended at a moment."""
        seed = ended.toordinal() % 1000
        activity = replace(sample.latest(kind, ended, seed), **also)  # type: ignore[arg-type]
        self.app.ingest.take("kim", self.files.raw(activity, self.clock.now()))


@dataclass(frozen=True)
class Event:
    """Something that happens at a moment: what the runner or the world does, in words and in deed."""

    at: datetime
    says: str
    do: Callable[[Month], object]


def at(day: int, clock: str, month: int = 10) -> datetime:
    """Return a local moment of the month."""
    hour, minute = clock.split(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=ZONE)


def run(kind: RunType, day: int, ended: str, comes: str, *, month: int = 10, **also: object) -> Event:
    """Return a run that ended at an hour and comes in at another."""
    moment = at(day, ended, month)
    says = f"Kim's {kind} run ended at {ended}" + (f" and comes in at {comes}." if comes != ended else ".")
    return Event(at(day, comes, month), says, lambda life: life.runs(kind, moment, **also))


def does(day: int, clock: str, says: str, do: Callable[[Month], object], month: int = 10) -> Event:
    """Return something that Kim does."""
    return Event(at(day, clock, month), says, do)


def done(day: int, clock: str, month: int = 10) -> Event:
    """Return Kim doing the session."""
    return does(day, clock, "Kim does it.", lambda life: life.app.feedback.done(life.newest().id), month)


def _power(*, on: bool) -> Callable[[Month], None]:
    def do(life: Month) -> None:
        life.powered = on

    return do


def _phone(down: Exception | None) -> Callable[[Month], None]:
    def do(life: Month) -> None:
        life.phone.down = down
        life.app.begin_afresh()

    return do


def _abroad() -> Event:
    ended = datetime(2026, 10, 29, 18, 0, tzinfo=ZoneInfo("America/New_York"))
    return Event(
        ended.astimezone(ZONE) + timedelta(minutes=4),
        "Kim is in New York: an easy run ended there at 18:00, which is 23:00 at home.",
        lambda life: life.runs(RunType.EASY, ended),
    )


EASY, TEMPO, INTERVAL, LONG = RunType.EASY, RunType.TEMPO, RunType.INTERVAL, RunType.LONG
NO_ROUTE = Unavailable("ntfy is out of reach: trying again later")
NO_KEY = Refused("ntfy no longer takes this token: make a new one and put it into channels.ntfy")


def plan() -> list[Event]:
    """Return what happens in the month."""
    return [
        # an ordinary week
        run(EASY, 5, "18:45", "18:48"),
        done(5, "19:05"),
        does(5, "19:06", "Kim says the run felt good.", lambda life: life.app.body.run_felt("kim", RunFelt.GOOD)),
        run(INTERVAL, 6, "19:10", "19:13"),
        done(6, "19:45"),
        run(EASY, 8, "07:45", "18:20"),
        done(8, "19:00"),
        run(TEMPO, 10, "11:00", "11:04"),
        does(10, "11:06", "Kim says: not today.", lambda life: life.app.feedback.skip(life.newest().id)),
        run(LONG, 11, "10:50", "10:53"),
        done(11, "11:02"),
        done(11, "20:05"),
        # late evenings
        run(TEMPO, 13, "21:20", "21:24"),
        does(
            13, "21:25", "Kim says: tomorrow.", lambda life: life.app.feedback.put_off(life.newest().id, Later.TOMORROW)
        ),
        done(14, "07:35"),
        run(EASY, 14, "18:30", "18:33"),
        run(INTERVAL, 15, "19:00", "19:02"),
        done(15, "19:30"),
        run(EASY, 17, "22:25", "22:28"),
        done(18, "08:10"),
        run(LONG, 18, "11:30", "11:32"),
        done(18, "11:40"),
        # a phone out of order, a key that ends
        does(20, "06:00", "(ntfy's server is down for a day.)", _phone(NO_ROUTE)),
        run(TEMPO, 20, "18:40", "18:43"),
        done(20, "19:20"),
        does(21, "06:00", "(ntfy is back.)", _phone(None)),
        does(21, "12:00", "(ntfy's token is revoked.)", _phone(NO_KEY)),
        run(EASY, 21, "18:10", "18:12"),
        done(21, "18:40"),
        does(22, "18:00", "Kim puts a new token in and starts Afterrun again.", _phone(None)),
        run(EASY, 23, "07:30", "07:33"),
        run(INTERVAL, 23, "18:30", "18:34"),
        done(23, "19:05"),
        # sore, and the night the clocks go back
        does(
            24,
            "09:00",
            "Kim says: calves tight, knee sore.",
            lambda life: (
                life.app.body.tell("kim", Felt.TIGHT, [Site.CALVES]),
                life.app.body.tell("kim", Felt.SORE, [Site.KNEE]),
            ),
        ),
        run(LONG, 25, "10:30", "10:34"),
        done(25, "10:44"),
        done(25, "20:00"),
        run(EASY, 27, "18:40", "18:43"),
        done(27, "19:00"),
        does(28, "08:00", "Kim says the knee is fine.", lambda life: life.app.body.tell("kim", Felt.FINE, [Site.KNEE])),
        # abroad, and two days without power
        _abroad(),
        does(30, "12:00", "(The power is off.)", _power(on=False)),
        run(TEMPO, 31, "10:00", "10:02"),
        does(1, "20:15", "(The power is back.)", _power(on=True), month=11),
    ]


def live(folder: Path) -> Month:
    """Live through the month and return what came of it."""
    month = Month.begin(folder)
    try:
        month.go(plan())
    finally:
        month.app.database.close()
    return month


def timeline(month: Month) -> Iterator[str]:
    """Yield the page: what happened and what Kim heard, day by day. Calendars and corrections in place are left out."""
    heard = [
        (moment, 1, list(_told(moment, box, message)))
        for moment, box, message in month.arrived
        if box != "calendar" and message.phase is Phase.NEW
    ]
    happened = [(moment, 0, [f"{moment:%H:%M}  {says}"]) for moment, says in month.said]
    day = None
    for moment, _, lines in sorted([*happened, *heard], key=lambda entry: (entry[0], entry[1])):
        if moment.date() != day:
            day = moment.date()
            yield ""
            yield f"### {day:%A %d %B}"
            yield ""
        yield from (f"    {line}".rstrip() for line in lines)


def _told(moment: datetime, box: str, message: Message) -> Iterator[str]:
    yield f"{moment:%H:%M}  > {message.title}" + ("" if box == "ntfy" else f"   (by {box})")
    yield from (f"         {line}" for line in [*message.body.splitlines(), *([message.why] if message.why else [])])


def main(arguments: Sequence[str]) -> None:
    """Print the month, or renew its page."""
    with tempfile.TemporaryDirectory() as folder:
        lines = list(timeline(live(Path(folder))))
    if not arguments:
        print("\n".join(lines))
        return
    page = Path(arguments[0])
    before, mark, _ = page.read_text(encoding="utf-8").partition("<!-- made by tools/month.py -->\n")
    page.write_text(before + mark + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
