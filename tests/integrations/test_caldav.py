"""Entries in real calendars, on two servers by other hands; and what their owner does to them."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest

from integrations import caldav
from integrations._events import uid
from integrations.caldav import CalDav
from service.domain.athlete import Athlete
from service.domain.message import Message, Phase
from service.ports import (
    Change,
    Channel,
    EdgeError,
    Happened,
    Listening,
    Malformed,
    Outcome,
    Refused,
    Shown,
    Throttled,
    Unavailable,
)
from tests.fakes import Clock
from tests.integrations.channel_contract import (
    NOW,
    SECRET,
    CalendarChannelContract,
    Received,
    a_bare_message,
    a_message,
    another_message,
)
from tests.peers.calendars import Application, CalendarPeer, Trouble, radicale_at, xandikos_at

# Radicale still asks for a name that Python 3.14 drops.
pytestmark = pytest.mark.filterwarnings("ignore:'importlib.abc.Traversable' is deprecated:DeprecationWarning")

SERVERS = {"Radicale": radicale_at, "Xandikos": xandikos_at}
BERLIN = Athlete(id="me", timezone=ZoneInfo("Europe/Berlin"))
NAME = f"{uid(a_message().key)}.ics"
EVENING = NOW + timedelta(hours=11)


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Callable[[Path], Application]:
    return SERVERS[request.param]


@pytest.fixture
def peer(server: Callable[[Path], Application], tmp_path: Path) -> Iterator[CalendarPeer]:
    with CalendarPeer(server(tmp_path)) as running:
        yield running


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Keep the servers' own logs, which tell of every refusal, out of the way."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


def to(peer: CalendarPeer, clock: Clock | None = None) -> CalDav:
    return caldav.channel(url=peer.url, athlete=BERLIN, clock=clock or Clock(NOW))


@pytest.fixture
def channel(peer: CalendarPeer, clock: Clock) -> CalDav:
    return to(peer, clock)


def events(peer: CalendarPeer) -> list[icalendar.Event]:
    return [icalendar.Calendar.from_ical(body).events[0] for body in peer.entries().values()]


def the_event(peer: CalendarPeer) -> icalendar.Event:
    (event,) = events(peer)
    return event


def sequence(event: icalendar.Event) -> int:
    return int(str(event["SEQUENCE"]))


@contextmanager
def edited(peer: CalendarPeer, name: str = NAME) -> Iterator[icalendar.Event]:
    """Change an entry as its owner does in a calendar program."""
    calendar = icalendar.Calendar.from_ical(peer.entries()[name])
    yield calendar.events[0]
    peer.write(name, calendar.to_ical())


def move(peer: CalendarPeer, to: datetime | date) -> None:
    with edited(peer) as event:
        for name in ("DTSTART", "DTEND"):
            event.pop(name)
        event.add("dtstart", to)
        event.add("dtend", to + (timedelta(minutes=16) if isinstance(to, datetime) else timedelta(days=1)))
        event["SEQUENCE"] = icalendar.vInt(sequence(event) + 1)


def rename(peer: CalendarPeer, title: str) -> None:
    with edited(peer) as event:
        event["SUMMARY"] = icalendar.vText(title)


def call_off(peer: CalendarPeer) -> None:
    with edited(peer) as event:
        event["STATUS"] = icalendar.vText("CANCELLED")


def dismiss_the_alarm(peer: CalendarPeer) -> None:
    with edited(peer) as event:
        event["X-MOZ-LASTACK"] = icalendar.vText("20261122T073100Z")


class TestTheContract(CalendarChannelContract):
    @pytest.fixture
    def channel(self, peer: CalendarPeer, clock: Clock) -> Channel:
        return to(peer, clock)

    @pytest.fixture
    def received(self, peer: CalendarPeer) -> Received:
        return lambda: [f"{event['SUMMARY']}\n{event['DESCRIPTION']}" for event in events(peer)]

    @pytest.fixture
    def remove(self, peer: CalendarPeer) -> Callable[[], object]:
        return peer.clear

    @pytest.fixture
    def broken(self, clock: Clock) -> Channel:
        url = "http://127.0.0.1:9/anna/mobility/"
        return caldav.channel(url=url, username="anna", password=SECRET, athlete=BERLIN, clock=clock)


class TestAnEntry:
    def test_it_is_created_where_nothing_is_at_an_address_made_from_its_uid(
        self, channel: CalDav, peer: CalendarPeer
    ) -> None:
        receipt = channel.send(a_message())
        assert [(one.method, one.path) for one in peer.requests] == [("PUT", f"/anna/mobility/{NAME}")]
        assert peer.requests[0].headers["if-none-match"] == "*"
        assert receipt.startswith('"')
        event = the_event(peer)
        assert (event.start, event.end) == (NOW, NOW + timedelta(minutes=16))
        assert len(event.walk("VALARM")) == 1

    def test_a_repeat_looks_and_writes_nothing(self, channel: CalDav, peer: CalendarPeer) -> None:
        receipt = channel.send(a_message())
        peer.requests.clear()
        assert channel.send(a_message()) == receipt
        assert [one.method for one in peer.requests] == ["PUT", "GET"]
        assert channel.reconcile(a_message(), NOW) is Outcome.ARRIVED

    def test_a_change_is_written_over_the_state_it_was_read_in(
        self, channel: CalDav, peer: CalendarPeer, clock: Clock
    ) -> None:
        receipt = channel.send(a_message())
        before = sequence(the_event(peer))
        peer.requests.clear()
        clock.forward(minutes=1)
        later = replace(a_message(), starts_at=EVENING, ends_at=EVENING + timedelta(minutes=16), phase=Phase.CHANGED)
        again = channel.send(later, receipt)
        assert again != receipt
        assert [one.method for one in peer.requests if one.method != "GET"] == ["PUT"]
        assert next(one for one in peer.requests if one.method == "PUT").headers["if-match"] == receipt
        assert the_event(peer).start == EVENING
        assert sequence(the_event(peer)) > before

    def test_what_is_done_has_a_tick_and_rings_no_more(self, channel: CalDav, peer: CalendarPeer) -> None:
        receipt = channel.send(a_message())
        channel.send(replace(a_message(), title="✓ After your tempo run", phase=Phase.DONE), receipt)
        event = the_event(peer)
        assert event["SUMMARY"] == "✓ After your tempo run"
        assert event.walk("VALARM") == []

    def test_skipped_and_then_done_after_all_it_comes_back(self, channel: CalDav, peer: CalendarPeer) -> None:
        receipt = channel.send(replace(a_message(), phase=Phase.WITHDRAWN), channel.send(a_message()))
        assert peer.entries() == {}
        channel.send(replace(a_message(), phase=Phase.DONE), receipt)
        assert len(peer.entries()) == 1

    def test_a_message_without_a_time_has_no_place_here(self, channel: CalDav, peer: CalendarPeer) -> None:
        with pytest.raises(Malformed):
            channel.send(replace(a_bare_message(), starts_at=None))
        assert peer.requests == []

    @pytest.mark.parametrize("takes", [True, False])
    def test_an_answer_that_is_lost_is_reconciled_and_never_doubled(
        self, channel: CalDav, peer: CalendarPeer, *, takes: bool
    ) -> None:
        peer.trouble(Trouble(takes=takes, cuts=True))
        with pytest.raises(Unavailable) as caught:
            channel.send(a_message())
        assert caught.value.perhaps_done
        assert channel.reconcile(a_message(), NOW) is (Outcome.ARRIVED if takes else Outcome.ABSENT)
        channel.send(a_message())
        assert len(peer.entries()) == 1

    def test_who_writes_at_the_same_moment_is_not_overwritten(self, channel: CalDav, peer: CalendarPeer) -> None:
        receipt = channel.send(a_message())
        peer.trouble(*[Trouble(status="412 Precondition Failed")] * 2)
        changed = replace(a_message(), title="Another", phase=Phase.CHANGED)
        with pytest.raises(EdgeError):
            channel.send(changed, receipt)
        assert the_event(peer)["SUMMARY"] == a_message().title


class TestWhatItsOwnerDoes:
    def test_what_they_added_stays(self, channel: CalDav, peer: CalendarPeer) -> None:
        receipt = channel.send(a_message())
        with edited(peer) as event:
            event.add("location", "On the terrace")
            event.add_component(icalendar.Alarm.from_ical("BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT5M\nEND:VALARM"))
        channel.send(replace(a_message(), title="16 min this evening", phase=Phase.CHANGED), receipt)
        event = the_event(peer)
        assert event["LOCATION"] == "On the terrace"
        assert event["SUMMARY"] == "16 min this evening"
        assert len(event.walk("VALARM")) == 2

    def test_what_they_moved_stays_there_and_is_still_to_be_looked_at(
        self, channel: CalDav, peer: CalendarPeer
    ) -> None:
        receipt = channel.send(a_message())
        move(peer, EVENING)
        receipt = channel.send(replace(a_message(), title="Another", phase=Phase.CHANGED), receipt)
        event = the_event(peer)
        assert (event.start, event["SUMMARY"]) == (EVENING, "Another")
        assert list(channel.changes([shown(receipt)])) == [moved_to(EVENING)]

    def test_once_the_session_has_followed_the_move_all_is_well(self, channel: CalDav, peer: CalendarPeer) -> None:
        receipt = channel.send(a_message())
        move(peer, EVENING)
        with edited(peer) as event:
            event["DTEND"] = icalendar.vDatetime(EVENING + timedelta(minutes=45))
        followed = replace(a_message(), starts_at=EVENING, ends_at=EVENING + timedelta(minutes=16), phase=Phase.CHANGED)
        receipt = channel.send(followed, receipt)
        assert the_event(peer).end == EVENING + timedelta(minutes=45), "the length they gave it is theirs"
        assert list(channel.changes([shown(receipt, EVENING)])) == []
        assert channel.send(followed, receipt) == receipt
        assert channel.send(replace(followed, starts_at=NOW, ends_at=NOW + timedelta(minutes=16)), receipt) != receipt
        assert the_event(peer).start == NOW, "and what we move after that moves"

    def test_a_session_put_off_elsewhere_moves_although_its_alarm_was_dismissed(
        self, channel: CalDav, peer: CalendarPeer
    ) -> None:
        receipt = channel.send(a_message())
        dismiss_the_alarm(peer)
        channel.send(
            replace(a_message(), starts_at=EVENING, ends_at=EVENING + timedelta(minutes=16), phase=Phase.CHANGED),
            receipt,
        )
        assert the_event(peer).start == EVENING

    def test_what_they_moved_ahead_is_not_taken_away(self, channel: CalDav, peer: CalendarPeer, clock: Clock) -> None:
        receipt = channel.send(a_message())
        move(peer, EVENING)
        expired = replace(a_message(), phase=Phase.WITHDRAWN)
        assert channel.send(expired, receipt) == ""
        assert len(peer.entries()) == 1
        clock.moment = EVENING
        channel.send(expired, "")
        assert peer.entries() == {}


def shown(receipt: str, starts_at: datetime = NOW, key: str = "") -> Shown:
    return Shown(session_id=7, key=key or a_message().key, receipt=receipt, starts_at=starts_at)


def moved_to(moment: datetime) -> Change:
    return Change(session_id=7, happened=Happened.MOVED, moved_to=moment)


REMOVED = Change(session_id=7, happened=Happened.REMOVED)
DONE = Change(session_id=7, happened=Happened.DONE)


class TestListening:
    @pytest.fixture
    def receipt(self, channel: CalDav, peer: CalendarPeer) -> str:
        receipt = channel.send(a_message())
        channel.send(another_message())
        peer.requests.clear()
        return receipt

    def test_it_hears(self, channel: CalDav) -> None:
        assert isinstance(channel, Listening)

    def test_our_own_writes_are_no_news_and_cost_one_request(
        self, channel: CalDav, peer: CalendarPeer, receipt: str
    ) -> None:
        assert list(channel.changes([shown(receipt)])) == []
        assert [one.method for one in peer.requests] == ["REPORT"]

    @pytest.mark.parametrize(
        ("act", "change"),
        [
            pytest.param(lambda peer: move(peer, EVENING), moved_to(EVENING), id="moved"),
            pytest.param(
                lambda peer: move(peer, EVENING.astimezone(ZoneInfo("America/New_York"))),
                moved_to(EVENING),
                id="moved by a program that writes zones",
            ),
            pytest.param(
                lambda peer: move(peer, datetime(2026, 11, 22, 19, 30)),  # noqa: DTZ001 - that is the case
                moved_to(datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
                id="moved by a program that writes no zone: their own",
            ),
            pytest.param(
                lambda peer: move(peer, date(2026, 11, 24)),
                moved_to(NOW + timedelta(days=2)),
                id="moved to another day: the same time of day",
            ),
            pytest.param(lambda peer: peer.remove(NAME), REMOVED, id="removed"),
            pytest.param(call_off, REMOVED, id="called off"),
            pytest.param(lambda peer: rename(peer, "✅ After your tempo run"), DONE, id="ticked"),
            pytest.param(lambda peer: rename(peer, "[x] After your tempo run"), DONE, id="crossed"),
            pytest.param(lambda peer: rename(peer, "Stretch!"), None, id="renamed"),
            pytest.param(dismiss_the_alarm, None, id="its alarm dismissed"),
        ],
    )
    def test_what_they_do_is_heard(
        self,
        channel: CalDav,
        peer: CalendarPeer,
        receipt: str,
        act: Callable[[CalendarPeer], None],
        change: Change | None,
    ) -> None:
        act(peer)
        assert list(channel.changes([shown(receipt)])) == ([change] if change else [])

    def test_each_is_heard_by_itself(self, channel: CalDav, peer: CalendarPeer, receipt: str) -> None:
        peer.remove(NAME)
        other = shown('"as it was"', key=another_message().key)
        assert list(channel.changes([shown(receipt), other])) == [REMOVED]

    def test_a_calendar_that_is_gone_is_trouble_and_no_removal(
        self, channel: CalDav, peer: CalendarPeer, receipt: str
    ) -> None:
        peer._ask("DELETE", "/anna/mobility/")
        with pytest.raises(EdgeError):
            list(channel.changes([shown(receipt)]))

    @pytest.mark.parametrize(
        "trouble",
        [
            Trouble(status="200 OK", body=b"<html>sign in</html>"),
            Trouble(status="207 Multi-Status", body=b"<html>sign in</html>"),
            Trouble(status="207 Multi-Status", body=b"<a/>"),
            Trouble(status="207 Multi-Status", body=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
            Trouble(cuts=True),
        ],
    )
    def test_an_answer_that_is_none_is_trouble_and_no_removal(
        self, channel: CalDav, peer: CalendarPeer, receipt: str, trouble: Trouble
    ) -> None:
        peer.trouble(trouble)
        with pytest.raises(Unavailable):
            list(channel.changes([shown(receipt)]))


class TestTrouble:
    @pytest.mark.parametrize(
        ("trouble", "kind", "words"),
        [
            (Trouble(status="403 Forbidden"), Refused, "let this account write into the calendar"),
            (Trouble(status="404 Not Found"), Refused, "no calendar is at this address"),
            (Trouble(status="405 Method Not Allowed"), Malformed, "this is no calendar"),
            (Trouble(status="301 Moved", headers={"Location": "https://new.example.org/x"}), Refused, "has moved to"),
            (Trouble(status="429 Too Many Requests", headers={"Retry-After": "30"}), Throttled, "30 s"),
            (Trouble(status="503 Unavailable"), Unavailable, "trying again later"),
            (Trouble(status="507 Insufficient Storage"), Unavailable, "trying again later"),
        ],
    )
    def test_each_answer_says_what_to_do(
        self, channel: CalDav, peer: CalendarPeer, trouble: Trouble, kind: type[EdgeError], words: str
    ) -> None:
        peer.trouble(trouble)
        with pytest.raises(kind, match=words):
            channel.send(a_message())

    def test_an_address_above_the_calendars_is_none(self, peer: CalendarPeer) -> None:
        above = caldav.channel(url=f"{peer.root}/anna", athlete=BERLIN, clock=Clock(NOW))
        with pytest.raises(Refused, match="names no calendar"):
            above.check()

    def test_a_server_that_lists_its_calendars_has_them_named(self, tmp_path: Path) -> None:
        with CalendarPeer(radicale_at(tmp_path)) as peer:
            above = caldav.channel(url=f"{peer.root}/anna", athlete=BERLIN, clock=Clock(NOW))
            with pytest.raises(Refused, match=r"below this one there are mobility"):
                above.check()

    def test_a_calendar_that_is_gone_needs_a_human(self, channel: CalDav, peer: CalendarPeer) -> None:
        peer._ask("DELETE", "/anna/mobility/")
        with pytest.raises(Refused, match="no calendar"):
            channel.send(a_message())

    @pytest.mark.parametrize("status", ["409 Conflict", "412 Precondition Failed"])
    def test_an_entry_that_is_neither_there_nor_can_be_is_tried_again(
        self, channel: CalDav, peer: CalendarPeer, status: str
    ) -> None:
        peer.trouble(Trouble(status=status))
        with pytest.raises(Unavailable, match="at this very moment"):
            channel.send(a_message())

    def test_an_entry_that_became_unreadable_is_asked_for_again(self, channel: CalDav, peer: CalendarPeer) -> None:
        receipt = channel.send(a_message())
        peer.trouble(Trouble(status="200 OK", body=b"BEGIN:VCALENDAR\r\nnonsense"))
        with pytest.raises(Unavailable):
            channel.send(replace(a_message(), phase=Phase.CHANGED), receipt)


class TestLettingIn:
    def test_a_name_and_a_password_are_sent_when_asked_for(
        self, server: Callable[[Path], Application], tmp_path: Path
    ) -> None:
        with CalendarPeer(server(tmp_path), account=("anna", "pässword")) as closed:
            channel = caldav.channel(
                url=closed.url, username="anna", password="pässword", athlete=BERLIN, clock=Clock(NOW)
            )
            channel.send(a_message())
            channel.send(a_message("another"))
            assert len(closed.entries()) == 2
            asked = [bool(request.headers.get("authorization")) for request in closed.requests]
            assert asked == [False, True, True], "asked once, and known from then on"

    @pytest.mark.parametrize("password", [SECRET, None])
    def test_a_wrong_one_needs_a_human(
        self, server: Callable[[Path], Application], tmp_path: Path, password: str | None
    ) -> None:
        with CalendarPeer(server(tmp_path), account=("anna", "another")) as closed:
            channel = caldav.channel(
                url=closed.url,
                username="anna" if password else None,
                password=password,
                athlete=BERLIN,
                clock=Clock(NOW),
            )
            with pytest.raises(Refused, match="check username and password of channels"):
                channel.send(a_message())

    def test_a_netrc_file_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Callable[[Path], Application]
    ) -> None:
        (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login anna password {SECRET}\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        with CalendarPeer(server(tmp_path / "calendars"), account=("anna", SECRET)) as closed, pytest.raises(Refused):
            to(closed).send(a_message())


def test_a_message_never_hears_of_another_calendars_entry(channel: CalDav, peer: CalendarPeer) -> None:
    channel.send(a_message())
    assert channel.reconcile(another_message(), NOW) is Outcome.ABSENT


def a_message_at(moment: datetime) -> Message:
    return replace(a_message(), starts_at=moment, ends_at=moment + timedelta(minutes=16))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 3, 29, 3, 0, tzinfo=ZoneInfo("Europe/Berlin")),
    ],
)
def test_when_the_clocks_change_the_moment_is_kept(channel: CalDav, peer: CalendarPeer, moment: datetime) -> None:
    receipt = channel.send(a_message_at(moment))
    assert the_event(peer).start == moment.astimezone(UTC)
    assert list(channel.changes([shown(receipt, moment.astimezone(UTC))])) == []
