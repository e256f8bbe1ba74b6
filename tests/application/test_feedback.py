"""What a runner does with a session."""

from datetime import timedelta

import pytest

from service.application.feedback import NoSuchSessionError
from service.domain.sessions import SettledError, State
from tests.application.conftest import House, easy_run, long_run
from tests.fakes import NOON


def test_pending_lists_what_is_open_and_lets_the_rest_expire(house: House) -> None:
    (session,) = house.arrives(easy_run())

    assert [one.id for one in house.feedback.pending()] == [session.id]
    house.clock.forward(hours=12)
    assert house.feedback.pending() == []
    assert house.feedback.session(session.id).state is State.EXPIRED


def test_the_newest_is_what_has_opened_last_before_what_is_still_ahead(house: House) -> None:
    now, later = house.arrives(long_run())

    assert house.feedback.newest().id == now.id
    house.feedback.done(now.id)
    assert house.feedback.newest().id == later.id
    house.feedback.done(later.id)
    with pytest.raises(NoSuchSessionError, match="Nothing is pending"):
        house.feedback.newest()


def test_done_is_done_however_often_and_however_late(house: House) -> None:
    (session,) = house.arrives(easy_run())
    house.clock.forward(days=1)
    house.feedback.pending()

    assert house.feedback.done(session.id).state is State.DONE
    assert house.feedback.done(session.id).state is State.DONE
    with pytest.raises(SettledError):
        house.feedback.skip(session.id)


def test_what_is_settled_is_not_announced_any_more(house: House) -> None:
    _, later = house.arrives(long_run())
    house.outbox.deliver_due()

    house.feedback.skip(later.id)
    house.clock.moment = later.window.opens
    house.outbox.deliver_due()

    assert len(house.phone.received) == 1


def test_a_snoozed_session_is_spoken_of_again_at_its_new_time(house: House) -> None:
    (session,) = house.arrives(easy_run())
    house.outbox.deliver_due()
    until = NOON + timedelta(hours=6)

    moved = house.feedback.snooze(session.id, until)
    house.outbox.deliver_due()
    assert moved.window.opens == until
    assert len(house.phone.received) == 1
    house.clock.moment = until
    house.outbox.deliver_due()

    assert len(house.phone.received) == 2
    assert house.feedback.newest().id == session.id


def test_a_number_nobody_knows_says_where_to_look(house: House) -> None:
    with pytest.raises(NoSuchSessionError, match="afterrun pending"):
        house.feedback.done(99)


def test_too_much_makes_the_next_routine_smaller(house: House) -> None:
    (first,) = house.arrives(easy_run(title="tempo"))
    house.feedback.feel(first.id, "too much")
    house.clock.forward(days=2)

    (second,) = house.arrives(easy_run(name="2.fit", title="tempo", started_at=first.window.opens + timedelta(days=2)))

    assert second.routine.seconds < first.routine.seconds
