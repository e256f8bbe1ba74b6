"""Clocks that jump, and nights on which they are changed: one list a day, one message a run, nothing stuck."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.application.health import Health
from service.application.outbox import LEASE
from service.domain.athlete import Athlete
from service.domain.message import Message
from service.persistence.outbox import LONGEST_LEASE
from service.ports import Refused, Standing, Throttled, Unavailable
from tests.application.conftest import House, easy_run, house
from tests.fakes import NOON, Source, decoded, raw
from tests.faults.conftest import Fault, Tally
from tests.faults.rounds import digests, one_round, syncing

__all__ = ["house"]


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
    tally.add(Fault.CLOCK, jumps)


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
    tally.add(Fault.DST, nights)


AHEAD = [timedelta(days=2), timedelta(days=400)]


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize(
    "fault", [Unavailable("away"), Refused("no longer"), Throttled("too often", timedelta(days=1))], ids=repr
)
def test_what_waits_since_a_clock_was_ahead_goes_on_once_it_is_set_right(
    house: House, ahead: timedelta, fault: Exception, tally: Tally
) -> None:
    source = Source(arriving=[fault, raw(b"one")])
    house.reader.meanings[b"one"] = decoded(easy_run())
    sync = syncing(house, folder=source)
    house.clock.moment = NOON + ahead
    one_round(house, sync)
    house.clock.moment = NOON

    one_round(house, sync)

    tally.add(Fault.CLOCK)
    assert len(source.asked_with) == 2
    assert len(house.feedback.pending()) == 1


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_channel_in_trouble_since_a_clock_was_ahead_is_tried_again(
    house: House, ahead: timedelta, tally: Tally
) -> None:
    message = Message(key="one", title="", body="", useful_until=NOON + 2 * ahead)
    with house.database.writing() as store:
        store.add_message("me", "phone", message, NOON)
    house.phone.faults = [Throttled("too often", timedelta(days=1))]
    house.clock.moment = NOON + ahead
    house.outbox.deliver_due()
    house.clock.moment = NOON + timedelta(minutes=1)

    house.outbox.deliver_due()

    tally.add(Fault.CLOCK)
    assert [one.key for one in house.phone.received] == ["one"]


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), *AHEAD])
def test_a_lease_taken_by_a_clock_that_was_ahead_ends_soon_after_a_crash(
    house: House, ahead: timedelta, tally: Tally
) -> None:
    house.arrives(easy_run())
    with house.database.writing() as store:
        assert store.claim("me", "phone", NOON + ahead, LEASE, 1)
    house.clock.moment = NOON + LEASE

    house.outbox.deliver_due()

    tally.add(Fault.CLOCK)
    assert LEASE <= LONGEST_LEASE
    assert len(house.phone.received) == 1


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_worker_seen_by_a_clock_that_was_ahead_is_gone_all_the_same(
    house: House, ahead: timedelta, tally: Tally
) -> None:
    dead, alive = (Health(house.database, house.clock, name) for name in ("dead", "alive"))
    house.clock.moment = NOON + ahead
    dead.beat()
    house.clock.moment = NOON

    tally.add(Fault.CLOCK)
    assert not alive.look().ready
    alive.beat()
    assert alive.look().ready
