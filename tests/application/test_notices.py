"""The runner hears once what needs them, by the channels that work, and once that it is well again."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from service.application.notices import Notices
from service.ports import Refused, Standing, Unavailable
from tests.application.conftest import House, easy_run
from tests.fakes import NOON, run

TODO = "Garmin no longer takes this key: make another"


@pytest.fixture
def notices(house: House) -> Notices:
    return Notices(
        database=house.database,
        athletes=house.athletes,
        announcer=house.digest.announcer,
        systems={"me": ("sources.garmin", "channels.phone")},
        clock=house.clock,
    )


def stands(house: House, system: str = "sources.garmin", **how: object) -> None:
    with house.database.writing() as store:
        store.set_standing("me", system, replace(Standing(last_success=NOON), **how))  # type: ignore[arg-type]


def heard(house: House, notices: Notices) -> list[str]:
    notices.tell_all()
    house.outbox.deliver_due()
    return [message.title for message in house.phone.received]


def test_a_source_that_needs_a_hand_is_told_of_once_and_once_when_it_is_well(house: House, notices: Notices) -> None:
    stands(house, todo=TODO, trouble=TODO)
    assert heard(house, notices) == heard(house, notices) == ["Garmin needs a hand"]
    assert TODO in house.phone.received[0].body

    stands(house, trouble="no route")
    assert len(heard(house, notices)) == 1
    stands(house)
    assert heard(house, notices) == heard(house, notices) == ["Garmin needs a hand", "Garmin works again"]
    house.clock.forward(days=1)
    stands(house, todo=TODO, trouble=TODO)
    assert heard(house, notices)[2:] == ["Garmin needs a hand"], "another time is another trouble"


def test_a_channel_in_trouble_is_told_of_by_the_others(house: House, notices: Notices) -> None:
    house.digest.announcer.channels["me"]["mail"] = house.phone.capabilities  # type: ignore[index]
    stands(house, "channels.phone", todo="make a new token", trouble="make a new token")
    notices.tell_all()

    with house.database.reading() as store:
        assert store.outbox_counts() == {"mail": {"waiting": 1, "delivered": 0, "given_up": 0}}


def test_what_is_well_before_anybody_heard_of_it_is_not_spoken_of(house: House, notices: Notices) -> None:
    house.athletes["me"] = replace(house.athletes["me"], quiet=(time(22), time(6, 30)))
    house.clock.moment = NOON.replace(hour=23)
    stands(house, todo=TODO, trouble=TODO)
    assert heard(house, notices) == [], "nobody is woken for that"

    stands(house)
    house.clock.forward(hours=12)

    assert heard(house, notices) == []


def test_what_is_to_be_done_soon_is_told_beforehand_and_done_it_is_no_news(house: House, notices: Notices) -> None:
    stands(house, notice="The key ends on Sunday: make another.")
    assert heard(house, notices) == ["Garmin will need a hand soon"]

    stands(house)
    assert len(heard(house, notices)) == 1


def test_a_key_that_ended_after_all_is_told_of_too(house: House, notices: Notices) -> None:
    stands(house, notice="The key ends on Sunday: make another.")
    heard(house, notices)
    stands(house, todo=TODO, trouble=TODO)

    assert heard(house, notices) == ["Garmin will need a hand soon", "Garmin needs a hand"]


def test_a_list_in_the_morning_is_not_made_for_a_trouble_told_already(house: House, notices: Notices) -> None:
    stands(house, todo=TODO, trouble=TODO)
    house.digest.systems["me"] = ("sources.garmin",)  # type: ignore[index]
    assert house.digest.preview("me", NOON.date()) is not None

    heard(house, notices)

    assert house.digest.preview("me", NOON.date()) is None


def test_a_fault_met_while_sending_comes_round_to_the_runner_by_another_way(house: House, notices: Notices) -> None:
    house.phone.faults = [Refused("make a new token"), Unavailable("no route")]
    house.arrives(easy_run())
    house.outbox.deliver_due()

    assert notices.due() == ["me"]
    notices.tell("me")
    assert notices.due() == []


def test_a_platform_that_is_source_and_channel_in_one_is_spoken_of_once(house: House) -> None:
    both = ("sources.garmin_connect", "channels.phone", "channels.garmin_connect")
    notices = Notices(
        database=house.database,
        athletes=house.athletes,
        announcer=house.digest.announcer,
        systems={"me": both},
        clock=house.clock,
    )
    house.digest.systems["me"] = both  # type: ignore[index]
    stands(house, "channels.garmin_connect", todo=TODO, trouble=TODO)
    assert heard(house, notices) == ["Garmin Connect needs a hand"]
    stands(house, "sources.garmin_connect", todo=TODO, trouble=TODO)
    listed = house.digest.preview("me", NOON.date())

    assert len(heard(house, notices)) == 1
    assert listed is None, "they know already"
    stands(house, "sources.garmin_connect")
    assert len(heard(house, notices)) == 1, "not all of it works yet"
    stands(house, "channels.garmin_connect")
    assert heard(house, notices)[1:] == ["Garmin Connect works again"]


def test_what_works_again_after_long_has_all_others_tried_before_a_silence_is_spoken_of(
    house: House, notices: Notices
) -> None:
    """As when the line was down: the phone is back first, and the platform may be back as well."""

    def is_gone(system: str, next_try: datetime | None = None) -> None:
        stands(house, system, trouble="no route", failures=30, last_success=NOON, next_try=next_try)

    house.clock.forward(days=2)
    again = house.clock.now() + timedelta(minutes=30)
    is_gone("sources.garmin", again)
    is_gone("channels.phone")
    house.arrives(run(started_at=house.clock.now() - timedelta(hours=1), elapsed_s=3000))
    notices.tell_all()

    house.outbox.deliver_due()
    assert [message.title for message in house.phone.received] == ["After your easy run: 6 min"]
    with house.database.reading() as store:
        assert store.standing("me", "sources.garmin").next_try is None

    is_gone("sources.garmin", again)
    house.clock.forward(minutes=2)
    assert heard(house, notices)[1:] == ["Garmin needs a hand"], "it was tried again, and is still silent"
