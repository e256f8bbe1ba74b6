"""The morning list comes once a local date, and only with something to say."""

from datetime import date, timedelta

from service.domain.digest import start_of_day
from service.ports import Standing
from tests.application.conftest import House, easy_run, long_run
from tests.fakes import NOON

MORNING = NOON.replace(hour=6, minute=0) + timedelta(days=1)


def test_it_tells_yesterday_what_is_pending_and_the_week(house: House) -> None:
    now, _ = house.arrives(long_run())
    house.feedback.done(now.id)

    message = house.digest.preview("me", NOON.date())
    assert message is not None
    assert "1 of 4" in message.body
    assert len(message.details) == 1
    next_morning = house.digest.preview("me", NOON.date() + timedelta(days=1))
    assert next_morning is not None
    assert "Yesterday: a long run." in next_morning.body


def test_it_comes_at_its_hour_and_once(house: House) -> None:
    house.arrives(easy_run())
    house.clock.moment = MORNING - timedelta(minutes=1)
    assert house.digest.make_due() == 0

    house.clock.moment = MORNING
    assert house.digest.make_due() == 1
    house.clock.forward(hours=3)
    assert house.digest.make_due() == 0
    house.outbox.deliver_due()
    assert sum("Good morning" in message.title for message in house.phone.received) == 1


def test_with_nothing_to_say_it_is_silent(house: House) -> None:
    house.clock.moment = MORNING

    assert house.digest.preview("me", MORNING.date()) is None
    assert house.digest.make_due() == 0


def test_a_source_that_needs_a_hand_is_something_to_say(house: House) -> None:
    with house.database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(todo="The folder is gone: make it again."))

    message = house.digest.preview("me", NOON.date())

    assert message is not None
    assert "make it again" in message.body


def test_what_is_to_be_done_soon_is_something_to_say_too(house: House) -> None:
    with house.database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(notice="The key ends on Sunday: make another."))

    message = house.digest.preview("me", NOON.date())

    assert message is not None
    assert "ends on Sunday" in message.body


def test_the_nights_the_clocks_change_have_one_digest_each(house: House) -> None:
    zone = house.digest.athletes["me"].timezone
    for change in (date(2026, 3, 29), date(2026, 10, 25)):
        moment, tomorrow = start_of_day(change, zone), start_of_day(change + timedelta(days=1), zone)
        with house.database.writing() as store:
            store.set_standing("me", "sources.folder", Standing(todo=f"look at {change}"))
        made = 0
        while moment < tomorrow:
            house.clock.moment = moment
            made += house.digest.make_due()
            moment += timedelta(minutes=30)
        assert made == 1
