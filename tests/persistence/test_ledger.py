"""What platforms were asked is counted once for all athletes and processes, and their own word counts more."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from service.domain.budget import Allowance
from service.persistence.engine import SqlDatabase
from service.persistence.ledger import SqlLedger
from service.persistence.tables import budgets
from service.ports import Throttled
from tests.fakes import NOON, Clock

READS = Allowance(name="reads in 15 min", span=timedelta(minutes=15), limit=10)
DAILY = Allowance(name="reads a day", span=timedelta(days=1), limit=40)
BOTH = (READS, DAILY)
ACCOUNT = "strava:12345"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


def ledger(database: SqlDatabase, clock: Clock, athlete: str = "me", *others: str) -> SqlLedger:
    return SqlLedger(database.engine, athlete, [athlete, *others], clock=clock)


def spends(one: SqlLedger, most: int = 100) -> int:
    for number in range(most):
        try:
            one.spend(ACCOUNT, BOTH)
        except Throttled:
            return number
    return most


def test_it_stops_at_four_fifths_and_goes_on_when_the_window_turns(database: SqlDatabase, clock: Clock) -> None:
    mine = ledger(database, clock)
    clock.forward(minutes=4)

    assert spends(mine) == 8
    with pytest.raises(Throttled, match=r"Strava allows 10 reads in 15 min.*asking again at 12:15 UTC") as caught:
        mine.spend(ACCOUNT, BOTH)
    assert caught.value.retry_after == timedelta(minutes=11)

    clock.forward(minutes=11)
    assert spends(mine) == 8


def test_the_day_has_an_end_of_its_own(database: SqlDatabase, clock: Clock) -> None:
    mine, spent = ledger(database, clock), 0
    for _ in range(10):
        spent += spends(mine)
        clock.forward(minutes=15)

    assert spent == 32
    clock.moment = datetime(2026, 6, 16, tzinfo=UTC)
    assert spends(mine) == 8


def test_every_process_counts_in_the_same_book(database: SqlDatabase, clock: Clock) -> None:
    spent = [0] * 4

    def spend(number: int) -> None:
        spent[number] = spends(ledger(database, clock))

    threads = [Thread(target=spend, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(spent) == 8


def test_the_platforms_own_count_includes_what_others_asked(database: SqlDatabase, clock: Clock) -> None:
    mine = ledger(database, clock)
    mine.spend(ACCOUNT, BOTH)

    mine.hear(ACCOUNT, BOTH, {READS.name: (7, 10)})

    assert spends(mine) == 1


def test_a_count_that_comes_late_takes_nothing_back(database: SqlDatabase, clock: Clock) -> None:
    mine = ledger(database, clock)
    spends(mine, most=6)

    mine.hear(ACCOUNT, BOTH, {READS.name: (2, 10)})

    assert spends(mine) == 2


def test_a_larger_limit_is_heard_of_and_kept(database: SqlDatabase, clock: Clock) -> None:
    mine = ledger(database, clock)
    mine.hear(ACCOUNT, BOTH, {READS.name: (0, 20), DAILY.name: (0, 80)})
    clock.forward(minutes=15)

    assert spends(mine) == 16


def test_no_runners_backlog_costs_another_theirs(database: SqlDatabase, clock: Clock) -> None:
    ann, bob = ledger(database, clock, "ann", "bob"), ledger(database, clock, "bob", "ann")

    assert spends(ann) == 6
    assert spends(bob) == 2


def test_each_application_has_its_own(database: SqlDatabase, clock: Clock) -> None:
    mine = ledger(database, clock)
    spends(mine)

    mine.spend("strava:999", BOTH)


def test_a_clock_set_back_makes_nothing_undone(database: SqlDatabase, clock: Clock) -> None:
    mine = ledger(database, clock)
    spends(mine)
    clock.forward(hours=-1)

    assert spends(mine) == 0


def test_what_is_left_can_be_looked_up(database: SqlDatabase, clock: Clock) -> None:
    spends(ledger(database, clock), most=3)
    ledger(database, clock, "somebody").spend("strava:999", BOTH)

    with database.reading() as store:
        reads, daily = store.usage("me", "strava", clock.now())
        assert store.usage("me", "garmin", clock.now()) == []

    assert (reads.name, reads.used, reads.usable) == (READS.name, 3, 8)
    assert daily.until == datetime(2026, 6, 16, tzinfo=UTC)
    clock.forward(minutes=15)
    with database.reading() as store:
        assert [usage.name for usage in store.usage("me", "strava", clock.now())] == [DAILY.name]


def test_where_the_platform_counts_as_we_do_nothing_is_written(database: SqlDatabase, clock: Clock) -> None:
    mine = ledger(database, clock)
    mine.spend(ACCOUNT, BOTH)
    mine.hear(ACCOUNT, BOTH, {READS.name: (1, 12)})
    kept = _kept(database)

    with database.writing():  # nobody else could write now
        mine.hear(ACCOUNT, BOTH, {READS.name: (1, 12), DAILY.name: (0, 40)})

    assert _kept(database) == kept


def test_what_others_had_is_looked_at_only_once_ones_own_part_is_used(database: SqlDatabase, clock: Clock) -> None:
    ann, ben = ledger(database, clock, "ann", "ben", "cid"), ledger(database, clock, "ben", "ann", "cid")

    assert spends(ann) == 6  # its own part is one, and four are for whoever comes first, one of them kept for each
    assert spends(ben) == 1


def _kept(database: SqlDatabase) -> object:
    with database.engine.connect() as connection:
        return connection.execute(select(budgets).order_by(budgets.c.athlete)).all()
