"""What is due is sent once, put back when it may work later, and never blindly sent twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.application.outbox import LEASE, Outbox, Sent
from service.domain.delivery import FIRST_WAIT, REFUSED_WAIT
from service.domain.message import Message
from service.persistence.engine import SqlDatabase
from service.ports import Capabilities, Malformed, Refused, Throttled, Unavailable
from tests.fakes import NOON, Channel, Clock, keys

ONE = Message(key="one", title="After your run", body="Walk.", useful_until=NOON + timedelta(hours=12))


class KilledError(BaseException):
    """Stands for the process dying at that very place."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def phone() -> Channel:
    return Channel()


@pytest.fixture
def outbox(database: SqlDatabase, phone: Channel, clock: Clock) -> Outbox:
    return Outbox(database, {("me", "phone"): phone}, clock, lambda: 0.0)


@pytest.fixture
def queue(database: SqlDatabase) -> Callable[..., bool]:
    def put(message: Message = ONE, channel: str = "phone", due_in: timedelta = timedelta()) -> bool:
        with database.writing() as store:
            return store.add_message("me", channel, message, NOON + due_in)

    return put


def counts(database: SqlDatabase) -> dict[str, int]:
    with database.reading() as store:
        return dict(store.outbox_counts()["phone"])


def test_a_message_is_sent_once(outbox: Outbox, queue: Callable[..., bool], phone: Channel) -> None:
    assert queue()
    assert not queue()

    assert outbox.deliver_due() == Sent(delivered=1)
    assert outbox.deliver_due() == Sent()
    assert keys(phone.received) == ["one"]


def test_a_message_waits_for_its_moment(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock
) -> None:
    queue(due_in=timedelta(hours=1))

    assert outbox.deliver_due() == Sent()
    clock.forward(hours=1)
    assert outbox.deliver_due() == Sent(delivered=1)


def test_a_passing_fault_is_tried_again_ever_more_patiently(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock
) -> None:
    queue()
    phone.faults = [Unavailable("no route"), Unavailable("no route")]

    assert outbox.deliver_due() == Sent(put_back=1)
    assert outbox.deliver_due() == Sent()
    clock.moment += FIRST_WAIT
    assert outbox.deliver_due() == Sent(put_back=1)
    clock.moment += FIRST_WAIT
    assert outbox.deliver_due() == Sent()
    clock.moment += FIRST_WAIT
    assert outbox.deliver_due() == Sent(delivered=1)
    assert len(phone.received) == 1


def test_a_platform_is_asked_again_no_sooner_than_it_said(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock
) -> None:
    queue()
    phone.faults = [Throttled("too many", timedelta(minutes=17))]

    outbox.deliver_due()
    clock.forward(minutes=16)
    assert outbox.deliver_due() == Sent()
    clock.forward(minutes=1)
    assert outbox.deliver_due() == Sent(delivered=1)


def test_a_refusal_asks_the_human_and_the_message_waits(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock, database: SqlDatabase
) -> None:
    queue()
    phone.faults = [Refused("the token is not accepted: make a new one")]

    outbox.deliver_due()

    with database.reading() as store:
        assert store.standing("me", "channels.phone").todo == "the token is not accepted: make a new one"
    clock.moment += REFUSED_WAIT
    assert outbox.deliver_due() == Sent(delivered=1)
    with database.reading() as store:
        assert not store.standing("me", "channels.phone").todo


def test_a_message_the_channel_can_never_take_is_given_up(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, database: SqlDatabase
) -> None:
    queue()
    phone.faults = [Malformed("too long for this server")]

    assert outbox.deliver_due() == Sent(given_up=1)
    assert counts(database) == {"waiting": 0, "delivered": 0, "given_up": 1}


def test_a_message_whose_moment_has_passed_is_not_sent(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock
) -> None:
    queue()
    clock.moment = ONE.useful_until

    assert outbox.deliver_due() == Sent(given_up=1)
    assert not phone.received


def test_a_channel_no_longer_set_up_gives_its_messages_up(outbox: Outbox, queue: Callable[..., bool]) -> None:
    queue(channel="pager")

    assert outbox.deliver_due() == Sent(given_up=1)


