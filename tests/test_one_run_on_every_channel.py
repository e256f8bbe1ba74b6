"""One run told by mail, in the calendar and on the phone, by the command line in an empty folder, on real servers."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest

from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType
from tests.cli.test_commands import Person
from tests.peers.calendars import CalendarPeer, radicale_at
from tests.peers.mail import MailPeer
from tests.peers.ntfy import NtfyPeer

# Radicale still asks for a name that Python 3.14 drops; aiosmtpd warns of a login over an unprotected way.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'importlib.abc.Traversable' is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]
LOGIN = ("anna", "s3cret")


@dataclass
class Household:
    """A person at the command line, and the servers that reach them."""

    person: Person
    phone: NtfyPeer
    mail: MailPeer
    calendar: CalendarPeer

    def says(self, *command: str) -> str:
        said = self.person.types(*command)
        assert said.exit_code == 0, said.stderr
        return str(said.stdout)

    def comes_home(self, kind: RunType) -> None:
        """Take in a run that ended two minutes ago."""
        ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
        file = self.person.home / f"{kind}.fit"
        file.write_bytes(encode(sample.latest(kind, ended)))
        self.says("import", str(file))

    def entry(self) -> icalendar.Event:
        """Return the only entry in the calendar."""
        (body,) = self.calendar.entries().values()
        (event,) = icalendar.Calendar.from_ical(body).events
        return event

    def pending(self) -> list[dict[str, object]]:
        listed: list[dict[str, object]] = json.loads(self.says("pending", "--json"))
        return listed


@pytest.fixture
def household(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    monkeypatch.chdir(tmp_path)
    with ExitStack() as open_doors:
        phone = open_doors.enter_context(NtfyPeer())
        mail = open_doors.enter_context(MailPeer(account=LOGIN))
        calendar = open_doors.enter_context(CalendarPeer(radicale_at(tmp_path / "radicale"), account=LOGIN))
        person = Person(tmp_path)
        person.settles(
            f"""
            [athlete]
            timezone = "UTC"
            [quiet]
            from = ""
            to = ""
            [channels.ntfy]
            url = "{phone.topic()}"
            [channels.email]
            host = "127.0.0.1"
            port = {mail.port}
            tls = "none"
            username = "{LOGIN[0]}"
            password = "{LOGIN[1]}"
            from = "afterrun@example.org"
            to = ["anna@example.org"]
            [channels.caldav]
            url = "{calendar.url}"
            username = "{LOGIN[0]}"
            password = "{LOGIN[1]}"
            """
        )
        yield Household(person, phone, mail, calendar)


def test_a_run_is_told_everywhere_and_what_becomes_of_it_is_put_right(household: Household) -> None:
    for channel in ("ntfy", "email", "caldav"):
        household.says("connect", channel, "--came", "yes")
    assert household.calendar.entries() == {}
    assert household.phone.shown() == []
    household.mail.letters.clear()
    household.phone.entries.clear()

    household.comes_home(RunType.TEMPO)

    (letter,) = household.mail.letters
    (push,) = household.phone.messages
    assert letter["Subject"] == push["title"] == household.entry()["SUMMARY"]
    assert "tempo" in push["title"]

    household.says("done")

    assert str(household.entry()["SUMMARY"]).startswith("✓")
    assert len(household.phone.messages) == 1
    assert household.phone.shown() == [], "the notification is put away"
    assert len(household.mail.letters) == 1
    assert household.pending() == []
    channels = json.loads(household.says("status", "--json"))["channels"]
    assert {name: channel["state"] for name, channel in channels.items()} == dict.fromkeys(channels, "ok")


def test_what_is_done_in_the_calendar_is_followed(household: Household) -> None:
    household.comes_home(RunType.EASY)
    evening = (datetime.now(UTC) + timedelta(hours=5)).replace(microsecond=0)
    ((name, body),) = household.calendar.entries().items()
    calendar = icalendar.Calendar.from_ical(body)
    calendar.events[0].start = evening
    calendar.events[0].end = evening + timedelta(minutes=30)
    household.calendar.write(name, calendar.to_ical())

    household.says("sync")

    (pending,) = household.pending()
    assert (pending["state"], pending["from"]) == ("snoozed", evening.isoformat())
    assert household.entry().end == evening + timedelta(minutes=30)
    assert len(household.phone.messages) == 1

    household.calendar.clear()
    household.says("sync")
    household.says("sync")

    assert household.pending() == []
    assert household.calendar.entries() == {}
    assert len(household.phone.messages) == 1
