"""What the runner says of their body shapes what is still to do, at once."""

from datetime import timedelta

import pytest

from service.application.body import NoSuchRunError
from service.domain.body import Felt
from service.domain.feelings import RunFelt
from service.domain.movements import BodyArea, Site
from service.domain.sessions import Session
from tests.application.conftest import House, easy_run
from tests.fakes import keys


def worked(session: Session) -> set[BodyArea]:
    return {area for step in session.routine.steps for area in step.areas}


def test_what_is_tight_comes_into_the_next_routine(house: House) -> None:
    house.body.tell("me", Felt.TIGHT, [Site.GLUTES])

    (session,) = house.arrives(easy_run())

    assert any("You said your glutes feel tight" in step.reason for step in session.routine.steps)


def test_what_is_pending_adapts_at_once_and_is_not_announced_again(house: House) -> None:
    (session,) = house.arrives(easy_run(title="tempo"))
    house.outbox.deliver_due()
    assert BodyArea.CALVES in worked(session)

    house.body.tell("me", Felt.SORE, [Site.CALVES, Site.CALVES])
    house.outbox.deliver_due()

    (adapted,) = house.feedback.pending()
    assert adapted.id == session.id
    assert "loads your calves" in " ".join(adapted.routine.reasons)
    assert keys(house.phone.received) == [session.key]


def test_a_message_still_waiting_speaks_of_the_adapted_routine(house: House) -> None:
    (session,) = house.arrives(easy_run(title="tempo"))
    house.body.tell("me", Felt.SORE, [Site.CALVES])

    house.outbox.deliver_due()

    (adapted,) = house.feedback.pending()
    assert adapted.routine != session.routine
    assert len(house.phone.received[0].details) == len(adapted.routine.steps)


def test_soreness_told_of_is_remembered_and_taken_back(house: House) -> None:
    assert house.body.tell("me", Felt.SORE, [Site.KNEE]).sore == {Site.KNEE}
    house.clock.forward(days=1)

    assert house.body.today("me").sore == {Site.KNEE}
    assert house.body.tell("me", Felt.FINE, [Site.KNEE]).sore == frozenset()
    assert house.body.today("you").sore == frozenset()


def test_how_a_run_felt_is_about_the_newest_and_the_last_word_counts(house: House) -> None:
    with pytest.raises(NoSuchRunError, match="no run yet"):
        house.body.run_felt("me", RunFelt.GOOD)
    house.arrives(easy_run())
    house.clock.forward(days=1)
    house.arrives(easy_run(name="two.fit", started_at=house.clock.now() - timedelta(hours=1)))

    first = house.body.run_felt("me", RunFelt.HEAVY)
    again = house.body.run_felt("me", RunFelt.GOOD, first.id)

    assert first.activity.ref.external_id == "two.fit"
    assert again.id == first.id
    with pytest.raises(NoSuchRunError):
        house.body.run_felt("you", RunFelt.GOOD, first.id)
