"""Killed with -9 while it delivers, at every step and at random: nothing is lost, and nobody is told twice.

The phone and the calendar show each message once. A letter, whose mailbox cannot be asked, may come twice where the
kill fell between its sending and the writing down of that, and never more often.
"""

import multiprocessing
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from integrations._events import uid
from service.domain.message import Message, Phase
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from tests.faults.conftest import Fault, Tally
from tests.faults.deliveries import Way, deliver
from tests.integrations.channel_contract import a_message
from tests.peers.calendars import CalendarPeer, radicale_at
from tests.peers.mail import MailPeer
from tests.peers.ntfy import NtfyPeer

pytestmark = [
    pytest.mark.filterwarnings("ignore:'importlib.abc.Traversable' is deprecated:DeprecationWarning"),
    pytest.mark.slow,
]

CHANNELS = ("ntfy", "email", "caldav")
# A killed process leaves leases and waits behind; here they end at once.
TIME_PASSES = "UPDATE outbox SET lease_until = ?, due_at = ? WHERE settled_at IS NULL"
LONG_AGO = "2020-01-01 00:00:00.000000"
PATIENCE_S = 120.0

forkserver = multiprocessing.get_context("forkserver")
forkserver.set_forkserver_preload(["tests.faults.deliveries"])


@dataclass
class Post:
    """An outbox, and the servers it delivers to."""

    home: Path
    way: Way
    phone: NtfyPeer
    mail: MailPeer
    calendar: CalendarPeer
    keys: list[str] = field(default_factory=list)
    killed: int = 0

    def queue(self) -> None:
        """Queue a new message for every channel, and have the one before put right as done."""
        number = len(self.keys)
        now = datetime.now(UTC)
        message = replace(
            a_message(f"message {number}"), starts_at=now, ends_at=now, useful_until=now + timedelta(days=1)
        )
        before = self.keys[-1] if self.keys else ""
        there = self._rows("SELECT id FROM outbox WHERE key = ? AND channel != 'email'", before)
        database = SqlDatabase(make_engine(self.way.database))
        with closing(database), database.writing() as store:
            for channel in CHANNELS:
                store.add_message("me", channel, message, now)
            for (row,) in there:
                store.say_again(int(row), as_done(replace(message, key=before)), now)
        self.keys.append(message.key)

    def kill(self, *, after_s: float | None = None, at: int = 0) -> tuple[float, int]:
        """Deliver, and be killed after so long, or at a moment; return how long it took and its moments."""
        heard, said = forkserver.Pipe(duplex=False)
        process = forkserver.Process(target=deliver, args=(self.way, said, at), daemon=True)
        process.start()
        said.close()
        assert heard.poll(PATIENCE_S)
        moments = heard.recv()
        began = monotonic()
        if after_s is None:
            process.join(PATIENCE_S)
        else:
            Event().wait(after_s)
            process.kill()
            process.join()
        lived = monotonic() - began
        self.killed += process.exitcode == -signal.SIGKILL
        with heard:
            if process.exitcode == 0:
                moments = heard.recv()
        return lived, moments

    def deliver_undisturbed(self) -> tuple[float, int]:
        """Deliver a message and then another, with the first put right; return how long that took and its moments."""
        self.queue()
        self.kill()
        self.queue()
        return self.kill()

    def finish(self) -> None:
        """Let time pass and deliver what is left, as the next start does."""
        deadline = monotonic() + PATIENCE_S
        while self._rows("SELECT id FROM outbox WHERE settled_at IS NULL"):
            assert monotonic() < deadline, "the outbox does not settle"
            self._rows(TIME_PASSES, LONG_AGO, LONG_AGO)
            with self.way.outbox() as outbox:
                outbox.deliver_due()

    def letters(self) -> Counter[str]:
        """Return how often each letter came."""
        return Counter(letter["Message-ID"].strip("<>").partition("@")[0] for letter in self.mail.letters)

    def check(self, tally: Tally) -> None:
        """Hold every message against what came of it."""
        pushed = Counter(entry["sequence_id"] for entry in self.phone.messages)
        entries, letters = self.calendar.entries(), self.letters()
        names = [uid(key) for key in self.keys]
        assert {pushed[name.replace("-", "")] for name in names} == {1}, "each is pushed once"
        assert sorted(entries) == sorted(f"{name}.ics" for name in names), "each stands in the calendar once"
        assert {letters[name] for name in names} <= {1, 2}, "each is written to, and twice at most"
        given_up = self._rows("SELECT key, channel, given_up FROM outbox WHERE receipt IS NULL")
        assert given_up == [], "nothing is given up"
        done = sum("✓".encode() in body for body in entries.values())
        assert done == len(names) - 1, "all but the last are put right as done"
        doubled = sum(letters[name] == 2 for name in names)
        tally.add(Fault.KILLED_DELIVERY, self.killed, doubled=doubled)
        assert doubled <= self.killed

    def _rows(self, query: str, *values: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.home / "afterrun.db", timeout=30)) as connection:
            rows: list[tuple[str, ...]] = connection.execute(query, values).fetchall()
            connection.commit()
            return rows


def as_done(message: Message) -> Message:
    return replace(message, title=f"✓ {message.title}", phase=Phase.DONE)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with ExitStack() as open_doors:
        phone = open_doors.enter_context(NtfyPeer())
        mail = open_doors.enter_context(MailPeer())
        calendar = open_doors.enter_context(CalendarPeer(radicale_at(tmp_path / "radicale")))
        way = Way(
            database=f"sqlite:///{tmp_path}/afterrun.db",
            topic=phone.topic(),
            mail_port=mail.port,
            calendar=calendar.url,
        )
        engine = make_engine(way.database)
        upgrade(engine)
        engine.dispose()
        yield Post(tmp_path, way, phone, mail, calendar)


def kill_at_random(post: Post, kills: int, dice: random.Random) -> None:
    usual, _ = post.deliver_undisturbed()
    while post.killed < kills:
        post.queue()
        post.kill(after_s=dice.uniform(0, usual))
        post.finish()


def test_killed_at_random_it_loses_nothing_and_tells_nobody_twice(post: Post, tally: Tally) -> None:
    kill_at_random(post, 5, random.Random(7))
    post.check(tally)


@pytest.mark.faults
def test_killed_two_hundred_times_at_random(post: Post, tally: Tally) -> None:
    kill_at_random(post, 200, random.Random(2026))
    post.check(tally)


@pytest.mark.faults
def test_killed_at_every_step(post: Post, tally: Tally) -> None:
    _, moments = post.deliver_undisturbed()
    for moment in range(1, moments + 1):
        post.queue()
        post.kill(at=moment)
        post.finish()
    assert post.killed == moments
    post.check(tally)
