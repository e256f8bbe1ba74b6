"""At a glance: what waits and why, and what arrived last."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.application.status import Status
from service.ports import Refused
from tests.application.conftest import House, easy_run, long_run
from tests.fakes import NOON


@pytest.fixture
def status(house: House) -> Status:
    return Status(house.database, {"me": ("sources.folder", "channels.phone")}, house.clock)


def reasons(status: Status) -> dict[str, str]:
    return {one.message.channel: one.why for one in status.overview().waiting}


def test_what_waits_for_its_hour_says_so(house: House, status: Status) -> None:
    house.arrives(long_run())
    house.outbox.deliver_due()

    (waiting,) = status.overview().waiting
    assert waiting.message.title.startswith("This evening")
    assert waiting.message.due_at == NOON.replace(hour=18, minute=30)
    assert waiting.why == "its time has not come"


def test_what_a_channel_in_trouble_holds_says_what_the_trouble_is(house: House, status: Status) -> None:
    house.phone.faults = [Refused("make a new token")]
    house.arrives(easy_run())
    house.outbox.deliver_due()

    assert reasons(status) == {"phone": "its channel rests: make a new token"}
    assert status.overview().needs_you
    house.clock.forward(hours=2)
    assert reasons(status) == {"phone": "about to be tried again: make a new token"}


def test_what_stands_in_says_for_what(house: House, status: Status) -> None:
    house.athletes["me"] = replace(house.athletes["me"], fallback="mail", fallback_after=timedelta(minutes=15))
    house.digest.announcer.channels["me"]["mail"] = house.phone.capabilities  # type: ignore[index]
    house.arrives(easy_run())

    assert reasons(status)["mail"] == "only where no other channel brings it by then"
    assert reasons(status)["phone"] == "about to be sent"


def test_what_arrived_last_is_shown_with_its_receipt(house: House, status: Status) -> None:
    house.arrives(easy_run())
    house.outbox.deliver_due()

    receipts = status.overview().receipts
    assert {receipt.channel for receipt in receipts} == {"phone", "agenda"}
    assert {receipt.receipt for receipt in receipts} == {"receipt 1"}
    assert all(receipt.title.startswith("After your easy run") for receipt in receipts)


def test_of_one_athlete_only_their_own_is_told(house: House) -> None:
    systems = {"me": ("sources.folder", "channels.phone"), "you": ("channels.phone",)}
    status = Status(house.database, systems, house.clock)
    house.arrives(easy_run())

    mine, yours = status.conditions("me"), status.conditions("you")

    assert [(one.system, one.backlog) for one in mine] == [("sources.folder", 0), ("channels.phone", 1)]
    assert [(one.system, one.backlog) for one in yours] == [("channels.phone", 0)]
    assert list(status.overview().conditions) == [*mine, *yours]
