"""What a runner does in their calendar is followed: the session moves, is skipped or is done."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

import pytest

from service.application.listening import Listen
from service.domain.delivery import FIRST_WAIT
from service.domain.message import Phase
from service.domain.sessions import Session, State
from service.ports import Capabilities, Change, EdgeError, Happened, Shown, Throttled, Unavailable
from tests.application.conftest import House, easy_run
from tests.fakes import NOON, Channel

EVENING = NOON + timedelta(hours=7)


@dataclass
class Agenda(Channel):
    """A calendar that tells what a test says was done in it. Faults among it are raised."""

    news: list[Change | Exception] = field(default_factory=list)
    asked: list[Sequence[Shown]] = field(default_factory=list)

    def changes(self, shown: Sequence[Shown]) -> Iterator[Change]:
        self.asked.append(shown)
        for one in self.news:
            if isinstance(one, Exception):
                raise one
            yield one


@pytest.fixture
def phone() -> Channel:
    return Channel(capabilities=Capabilities(updates=True))


@pytest.fixture
def agenda() -> Agenda:
    return Agenda(name="agenda")


@pytest.fixture
def listen(house: House, agenda: Agenda) -> Listen:
    return Listen(
        database=house.database,
        channels={("me", "agenda"): agenda, ("me", "phone"): house.phone},
        feedback=house.feedback,
        clock=house.clock,
        spread=lambda: 0.0,
    )


@pytest.fixture
def session(house: House) -> Session:
    (session,) = house.arrives(easy_run())
    house.outbox.deliver_due()
    return session


def moved(session: Session, moment: datetime) -> Change:
    return Change(session_id=session.id, happened=Happened.MOVED, moved_to=moment)


def test_a_channel_is_told_what_it_shows(listen: Listen, agenda: Agenda, session: Session) -> None:
    assert listen.ask() == 0
    assert agenda.asked == [
        [Shown(session_id=session.id, key=session.key, receipt="receipt 1", starts_at=session.window.opens)]
    ]


def test_a_session_follows_its_entry_and_is_spoken_of_at_its_new_time(
    house: House, listen: Listen, agenda: Agenda, session: Session
) -> None:
    agenda.news = [moved(session, EVENING)]

    assert listen.ask() == 1
    house.outbox.deliver_due()

    assert house.feedback.session(session.id).window.opens == EVENING
    assert house.agenda.stands(session.key).starts_at == EVENING
    assert [message.phase for message, _ in house.phone.put_right] == [Phase.WITHDRAWN]
    assert len(house.phone.received) == 1, "nobody is alerted of a move they made themselves"
    house.clock.moment = EVENING
    house.outbox.deliver_due()
    assert len(house.phone.received) == 2


def test_an_entry_put_where_the_session_was_done_asks_for_no_reminder(
    house: House, listen: Listen, agenda: Agenda, session: Session
) -> None:
    earlier = NOON - timedelta(hours=1)
    agenda.news = [moved(session, earlier)]

    listen.ask()
    house.outbox.deliver_due()

    assert house.feedback.session(session.id).window.opens == earlier
    assert house.feedback.session(session.id).window.closes == session.window.closes
    assert len(house.phone.received) == 1


@pytest.mark.parametrize(
    ("happened", "state", "phase"),
    [(Happened.REMOVED, State.SKIPPED, Phase.WITHDRAWN), (Happened.DONE, State.DONE, Phase.DONE)],
)
def test_a_removed_entry_skips_its_session_and_a_ticked_one_settles_it(
    house: House, listen: Listen, agenda: Agenda, session: Session, happened: Happened, state: State, phase: Phase
) -> None:
    agenda.news = [Change(session_id=session.id, happened=happened)]

    assert listen.ask() == 1
    house.outbox.deliver_due()

    assert house.feedback.session(session.id).state is state
    assert [message.phase for message, _ in house.phone.put_right] == [phase]
    assert listen.ask() == 0
    assert len(agenda.asked) == 1, "of what is settled nothing more is asked"


def test_what_was_settled_meanwhile_stays_as_it_is(
    house: House, listen: Listen, agenda: Agenda, session: Session
) -> None:
    house.feedback.done(session.id)
    (other,) = house.arrives(easy_run(name="two.fit", started_at=NOON - timedelta(hours=3)))
    house.outbox.deliver_due()
    agenda.news = [
        moved(session, EVENING),
        Change(session_id=session.id, happened=Happened.REMOVED),
        Change(session_id=99, happened=Happened.REMOVED),
        moved(other, EVENING),
    ]

    assert listen.ask() == 1
    assert house.feedback.session(session.id).state is State.DONE


def test_while_our_own_word_is_on_its_way_nothing_is_asked(
    house: House, listen: Listen, agenda: Agenda, session: Session
) -> None:
    house.feedback.snooze(session.id, EVENING)
    listen.ask()
    assert agenda.asked == []

    house.outbox.deliver_due()
    listen.ask()
    assert [shown.starts_at for shown in agenda.asked[0]] == [EVENING]


def test_nobody_is_asked_about_nothing(listen: Listen, agenda: Agenda) -> None:
    assert listen.ask() == 0
    assert agenda.asked == []


@pytest.mark.parametrize("fault", [Unavailable("no route"), ZeroDivisionError("a fault of ours")])
def test_trouble_is_said_once_and_asked_about_ever_more_patiently(
    house: House,
    listen: Listen,
    agenda: Agenda,
    session: Session,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
) -> None:
    agenda.news = [fault]
    with caplog.at_level(logging.WARNING):
        listen.ask()
        listen.ask()
        assert len(agenda.asked) == 1
        house.clock.moment += FIRST_WAIT
        listen.ask()
    assert len(agenda.asked) == 2
    assert caplog.text.count("this is said once") == 1
    assert house.feedback.session(session.id).state is State.PENDING

    agenda.news = []
    listen.ask(impatient=True)
    assert len(agenda.asked) == 3
    listen.ask()
    assert len(agenda.asked) == 4


def test_a_platforms_word_to_wait_is_kept_by_the_impatient(listen: Listen, agenda: Agenda, session: Session) -> None:
    fault: EdgeError = Throttled("too often", timedelta(minutes=5))
    agenda.news = [fault]
    listen.ask()
    listen.ask(impatient=True)
    assert len(agenda.asked) == 1


def test_what_stands_in_the_morning_because_it_was_held_overnight_has_not_been_moved(
    house: House, listen: Listen, agenda: Agenda
) -> None:
    night = NOON.replace(hour=22)
    house.athletes["me"] = replace(house.athletes["me"], quiet=(time(22), time(6, 30)))
    house.clock.moment = night
    (held,) = house.arrives(easy_run(started_at=night - timedelta(minutes=50)))
    house.outbox.deliver_due()

    listen.ask()

    ((shown,),) = agenda.asked
    assert shown.starts_at == house.agenda.stands(held.key).starts_at != held.window.opens
