"""Sources are asked in turn; one's trouble never stops another, and nothing that arrived is lost."""

import logging
from datetime import timedelta

import pytest

from service.application.status import Health, Status
from service.application.sync import Sync
from service.domain.activity import Ref
from service.domain.delivery import FIRST_WAIT
from service.domain.polling import LONGEST
from service.ports import Fate, Refused, Removed, Throttled, Unavailable
from tests.application.conftest import House
from tests.fakes import Source, decoded, raw, run


@pytest.fixture
def folder() -> Source:
    return Source(arriving=[raw(b"one"), raw(b"two", name="two.fit")])


@pytest.fixture
def sync(house: House, folder: Source) -> Sync:
    house.reader.meanings |= {
        b"one": decoded(run()),
        b"two": decoded(run(name="two.fit", started_at=run().started_at - timedelta(days=1))),
    }
    sources = {("me", "folder"): folder, ("me", "watch"): Source()}
    return Sync(house.database, house.ingest, house.athletes, sources, clock=house.clock, spread=lambda: 0.0)


def test_what_is_new_is_taken_and_not_asked_for_again(sync: Sync, folder: Source) -> None:
    first, _ = sync.ask()
    again, _ = sync.ask()

    assert [taken.fate for _, taken in first.taken] == [Fate.IMPORTED, Fate.IMPORTED]
    assert again.taken == ()
    assert folder.asked_with == [None, "2"]


def test_what_came_before_a_fault_is_kept_and_the_rest_comes_next_time(
    sync: Sync, folder: Source, house: House
) -> None:
    folder.arriving.insert(1, Unavailable("half a list"))

    troubled, fine = sync.ask()
    assert (troubled.imported, troubled.trouble, fine.trouble) == (1, "half a list", "")
    house.clock.moment += FIRST_WAIT
    mended, _ = sync.ask()

    assert mended.imported == 1
    with house.database.reading() as store:
        assert store.standing("me", "sources.folder").trouble == ""


def test_a_troubled_source_is_left_alone_for_a_while_unless_one_is_impatient(
    sync: Sync, folder: Source, house: House
) -> None:
    folder.arriving.insert(0, Unavailable("no route"))
    sync.ask()

    assert [asked.system for asked in sync.ask()] == ["sources.watch"]
    assert sync.ask(impatient=True)[0].imported == 2


def test_a_platforms_own_word_holds_even_for_the_impatient(sync: Sync, folder: Source, house: House) -> None:
    folder.arriving.insert(0, Throttled("too many", timedelta(minutes=15)))
    sync.ask()

    assert [asked.system for asked in sync.ask(impatient=True)] == ["sources.watch"]
    house.clock.forward(minutes=15)
    assert sync.ask()[0].imported == 2


def test_a_refusal_leaves_a_line_for_the_human(sync: Sync, folder: Source, house: House) -> None:
    folder.arriving.insert(0, Refused("the key has ended: make a new one"))

    sync.ask()

    with house.database.reading() as store:
        assert store.standing("me", "sources.folder").todo == "the key has ended: make a new one"


def test_only_the_sources_named_are_asked(sync: Sync) -> None:
    assert [asked.system for asked in sync.ask(only=["watch"])] == ["sources.watch"]


def test_a_source_that_breaks_its_promise_stops_no_other(sync: Sync, folder: Source, house: House) -> None:
    folder.arriving.insert(1, ZeroDivisionError("a fault of ours"))

    broken, fine = sync.ask()

    assert (broken.imported, fine.trouble) == (1, "")
    assert "the log says where" in broken.trouble
    house.clock.moment += FIRST_WAIT
    assert sync.ask()[0].imported == 1


def test_what_a_source_takes_back_is_let_go_of(sync: Sync, folder: Source, house: House) -> None:
    folder.arriving.append(Removed(source="folder", external_id="one.fit"))

    asked, _ = sync.ask()

    assert (asked.imported, asked.removed) == (2, 1)
    with house.database.reading() as store:
        assert store.activity_of("me", Ref(source="folder", external_id="one.fit")) is None
        assert store.activity_of("me", Ref(source="folder", external_id="two.fit")) is not None


def test_a_source_that_costs_something_to_ask_is_left_alone_after_it_answered(
    sync: Sync, folder: Source, house: House
) -> None:
    folder.ask_every = timedelta(minutes=10)
    sync.ask()

    assert [asked.system for asked in sync.ask()] == ["sources.watch"]
    assert len(sync.ask(impatient=True)) == 2
    house.clock.forward(minutes=10 * LONGEST)
    assert len(sync.ask()) == 2


def test_it_is_asked_sooner_when_this_runner_usually_ends(sync: Sync, folder: Source, house: House) -> None:
    folder.ask_every, folder.arriving = timedelta(minutes=10), []
    with house.database.writing() as store:
        for ago in range(1, 40):
            ran = run(name=f"{ago}.fit", started_at=run().started_at - timedelta(days=ago))
            store.add_activity("me", ran, None, bulk=True)

    def waits() -> timedelta:
        sync.ask(impatient=True)
        with house.database.reading() as store:
            again = store.standing("me", "sources.folder").next_try
        assert again is not None
        return again - house.clock.now()

    assert waits() < timedelta(minutes=3)
    house.clock.forward(hours=12)
    assert waits() > timedelta(minutes=15)


def test_what_was_not_whole_yet_is_asked_for_when_it_will_be(sync: Sync, folder: Source, house: House) -> None:
    folder.ask_every, folder.ready_at = timedelta(minutes=10), house.clock.now() + timedelta(minutes=5)
    sync.ask()

    house.clock.forward(minutes=5)
    assert len(sync.ask()) == 2


def test_a_source_that_is_being_asked_is_not_asked_by_another(sync: Sync, folder: Source, house: House) -> None:
    with house.database.turn("me/sources.folder"):
        assert sync.ask_one("me", "folder") is None
    assert folder.asked_with == []


def test_the_same_trouble_is_said_once_and_its_end_once(
    sync: Sync, folder: Source, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    folder.arriving[:0] = [Unavailable("no route"), Unavailable("no route")]
    with caplog.at_level(logging.INFO, logger="service.application.sync"):
        for _ in range(4):
            sync.ask(only=["folder"], impatient=True)
            house.clock.forward(hours=1)

    assert [record.message for record in caplog.records] == [
        "sources.folder of me: no route (it is tried again; this is said once)",
        "sources.folder of me works again",
    ]


def test_what_is_to_be_done_soon_is_kept_while_all_is_well(sync: Sync, folder: Source, house: House) -> None:
    """And forgotten once the source no longer says it."""
    sync.ask()
    folder.notice = "the key ends on Sunday: make another"
    sync.ask()
    status = Status(house.database, {"me": ["sources.folder"]}, house.clock)
    (soon,) = status.overview().conditions
    assert (soon.health, soon.todo) == (Health.OK, folder.notice)

    folder.notice = ""
    sync.ask()
    (well,) = status.overview().conditions
    assert well.todo == ""
