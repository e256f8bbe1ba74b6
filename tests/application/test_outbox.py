"""What is due is sent once, put back when it may work later, and never blindly sent twice."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from service.application.announce import Announcer
from service.application.outbox import LEASE, Outbox, Sent
from service.domain.athlete import Athlete
from service.domain.delivery import FIRST_WAIT, REFUSED_WAIT
from service.domain.message import Message
from service.persistence.engine import SqlDatabase
from service.persistence.tables import outbox as rows
from service.ports import Capabilities, Malformed, Refused, Throttled, Unavailable
from tests.fakes import NOON, Channel, Clock, Links, keys

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


# ---- what goes first, and what a channel in trouble does to the others' messages


def about(key: str, *, best: float | None = None, useful: float = 12) -> Message:
    """Return a message that is worth the most for some hours, and useful for some."""
    return Message(
        key=key,
        title="",
        body="",
        useful_until=NOON + timedelta(hours=useful),
        best_before=None if best is None else NOON + timedelta(hours=best),
    )


def test_what_can_still_come_in_time_goes_before_what_cannot(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock
) -> None:
    queue(about("too late for its best", best=0.2, useful=2))
    queue(about("any time", useful=1.5))
    queue(about("in time", best=0.9))
    queue(about("sooner", best=0.6))
    clock.forward(minutes=30)

    outbox.deliver_due()

    assert keys(phone.received) == ["sooner", "in time", "any time", "too late for its best"]


def test_a_channel_in_trouble_is_tried_with_one_message_and_the_rest_is_left_untouched(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock, database: SqlDatabase
) -> None:
    for number in range(25):
        queue(about(str(number)))
    phone.faults = [Refused("a new token is needed")] * 3

    for _ in range(3):
        assert outbox.deliver_due() == Sent(put_back=1)
        assert outbox.deliver_due() == Sent(), "it rests"
        clock.moment += REFUSED_WAIT

    with database.engine.connect() as connection:
        assert connection.execute(select(func.max(rows.c.attempts))).scalar_one() == 0, "no attempt is burnt"
    assert outbox.deliver_due() == Sent(delivered=25)
    assert len(phone.received) == 25


def test_a_message_that_fails_again_and_again_lets_the_others_go_first(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock
) -> None:
    queue(about("poison", useful=6))
    queue(about("fine", useful=9))
    take = phone.send

    def send(message: Message, earlier: str | None = None) -> str:
        if message.key == "poison":
            raise Unavailable("the server chokes on it")
        return take(message, earlier)

    phone.send = send  # type: ignore[method-assign]
    for _ in range(5):
        outbox.deliver_due()
        clock.forward(minutes=20)

    assert keys(phone.received) == ["fine"]


def test_a_new_start_tries_again_at_once_what_rests_by_our_own_choice(
    outbox: Outbox, queue: Callable[..., bool], phone: Channel, clock: Clock, database: SqlDatabase
) -> None:
    queue()
    phone.faults = [Refused("a new token is needed"), Throttled("too many", timedelta(minutes=30))]
    outbox.deliver_due()

    with database.writing() as store:
        store.forget_back_off()
    assert outbox.deliver_due() == Sent(put_back=1), "the setting may have been mended"
    with database.writing() as store:
        store.forget_back_off()
    assert outbox.deliver_due() == Sent(), "a platform's wait is not ours to forget"
    clock.forward(minutes=30)
    assert outbox.deliver_due() == Sent(delivered=1)


# ---- the channel that stands in


@dataclass
class TwoWays:
    """A phone, a calendar, and mail kept for when the phone is out of order."""

    database: SqlDatabase
    clock: Clock
    phone: Channel
    mail: Channel
    agenda: Channel
    outbox: Outbox
    announcer: Announcer

    def says(self, message: Message = ONE) -> None:
        with self.database.writing() as store:
            store.add_message("me", "agenda", message, self.clock.now())
            self.announcer.say(store, "me", message, self.clock.now())

    def later(self, minutes: float) -> None:
        self.clock.forward(minutes=minutes)
        self.outbox.deliver_due()


@pytest.fixture
def two_ways(database: SqlDatabase, clock: Clock) -> TwoWays:
    phone, mail = Channel(), Channel(name="mail")
    agenda = Channel(name="agenda", capabilities=Capabilities(calendar=True))
    channels = {("me", channel.name): channel for channel in (phone, mail, agenda)}
    can = {"me": {channel.name: channel.capabilities for channel in (phone, mail, agenda)}}
    me = Athlete(id="me", fallback="mail", fallback_after=timedelta(minutes=15))
    outbox = Outbox(database, channels, clock, lambda: 0.0)
    return TwoWays(database, clock, phone, mail, agenda, outbox, Announcer({"me": me}, can, Links()))


def test_it_is_not_used_where_the_first_one_works(two_ways: TwoWays) -> None:
    two_ways.says()
    two_ways.later(0)
    two_ways.later(60)

    assert len(two_ways.phone.received) == 1
    assert two_ways.mail.received == []
    with two_ways.database.reading() as store:
        assert "mail" not in store.outbox_counts(), "and nothing is left of it"


def test_it_brings_what_the_first_one_could_not_and_that_is_not_doubled_later(two_ways: TwoWays) -> None:
    two_ways.phone.faults = [Unavailable("no route")] * 5
    two_ways.says()

    two_ways.later(0)
    two_ways.later(14)
    assert two_ways.mail.received == [], "a passing fault has its time to pass"
    two_ways.later(1)
    assert len(two_ways.mail.received) == 1
    two_ways.phone.faults = []
    two_ways.later(120)

    assert two_ways.phone.received == []
    assert len(two_ways.agenda.received) == 1, "a calendar has it all the same"
    with two_ways.database.reading() as store:
        assert store.outbox_counts()["phone"] == {"waiting": 0, "delivered": 0, "given_up": 1}


def test_it_is_used_at_once_where_the_first_one_needs_a_hand(two_ways: TwoWays) -> None:
    two_ways.phone.faults = [Refused("a new token is needed")] * 9

    two_ways.says()
    two_ways.later(0)
    assert keys(two_ways.mail.received) == ["one"], "as soon as that is found out"
    two_ways.says(replace(ONE, key="two"))
    two_ways.later(0)
    assert keys(two_ways.mail.received) == ["one", "two"], "and while it is known"


def test_what_is_not_due_on_the_first_one_is_not_brought_before_its_time(two_ways: TwoWays) -> None:
    with two_ways.database.writing() as store:
        two_ways.announcer.say(store, "me", replace(ONE, key="evening"), NOON + timedelta(hours=7))
    two_ways.phone.faults = [Refused("a new token is needed")] * 9
    two_ways.says()

    two_ways.later(0)

    assert keys(two_ways.mail.received) == ["one"]


def test_where_the_first_one_may_have_brought_it_the_second_is_the_last_word(two_ways: TwoWays) -> None:
    two_ways.phone.lost_answers = [Unavailable("timed out", perhaps_done=True)]
    two_ways.phone.faults = []
    two_ways.says()
    two_ways.later(0)
    two_ways.phone.reconcile = lambda *_: raises(Unavailable("no route"))  # type: ignore[method-assign]

    two_ways.later(15)
    two_ways.later(60)

    assert len(two_ways.phone.received) == 1
    assert len(two_ways.mail.received) == 1, "better twice than not at all, and never a third time"


def test_the_only_channel_there_is_stands_in_for_nobody(two_ways: TwoWays) -> None:
    del two_ways.announcer.channels["me"]["phone"]  # type: ignore[attr-defined]

    two_ways.says()
    two_ways.later(0)

    assert len(two_ways.mail.received) == 1


def raises(error: Exception) -> Any:  # noqa: ANN401 - it never returns
    raise error
