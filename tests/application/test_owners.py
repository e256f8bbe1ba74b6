"""Whose account it is at a platform is known without opening everybody's tokens for each event."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread

import pytest

from service.application.owners import AHEAD, ANYWAY, STRANGER, Owners
from tests.application.test_hearing import Platform
from tests.fakes import NOON, Clock


class Counted(Platform):
    """A source that counts how often its tokens are opened."""

    def __init__(self, number: str | None) -> None:
        super().__init__()
        self.number = number
        self.opened = 0
        self.waits: Callable[[], object] = bool

    @property
    def owner(self) -> str | None:
        self.opened += 1
        self.waits()
        return self.number

    @owner.setter
    def owner(self, number: str | None) -> None:
        self.number = number


@pytest.fixture
def ann() -> Counted:
    return Counted("77")


@pytest.fixture
def bob() -> Counted:
    return Counted(None)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def owners(ann: Counted, bob: Counted, clock: Clock) -> Owners:
    return Owners({("ann", "platform"): ann, ("bob", "platform"): bob}, clock)


def opened(one: Counted) -> int:
    before, one.opened = one.opened, 0
    return before


def test_who_is_known_is_not_looked_for_again(owners: Owners, ann: Counted) -> None:
    assert owners.of("platform", "77") == ["ann"]
    opened(ann)

    assert owners.of("platform", "77") == ["ann"]
    assert owners.of("elsewhere", "77") == ()
    assert opened(ann) == 0


def test_two_may_have_one_account(owners: Owners, bob: Counted) -> None:
    bob.owner = "77"

    assert owners.of("platform", "77") == ["ann", "bob"]


def test_who_connects_is_known_within_a_minute(owners: Owners, bob: Counted, clock: Clock) -> None:
    assert owners.of("platform", "78") == ()
    bob.owner = "78"

    clock.forward(seconds=STRANGER.total_seconds())
    assert owners.of("platform", "78") == ["bob"]


def test_strangers_have_everybody_looked_at_once_a_minute_at_most(owners: Owners, ann: Counted, clock: Clock) -> None:
    owners.of("platform", "77")
    opened(ann)
    for number in range(29):
        clock.forward(seconds=2)
        assert owners.of("platform", f"stranger {number}") == ()
    assert opened(ann) == 0

    clock.forward(seconds=2)
    assert owners.of("platform", "a stranger") == ()
    assert opened(ann) > 0


def test_a_worker_looks_before_an_event_has_to_wait_for_it(owners: Owners, ann: Counted, clock: Clock) -> None:
    for _ in range(5):
        owners.keep_up()
        opened(ann)
        clock.forward(seconds=AHEAD.total_seconds())
        assert owners.of("platform", "77") == ["ann"]
        assert opened(ann) == 0
    clock.forward(seconds=(ANYWAY - AHEAD).total_seconds())
    owners.of("platform", "77")
    assert opened(ann) > 0


def test_a_clock_that_was_set_back_holds_nothing_up(owners: Owners, bob: Counted, clock: Clock) -> None:
    owners.of("platform", "77")
    clock.moment -= timedelta(days=1)
    bob.owner = "78"

    assert owners.of("platform", "78") == ["bob"]


def test_nobody_who_is_known_waits_for_a_look_under_way(owners: Owners, bob: Counted, clock: Clock) -> None:
    owners.keep_up()
    looks, seen = Event(), Event()

    def look_long() -> None:
        looks.set()
        seen.wait(10)

    bob.waits = look_long
    clock.forward(seconds=ANYWAY.total_seconds())
    looking = Thread(target=owners.keep_up)
    looking.start()
    looks.wait(10)

    assert owners.of("platform", "77") == ["ann"]
    assert looking.is_alive()
    seen.set()
    looking.join()
