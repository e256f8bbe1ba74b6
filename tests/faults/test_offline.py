"""Nothing gets through for a week, or to one phone for a day: what still helps comes afterwards, and no flood."""

from datetime import timedelta

import pytest

from service.ports import Refused, Throttled, Unavailable
from tests.application.conftest import House, easy_run, house
from tests.fakes import NOON, Source, decoded, raw, run
from tests.faults.conftest import Fault, Tally
from tests.faults.rounds import digests, one_round, syncing

__all__ = ["house"]

WEEK = timedelta(days=7)


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
    tally.add(Fault.OFFLINE, missed)


@pytest.mark.parametrize("fault", [Refused("the key was revoked: make a new one"), Throttled("too often", WEEK / 84)])
def test_one_sources_trouble_is_nobody_elses(house: House, fault: Exception, tally: Tally) -> None:
    troubled, well = Source(arriving=[fault]), Source(arriving=[raw(b"fine", source="watch")], name="watch")
    house.reader.meanings[b"fine"] = decoded(easy_run())
    sync = syncing(house, folder=troubled, watch=well)

    one_round(house, sync)

    assert len(house.phone.received) == 1, "by itself, or in the list that tells of the trouble"
    with house.database.reading() as store:
        standing = store.standing("me", "sources.folder")
    assert bool(standing.todo) == isinstance(fault, Refused)
    for _ in range(5):
        one_round(house, sync)
    assert len(troubled.asked_with) == 1, "it is left alone meanwhile"
    tally.add(Fault.REVOKED)


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
    tally.add(Fault.CHANNEL_DOWN, down)
