"""What becomes of a session is put right where it was announced, in place, and never announced again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.application.outbox import LEASE, Sent
from service.domain.classification import RunType
from service.domain.message import Message, Phase
from service.domain.sessions import Session
from service.ports import Capabilities, Malformed, Refused, Unavailable
from tests.application.conftest import House, easy_run, long_run
from tests.fakes import NOON, Channel, keys, run


@pytest.fixture
def phone() -> Channel:
    return Channel(capabilities=Capabilities(updates=True))


class KilledError(BaseException):
    """Stands for the process dying at that very place."""


def announced(house: House) -> Session:
    (session,) = house.arrives(run(title="Easy"))
    house.outbox.deliver_due()
    return session


def phases(channel: Channel) -> list[Phase]:
    return [message.phase for message, _ in channel.put_right]


def expire(house: House, session: Session) -> None:
    house.clock.moment = session.window.closes
    house.feedback.pending()


def correct(house: House, session: Session) -> None:
    assert session.activity is not None
    house.coach.correct(session.activity, RunType.TEMPO)


def find_a_richer_recording(house: House, _: Session) -> None:
    house.arrives(easy_run(name="watch.fit", title="Tempo"))


def run_on(house: House, session: Session) -> None:
    """Run a second part of the same workout: one workout earns one routine, after its last part."""
    second = easy_run(name="two.fit", started_at=session.window.opens + timedelta(minutes=5))
    house.clock.moment = second.ended_at + timedelta(minutes=1)
    house.arrives(second)


@pytest.mark.parametrize(
    ("happens", "phase"),
    [
        pytest.param(lambda house, session: house.feedback.done(session.id), Phase.DONE, id="done"),
        pytest.param(lambda house, session: house.feedback.skip(session.id), Phase.WITHDRAWN, id="skipped"),
        pytest.param(expire, Phase.WITHDRAWN, id="expired"),
        pytest.param(run_on, Phase.WITHDRAWN, id="replaced"),
        pytest.param(correct, Phase.CHANGED, id="corrected"),
        pytest.param(find_a_richer_recording, Phase.CHANGED, id="rewritten"),
    ],
)
def test_whatever_becomes_of_a_session_is_told_in_place_to_every_channel_that_can(
    house: House, happens: Callable[[House, Session], object], phase: Phase
) -> None:
    first = announced(house)
    said = {channel.name: len(channel.received) for channel in (house.phone, house.agenda)}

    happens(house, first)
    house.outbox.deliver_due()

    for channel in (house.phone, house.agenda):
        ((message, earlier),) = channel.put_right
        assert (message.key, message.phase, earlier) == (first.key, phase, "receipt 1")
        again = keys(channel.received)[said[channel.name] :]
        assert first.key not in again, "what was announced once is never announced again"


def test_the_new_words_of_a_rewritten_session_are_put_right(house: House) -> None:
    first = announced(house)

    correct(house, first)
    house.outbox.deliver_due()

    assert "tempo" in house.phone.stands(first.key).title
    assert house.phone.stands(first.key).routine == house.feedback.session(first.id).routine


def test_a_channel_that_cannot_change_what_it_said_hears_nothing_more(house: House) -> None:
    house.phone.capabilities = house.feedback.announcer.channels["me"]["phone"] = Capabilities()  # type: ignore[index]
    first = announced(house)

    house.feedback.done(first.id)
    house.outbox.deliver_due()

    assert house.phone.put_right == []
    assert phases(house.agenda) == [Phase.DONE]


def test_what_was_not_yet_said_is_not_said_any_more(house: House) -> None:
    house.phone.faults = [Unavailable("no route")]
    first = announced(house)

    house.feedback.done(first.id)
    house.clock.forward(hours=1)
    house.outbox.deliver_due()

    assert house.phone.received == []
    assert house.phone.put_right == []
    with house.database.reading() as store:
        assert store.outbox_counts()["phone"] == {"waiting": 0, "delivered": 0, "given_up": 0}


def test_done_twice_is_told_once(house: House) -> None:
    first = announced(house)

    for _ in range(2):
        house.feedback.done(first.id)
        house.outbox.deliver_due()

    assert phases(house.agenda) == [Phase.DONE]


def test_skipped_and_then_done_after_all(house: House) -> None:
    first = announced(house)
    house.feedback.skip(first.id)
    house.outbox.deliver_due()

    house.feedback.done(first.id)
    house.outbox.deliver_due()

    assert phases(house.agenda) == [Phase.WITHDRAWN, Phase.DONE]
    assert house.agenda.put_right[-1][1] == "receipt 1", "the receipt of what was said last is kept and handed on"


def test_two_changes_before_the_channel_is_reached_are_one(house: House) -> None:
    first = announced(house)

    correct(house, first)
    house.feedback.done(first.id)
    assert house.outbox.deliver_due() == Sent(delivered=2)

    assert phases(house.phone) == phases(house.agenda) == [Phase.DONE]


def test_a_put_off_session_moves_in_the_calendar_and_takes_its_alert_back_until_then(house: House) -> None:
    first = announced(house)
    evening = NOON + timedelta(hours=7)

    house.feedback.snooze(first.id, evening)
    house.outbox.deliver_due()

    assert phases(house.agenda) == [Phase.CHANGED]
    assert house.agenda.stands(first.key).starts_at == evening
    assert phases(house.phone) == [Phase.WITHDRAWN]
    house.clock.moment = evening
    house.outbox.deliver_due()
    assert len(house.phone.received) == 2
    assert len(house.agenda.received) == 1


def test_put_off_again_and_back_it_is_spoken_of_once_at_the_last_time(house: House) -> None:
    first = announced(house)
    evening, night = NOON + timedelta(hours=7), NOON + timedelta(hours=9)

    for until in (evening, night, evening):
        house.feedback.snooze(first.id, until)
        house.clock.forward(minutes=1)
        house.outbox.deliver_due()
    house.clock.moment = evening
    house.outbox.deliver_due()
    house.clock.moment = night
    house.outbox.deliver_due()

    assert len(house.phone.received) == 2
    assert house.agenda.stands(first.key).starts_at == evening


def test_what_is_put_off_before_it_was_said_is_said_only_then(house: House) -> None:
    _, later = house.arrives(long_run())
    house.outbox.deliver_due()
    night = later.window.opens + timedelta(hours=2)

    house.feedback.snooze(later.id, night)
    house.clock.moment = later.window.opens
    house.outbox.deliver_due()
    assert len(house.phone.received) == 1
    house.clock.moment = night
    house.outbox.deliver_due()
    assert len(house.phone.received) == 2


def test_every_alert_of_a_session_is_put_right_when_it_is_done(house: House) -> None:
    first = announced(house)
    house.feedback.snooze(first.id, NOON + timedelta(hours=1))
    house.clock.forward(hours=1)
    house.outbox.deliver_due()
    reminded = house.phone.received[-1]

    house.feedback.done(first.id)
    house.outbox.deliver_due()

    assert house.phone.stands(reminded.key).phase is Phase.DONE
    assert house.phone.stands(first.key).phase is Phase.WITHDRAWN, "it was taken back, and stays so"


def test_an_alert_taken_back_stays_so_when_the_session_is_rewritten(house: House) -> None:
    first = announced(house)
    house.feedback.snooze(first.id, NOON + timedelta(hours=1))
    house.outbox.deliver_due()

    correct(house, first)
    house.outbox.deliver_due()

    assert phases(house.phone) == [Phase.WITHDRAWN]
    house.clock.forward(hours=1)
    house.outbox.deliver_due()
    assert "tempo" in house.phone.received[-1].title, "the reminder says what the session is by then"


def done_meanwhile(house: House, channel: Channel, fault: BaseException | None) -> Callable[..., str]:
    """Return a send during which the runner does the session elsewhere."""
    take = channel.send

    def send(message: Message, earlier: str | None = None) -> str:
        if message.phase is Phase.NEW:
            house.feedback.done(house.feedback.newest().id)
        if fault is not None:
            raise fault
        return take(message, earlier)

    return send


def test_what_changes_while_a_message_is_on_its_way_is_put_right_at_once(house: House) -> None:
    house.arrives(run(title="Easy"))
    house.phone.send = done_meanwhile(house, house.phone, None)  # type: ignore[method-assign]

    house.outbox.deliver_due()

    assert [message.phase for message in house.phone.received] == [Phase.NEW]
    assert phases(house.phone) == [Phase.DONE]


def test_what_is_over_before_a_failed_send_is_tried_again_is_let_be(house: House) -> None:
    house.arrives(run(title="Easy"))
    house.phone.send = done_meanwhile(house, house.phone, Unavailable("no route"))  # type: ignore[method-assign]

    house.outbox.deliver_due()
    house.clock.forward(hours=1)
    house.outbox.deliver_due()

    assert house.phone.received == []
    assert house.phone.put_right == []
    with house.database.reading() as store:
        assert store.outbox_counts()["phone"]["waiting"] == 0


@pytest.mark.parametrize(
    ("arrived", "knows", "expected"),
    [
        pytest.param(True, True, [Phase.DONE], id="it did: put right"),
        pytest.param(False, True, [], id="it did not: nothing to put right"),
        pytest.param(True, False, [Phase.DONE], id="nobody knows: put right, which harms nobody"),
    ],
)
def test_what_may_have_arrived_and_is_over_is_looked_for(
    house: House, arrived: bool, knows: bool, expected: list[Phase]
) -> None:
    (first,) = house.arrives(easy_run())
    house.phone.knows = knows
    lost = Unavailable("timed out", perhaps_done=True)
    (house.phone.lost_answers if arrived else house.phone.faults).append(lost)
    house.outbox.deliver_due()

    house.feedback.done(first.id)
    house.clock.forward(hours=1)
    house.outbox.deliver_due()

    assert phases(house.phone) == expected
    assert len(house.phone.received) == int(arrived)
    with house.database.reading() as store:
        assert store.outbox_counts()["phone"]["waiting"] == 0


def test_what_arrived_in_older_words_is_put_right_once_that_is_known(house: House) -> None:
    (first,) = house.arrives(easy_run())
    house.phone.knows = True
    house.phone.lost_answers = [Unavailable("timed out", perhaps_done=True)]
    house.outbox.deliver_due()

    correct(house, first)
    house.clock.forward(hours=1)
    house.outbox.deliver_due()

    assert len(house.phone.received) == 1
    ((message, earlier),) = house.phone.put_right
    assert (message.phase, earlier) == (Phase.CHANGED, "")
    assert "tempo" in message.title


@pytest.mark.parametrize("killed_after", [True, False], ids=["after the send", "before it"])
def test_killed_while_putting_right_it_puts_right_again_and_alerts_nobody(house: House, killed_after: bool) -> None:
    first = announced(house)
    house.feedback.done(first.id)
    (house.phone.lost_answers if killed_after else house.phone.faults).append(KilledError())  # type: ignore[arg-type]

    with pytest.raises(KilledError):
        house.outbox.deliver_due()
    house.clock.moment += LEASE
    house.outbox.deliver_due()

    assert len(house.phone.received) == 1
    assert house.phone.stands(first.key).phase is Phase.DONE


def test_a_channel_in_trouble_keeps_what_is_to_be_put_right_waiting(house: House) -> None:
    first = announced(house)
    house.phone.faults = [Unavailable("no route"), Refused("a new token is needed")]

    house.feedback.done(first.id)
    for _ in range(3):
        house.outbox.deliver_due()
        house.clock.forward(hours=2)

    assert phases(house.phone) == [Phase.DONE]


def test_what_cannot_be_put_right_still_counts_as_delivered(house: House) -> None:
    first = announced(house)
    house.phone.faults = [Malformed("this server changes nothing")]

    house.feedback.done(first.id)
    assert house.outbox.deliver_due() == Sent(delivered=1, given_up=1)

    with house.database.reading() as store:
        assert store.outbox_counts()["phone"] == {"waiting": 0, "delivered": 1, "given_up": 0}


def test_a_channel_that_is_set_up_no_more_says_nothing_old_when_it_comes_back(house: House) -> None:
    house.phone.faults = [Unavailable("no route")]
    first = announced(house)
    channels = house.feedback.announcer.channels["me"]
    phone = channels.pop("phone")  # type: ignore[attr-defined]
    house.feedback.done(first.id)

    channels["phone"] = phone  # type: ignore[index]
    house.clock.forward(hours=1)
    house.outbox.deliver_due()

    assert house.phone.received == []


def test_a_message_put_right_is_told_apart_only_by_its_words(house: House) -> None:
    first = announced(house)
    before = house.agenda.stands(first.key)

    house.feedback.done(first.id)
    house.outbox.deliver_due()

    after = house.agenda.stands(first.key)
    same = {name: getattr(before, name) for name in ("title", "phase", "actions", "changed_at")}
    assert replace(after, **same) == before
