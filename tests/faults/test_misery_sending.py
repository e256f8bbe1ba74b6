"""Whatever a phone's server or a calendar's does over HTTP, each message is shown once, and none is lost."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from integrations import caldav, ntfy
from integrations._events import uid
from service.application.outbox import Outbox
from service.domain.athlete import Athlete
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from service.ports import Channel
from tests.fakes import Clock
from tests.faults.conftest import Fault, Tally
from tests.integrations.channel_contract import a_message
from tests.integrations.http_source_contract import PAGE, short_of_patience
from tests.peers import calendars
from tests.peers import ntfy as phones

pytestmark = [
    pytest.mark.faults,
    pytest.mark.filterwarnings("ignore:'importlib.abc.Traversable' is deprecated:DeprecationWarning"),
]

LATER = {"Retry-After": "120"}
ON_THE_PHONE = [
    *(phones.Trouble(status=status, takes=takes) for status in (500, 502, 504) for takes in (False, True)),
    phones.Trouble(status=503),
    phones.Trouble(status=503, headers=LATER),
    phones.Trouble(status=429, headers=LATER),
    phones.Trouble(status=401),
    phones.Trouble(status=403),
    phones.Trouble(status=200, body=PAGE),
    phones.Trouble(status=200, body=PAGE, takes=True),
    *(phones.Trouble(way=way, takes=takes) for way in list(phones.Way)[1:] for takes in (False, True)),
]
IN_THE_CALENDAR = [
    *(calendars.Trouble(status=f"{status} No", takes=takes) for status in (500, 502, 504) for takes in (False, True)),
    calendars.Trouble(status="503 Busy", headers=LATER),
    calendars.Trouble(status="429 Busy", headers=LATER),
    calendars.Trouble(status="401 No"),
    calendars.Trouble(status="403 No"),
    calendars.Trouble(cuts=True),
    calendars.Trouble(cuts=True, takes=True),
]


class Post:
    """An outbox with one channel, and a clock."""

    def __init__(self, folder: Path, name: str, make: Callable[[Clock], Channel]) -> None:
        self.clock, self.name = Clock(), name
        engine = make_engine(f"sqlite:///{folder}/afterrun.db")
        upgrade(engine)
        self.database = SqlDatabase(engine)
        self.outbox = Outbox(self.database, {("me", name): make(self.clock)}, self.clock, lambda: 0.0)
        self.keys: list[str] = []

    def queue(self) -> str:
        """Queue another message, and return its name at the receiver."""
        now = self.clock.now()
        message = replace(a_message(f"message {len(self.keys)}"), starts_at=now, ends_at=now)
        with self.database.writing() as store:
            store.add_message("me", self.name, replace(message, useful_until=now + timedelta(days=1)), now)
        self.keys.append(message.key)
        return uid(message.key)

    def finish(self) -> None:
        """Let hours pass, with everything well again."""
        for _ in range(6):
            self.clock.forward(hours=1)
            self.outbox.deliver_due()
        with self.database.reading() as store:
            counts = store.outbox_counts()[self.name]
        assert (counts["waiting"], counts["given_up"]) == (0, 0), "nothing is lost"


@contextmanager
def post(folder: Path, name: str, make: Callable[[Clock], Channel]) -> Iterator[Post]:
    made = Post(folder, name, make)
    with closing(made.database):
        yield made


def again_and_again[T](troubles: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield each trouble, once, and twice in a row."""
    for trouble in troubles:
        yield [trouble]
        yield [trouble, trouble]


def test_a_phone_shows_each_message_once(tmp_path: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        phones.NtfyPeer() as peer,
        post(tmp_path, "ntfy", lambda clock: ntfy.channel(url=peer.topic(), clock=clock)) as sender,
    ):
        for troubles in again_and_again(ON_THE_PHONE):
            sequence = sender.queue().replace("-", "")
            peer.trouble(*troubles)
            with short_of_patience(monkeypatch):
                sender.outbox.deliver_due()
                sender.clock.forward(hours=1)
                sender.outbox.deliver_due()
            peer.calm()
            sender.finish()
            shown = sum(entry["sequence_id"] == sequence for entry in peer.messages)
            tally.add(Fault.MISERY_SENDING, lost=int(shown == 0), doubled=max(shown - 1, 0))
            assert shown == 1, troubles


def test_a_calendar_holds_each_entry_once(tmp_path: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    me = Athlete(id="me")
    with (
        calendars.CalendarPeer(calendars.radicale_at(tmp_path / "radicale")) as peer,
        post(tmp_path, "caldav", lambda clock: caldav.channel(url=peer.url, athlete=me, clock=clock)) as sender,
    ):
        for troubles in again_and_again(IN_THE_CALENDAR):
            name = sender.queue()
            peer.trouble(*troubles)
            with short_of_patience(monkeypatch):
                sender.outbox.deliver_due()
            peer.calm()
            sender.finish()
            tally.add(Fault.MISERY_SENDING, lost=int(f"{name}.ics" not in peer.entries()))
            assert f"{name}.ics" in peer.entries(), troubles
        assert len(peer.entries()) == len(sender.keys)
