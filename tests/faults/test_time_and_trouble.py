"""Clocks that jump, networks that are away, locks that others hold, channels that are down."""

import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.application.outbox import Outbox
from service.application.sync import Sync
from service.domain.athlete import Athlete
from service.domain.message import Message
from service.persistence import engine as engine_module
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from service.persistence.vault import SqlVault, cipher, new_key
from service.ports import Refused, Standing, Throttled, Unavailable
from tests.application.conftest import House, easy_run, house
from tests.fakes import NOON, Channel, Clock, Source, decoded, raw, run
from tests.faults.conftest import Tally
from tests.peers.postgresql import Server

__all__ = ["house"]

WEEK = timedelta(days=7)


@pytest.fixture
def phone() -> Channel:
    return Channel()


def syncing(house: House, **sources: Source) -> Sync:
    named = {("me", name): source for name, source in sources.items()}
    return Sync(house.database, house.ingest, house.athletes, named, clock=house.clock, spread=lambda: 0.0)


def one_round(house: House, sync: Sync) -> None:
    """Do once what a worker does all the time."""
    house.ingest.finish()
    sync.ask()
    house.coach.coach()
    house.feedback.pending()
    house.digest.make_due()
    house.outbox.deliver_due()


def digests(phone: Channel) -> list[str]:
    return [message.key for message in phone.received if "digest" in message.tags]


# --- the database is locked ---------------------------------------------------------------------------------------


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SqlDatabase, sqlite3.Connection]]:
    """Return a database whose patience is short, and a program that holds it."""
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_S", 0.3)
    engine = make_engine(f"sqlite:///{tmp_path}/afterrun.db")
    upgrade(engine)
    database = SqlDatabase(engine)
    with closing(sqlite3.connect(tmp_path / "afterrun.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield database, other
    database.close()


def test_a_lock_that_is_let_go_of_in_time_is_waited_for(
    locked: tuple[SqlDatabase, sqlite3.Connection], tally: Tally
) -> None:
    database, other = locked
    letting_go = threading.Timer(0.1, other.execute, ["ROLLBACK"])
    letting_go.start()
    with database.writing() as store:
        assert store.add_digest("me", NOON.date(), NOON)
    letting_go.join()
    tally.add("database locked by another program", injected=1)


def test_a_lock_that_stays_is_said_in_one_line_and_nothing_is_lost(
    locked: tuple[SqlDatabase, sqlite3.Connection], tally: Tally
) -> None:
    database, other = locked
    for _ in range(3):
        with pytest.raises(Unavailable, match="another program holds it"), database.writing() as store:
            store.add_digest("me", NOON.date(), NOON)
    other.execute("ROLLBACK")
    with database.writing() as store:
        assert store.add_digest("me", NOON.date(), NOON)
    tally.add("database locked by another program", injected=3)


# --- the clock ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_a_clock_that_jumps_doubles_no_message_and_no_digest(house: House, seed: int, tally: Tally) -> None:
    """A battery that dies, a machine that slept, a clock set right: forwards and backwards, by seconds and by days."""
    dice = random.Random(seed)
    sync = syncing(house, folder=Source())
    house.arrives(easy_run())
    jumps = 30
    for _ in range(jumps):
        one_round(house, sync)
        house.clock.forward(minutes=dice.choice([1, 7, 45, 300, 1500, -3, -90, -1500]))
    one_round(house, sync)

    assert max(Counter(message.key for message in house.phone.received).values()) == 1
    assert len(digests(house.phone)) == len(set(digests(house.phone)))
    tally.add("clock jumps", injected=jumps)


CHANGES = (datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("Europe/Berlin", "02:30"),
        ("America/New_York", "02:30"),
        ("Australia/Lord_Howe", "02:00"),
        ("Asia/Kolkata", "07:00"),
    ],
)
def test_nights_the_clocks_change_have_one_digest_like_any_other(
    house: House, zone: str, at: str, tally: Tally
) -> None:
    hour, minute = map(int, at.split(":"))
    athlete = Athlete(id="me", timezone=ZoneInfo(zone), digest_at=NOON.time().replace(hour=hour, minute=minute))
    house.athletes["me"] = athlete
    with house.database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(todo="The folder is gone: make it again."))
    nights = 0
    for change in CHANGES:
        house.phone.received.clear()
        house.clock.moment = change
        days = set()
        while house.clock.moment < change + timedelta(days=3):
            house.digest.make_due()
            house.outbox.deliver_due()
            days.add(house.clock.moment.astimezone(athlete.timezone).date())
            house.clock.forward(minutes=15)
        assert len(days) - 1 <= len(digests(house.phone)) <= len(days)
        assert len(set(digests(house.phone))) == len(digests(house.phone))
        nights += 2
    tally.add("nights the clocks change", injected=nights)


# --- the network --------------------------------------------------------------------------------------------------