@pytest.mark.parametrize(
    ("knows", "idempotent", "arrived", "expected"),
    [
        pytest.param(True, False, True, 1, id="it says it arrived: not again"),
        pytest.param(True, False, False, 1, id="it says it did not: sent now"),
        pytest.param(False, True, True, 2, id="it cannot tell but collapses repeats: sent again"),
        pytest.param(False, False, False, 1, id="it cannot tell, and nothing may be lost: sent now"),
        pytest.param(False, False, True, 2, id="it cannot tell, and nothing may be lost: sent once more"),
    ],
)
def test_a_kill_between_the_send_and_its_commit_is_reconciled(
    database: SqlDatabase,
    queue: Callable[..., bool],
    clock: Clock,
    knows: bool,
    idempotent: bool,
    arrived: bool,
    expected: int,
) -> None:
    phone = Channel(knows=knows, capabilities=Capabilities(idempotent=idempotent))
    outbox = Outbox(database, {("me", "phone"): phone}, clock, lambda: 0.0)
    queue()
    (phone.lost_answers if arrived else phone.faults).append(KilledError())  # type: ignore[arg-type]

    with pytest.raises(KilledError):
        outbox.deliver_due()
    assert outbox.deliver_due() == Sent(), "its lease still holds"
    clock.moment += LEASE
    outbox.deliver_due()

    assert len(phone.received) == expected
    assert counts(database)["waiting"] == 0


def test_however_often_it_is_killed_a_message_is_doubled_once_at_most(
    database: SqlDatabase, queue: Callable[..., bool], clock: Clock
) -> None:
    phone = Channel(lost_answers=[KilledError(), KilledError(), KilledError()])
    outbox = Outbox(database, {("me", "phone"): phone}, clock, lambda: 0.0)
    queue()

    for _ in range(2):
        with pytest.raises(KilledError):
            outbox.deliver_due()
        clock.moment += LEASE
    assert outbox.deliver_due() == Sent(given_up=1)

    assert len(phone.received) == 2


def test_where_an_answer_was_lost_and_nobody_can_tell_nothing_is_repeated(
    database: SqlDatabase, queue: Callable[..., bool], clock: Clock
) -> None:
    phone = Channel(lost_answers=[Unavailable("timed out", perhaps_done=True)])
    outbox = Outbox(database, {("me", "phone"): phone}, clock, lambda: 0.0)
    queue()

    outbox.deliver_due()
    clock.forward(hours=1)
    assert outbox.deliver_due() == Sent(given_up=1)

    assert len(phone.received) == 1


def test_a_lost_answer_is_asked_about_even_if_asking_fails_first(
    database: SqlDatabase, queue: Callable[..., bool], clock: Clock
) -> None:
    phone = Channel(knows=True, lost_answers=[Unavailable("timed out", perhaps_done=True)])
    outbox = Outbox(database, {("me", "phone"): phone}, clock, lambda: 0.0)
    queue()
    outbox.deliver_due()
    asked = phone.reconcile

    def unreachable(message: Message, since: object) -> None:
        raise Unavailable("no route")

    phone.reconcile = unreachable  # type: ignore[method-assign,assignment]
    clock.forward(hours=1)
    assert outbox.deliver_due() == Sent(put_back=1)
    phone.reconcile = asked  # type: ignore[method-assign]
    clock.forward(hours=1)

    assert outbox.deliver_due() == Sent(delivered=1)
    assert len(phone.received) == 1


def test_a_worker_that_comes_back_late_settles_nothing(
    database: SqlDatabase, queue: Callable[..., bool], clock: Clock
) -> None:
    queue()
    with database.writing() as store:
        (late,) = store.claim("me", "phone", clock.now(), LEASE, 10)
    clock.moment += LEASE
    with database.writing() as store:
        (prompt,) = store.claim("me", "phone", clock.now(), LEASE, 10)

    with database.writing() as store:
        assert not store.begin_sending(late, clock.now())
        assert not store.give_up(late, "late", clock.now())
        assert store.begin_sending(prompt, clock.now())
        assert store.delivered(prompt, "receipt", clock.now())


def test_what_is_soonest_useless_goes_first(outbox: Outbox, queue: Callable[..., bool], phone: Channel) -> None:
    queue(Message(key="evening", title="", body="", useful_until=NOON + timedelta(hours=9)))
    queue(Message(key="now", title="", body="", useful_until=NOON + timedelta(hours=2)))

    outbox.deliver_due()

    assert keys(phone.received) == ["now", "evening"]


def test_a_channel_that_breaks_its_promise_stops_no_other_and_repeats_nothing(
    database: SqlDatabase, queue: Callable[..., bool], clock: Clock
) -> None:
    broken, fine = Channel(lost_answers=[ZeroDivisionError("a fault of ours")]), Channel(name="pager")
    outbox = Outbox(database, {("me", "phone"): broken, ("me", "pager"): fine}, clock, lambda: 0.0)
    queue()
    queue(channel="pager")

    assert outbox.deliver_due() == Sent(delivered=1, put_back=1)
    clock.moment += FIRST_WAIT
    assert outbox.deliver_due() == Sent(given_up=1)
    assert len(broken.received) == len(fine.received) == 1
