"""Killed before or after any commit, or any send, the run still becomes one message and one calendar entry.

So it is with what becomes of it: the entry is put right, and nobody is alerted twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from service.application.outbox import LEASE
from service.application.sync import Sync
from service.domain.message import Message, Phase
from service.persistence.engine import SqlDatabase
from service.persistence.store import SqlStore
from service.ports import Capabilities
from tests.application.conftest import House, easy_run
from tests.fakes import Channel, Source, decoded, raw

# More moments than one run's way has, and than saying that it is done: beyond their end nothing is left to kill,
# which the last tests hold.
MOMENTS = 40
MOMENTS_AFTER = 30


class KilledError(BaseException):
    """The process dies here."""


class Reaper:
    """Counts the moments at which a process may die and dies at one of them."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.passed = 0

    def moment(self) -> None:
        self.passed += 1
        if self.passed == self.fatal:
            raise KilledError

    def stalk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wait before and after each commit and each send."""
        write = SqlDatabase.writing

        @contextmanager
        def writing(database: SqlDatabase, *, urgent: bool = False) -> Iterator[SqlStore]:
            with write(database, urgent=urgent) as store:
                yield store
                self.moment()
            self.moment()

        def send(channel: Channel, message: Message, earlier: str | None = None) -> str:
            self.moment()
            channel.take(message, earlier)
            self.moment()
            return "received"

        monkeypatch.setattr(SqlDatabase, "writing", writing)
        monkeypatch.setattr(Channel, "send", send)


def one_round(house: House, sync: Sync) -> None:
    house.ingest.finish()
    sync.ask()
    house.coach.coach()
    house.outbox.deliver_due()


@pytest.fixture
def phone() -> Channel:
    return Channel(capabilities=Capabilities(updates=True))


@pytest.fixture
def sync(house: House) -> Sync:
    house.reader.meanings[b"one"] = decoded(easy_run())
    house.phone.knows = house.agenda.knows = True
    sources = {("me", "folder"): Source(arriving=[raw(b"one")])}
    return Sync(house.database, house.ingest, house.athletes, sources, clock=house.clock, spread=lambda: 0.0)


@pytest.mark.parametrize("fatal", range(1, MOMENTS + 1))
def test_killed_at_any_moment_and_started_again(
    house: House, sync: Sync, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    with monkeypatch.context() as danger:
        Reaper(fatal).stalk(danger)
        try:
            one_round(house, sync)
        except KilledError:
            house.clock.moment += LEASE

    one_round(house, sync)

    assert len(house.phone.received) == 1
    assert len(house.agenda.received) == 1
    assert [session.key for session in house.feedback.pending()] == [house.phone.received[0].key]


def test_the_moments_tried_are_all_there_are(house: House, sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    reaper = Reaper(fatal=0)
    reaper.stalk(monkeypatch)

    one_round(house, sync)

    assert 20 < reaper.passed <= MOMENTS


def say_it_is_done(house: House, session_id: int) -> None:
    house.feedback.done(session_id)
    house.outbox.deliver_due()


@pytest.mark.parametrize("fatal", range(1, MOMENTS_AFTER + 1))
def test_killed_at_any_moment_of_putting_right(
    house: House, sync: Sync, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    one_round(house, sync)
    (session,) = house.feedback.pending()
    with monkeypatch.context() as danger:
        Reaper(fatal).stalk(danger)
        try:
            say_it_is_done(house, session.id)
        except KilledError:
            house.clock.moment += LEASE

    say_it_is_done(house, session.id)

    for channel in (house.phone, house.agenda):
        assert len(channel.received) == 1
        assert channel.stands(session.key).phase is Phase.DONE


def test_the_moments_tried_of_putting_right_are_all_there_are(
    house: House, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_round(house, sync)
    reaper = Reaper(fatal=0)
    reaper.stalk(monkeypatch)

    say_it_is_done(house, house.feedback.newest().id)

    assert 10 < reaper.passed <= MOMENTS_AFTER