def test_a_week_offline_ends_with_one_digest_and_no_flood(house: House, tally: Tally) -> None:
    """A run a day; nothing gets through for a week. Then all is taken in, and only today's run is spoken of."""
    source = Source(name="watch")
    sync = syncing(house, watch=source)
    for day in range(8):
        body = f"day {day}".encode()
        began = NOON + timedelta(days=day) - timedelta(minutes=50)
        house.reader.meanings[body] = decoded(run(name=f"{day}.fit", started_at=began))
        source.arriving.append(raw(body, name=f"{day}.fit", source="watch"))
    asked = 0
    while house.clock.moment < NOON + WEEK - timedelta(minutes=10):
        source.arriving.insert(0, Unavailable("no route to the platform"))
        house.phone.faults = [Unavailable("no route to the phone")] * 50
        one_round(house, sync)
        asked += 1
        house.clock.forward(hours=3)
    missed = len(source.asked_with)
    assert missed <= asked
    source.arriving = [one for one in source.arriving if not isinstance(one, Exception)]
    house.phone.faults.clear()
    house.phone.received.clear()

    house.clock.moment = NOON + WEEK
    for _ in range(12):
        one_round(house, sync)
        house.clock.forward(minutes=10)

    with house.database.reading() as store:
        assert sum(store.count_raws().values()) == 8
    assert len(digests(house.phone)) <= 1
    others = [message for message in house.phone.received if "digest" not in message.tags]
    assert len(others) == 1, "today's run alone is spoken of"
    tally.add("a week offline, asked in vain", injected=missed)


@pytest.mark.parametrize("fault", [Refused("the key was revoked: make a new one"), Throttled("too often", WEEK / 84)])
def test_one_sources_trouble_is_nobody_elses(house: House, fault: Exception, tally: Tally) -> None:
    troubled, well = Source(arriving=[fault]), Source(arriving=[raw(b"fine", source="watch")], name="watch")
    house.reader.meanings[b"fine"] = decoded(easy_run())
    sync = syncing(house, folder=troubled, watch=well)

    one_round(house, sync)

    assert len(house.phone.received) - len(digests(house.phone)) == 1
    with house.database.reading() as store:
        standing = store.standing("me", "sources.folder")
    assert bool(standing.todo) == isinstance(fault, Refused)
    for _ in range(5):
        one_round(house, sync)
    assert len(troubled.asked_with) == 1, "it is left alone meanwhile"
    tally.add("a source that refuses or is asked too often", injected=1)


# --- a channel down for a day -------------------------------------------------------------------------------------


def test_a_channel_down_for_a_day_gets_what_still_helps_once_it_is_back(house: House, tally: Tally) -> None:
    sync = syncing(house, folder=Source())
    house.arrives(easy_run())
    down = 0
    while house.clock.moment < NOON + timedelta(hours=22):
        house.phone.faults = [Unavailable("the server is down")] * 20
        one_round(house, sync)
        down += 20 - len(house.phone.faults)
        house.clock.forward(minutes=10)
    assert house.phone.received == []
    assert 0 < down < 80, "it is asked less and less often"
    house.phone.faults.clear()
    house.clock.forward(hours=1)
    one_round(house, sync)

    assert all(message.useful_until > house.clock.now() for message in house.phone.received)
    assert len(digests(house.phone)) == 1, "what is still to do stands in the morning's list"
    assert len(house.agenda.received) == 1, "the calendar had it all along"
    tally.add("a channel down for a day, tried in vain", injected=down)


# --- two workers, keys --------------------------------------------------------------------------------------------


def test_two_workers_on_postgresql_send_each_message_once(postgresql: Server, tally: Tally) -> None:
    """By mistake or on purpose: what one has leased, the other leaves alone."""
    with postgresql.ready() as url:
        phone = Channel()
        databases = [SqlDatabase(make_engine(url)) for _ in range(2)]
        with databases[0].writing() as store:
            for number in range(60):
                message = Message(key=str(number), title="", body="", useful_until=NOON + WEEK)
                store.add_message("me", "phone", message, NOON)
        outboxes = [Outbox(database, {("me", "phone"): phone}, Clock(), lambda: 0.0) for database in databases]
        sending = [threading.Thread(target=outbox.deliver_due) for outbox in outboxes]
        for thread in sending:
            thread.start()
        for thread in sending:
            thread.join()
        for database in databases:
            database.close()

    assert sorted(message.key for message in phone.received) == sorted(map(str, range(60)))
    tally.add("two workers, messages both could send", injected=60)


def test_a_lost_key_is_said_in_one_line_and_overwrites_nothing(house: House, tally: Tally) -> None:
    sealed = SqlVault(house.database.engine, cipher(new_key()), "me", "sources.strava", clock=house.clock)
    sealed.write({"token": "t"})
    lost = SqlVault(house.database.engine, cipher(new_key()), "me", "sources.strava", clock=house.clock)

    with pytest.raises(Refused, match="afterrun connect strava"):
        lost.read()
    assert sealed.read() == {"token": "t"}
    tally.add("key lost", injected=1)
