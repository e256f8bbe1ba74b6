import calendar as standard_calendar
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from integrations import _events, calendar
from integrations.calendar import CalendarFolder, feed
from service.domain.message import Message, Phase
from service.domain.plain_text import clean
from service.ports import Channel, Malformed, Outcome, Refused, Unavailable
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


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "calendar"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def channel(place: Path, clock: Clock) -> CalendarFolder:
    return calendar.channel(path=place, clock=clock)


def events(content: bytes) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(content).events


def entries(place: Path) -> list[icalendar.Event]:
    return [event for file in sorted(place.glob("*.ics")) for event in events(file.read_bytes())]


class TestTheContract(CalendarChannelContract):
    @pytest.fixture
    def channel(self, place: Path, clock: Clock) -> Channel:
        return calendar.channel(path=place, clock=clock)

    @pytest.fixture
    def received(self, place: Path) -> Received:
        return lambda: [f"{event['SUMMARY']}\n{event['DESCRIPTION']}" for event in entries(place)]

    @pytest.fixture
    def remove(self, place: Path) -> Callable[[], object]:
        return lambda: shutil.rmtree(place)

    @pytest.fixture
    def broken(self, tmp_path: Path, clock: Clock) -> Channel:
        (tmp_path / "file").write_text(SECRET)
        return calendar.channel(path=tmp_path / "file" / "inside", clock=clock)


class TestAnEvent:
    @pytest.fixture
    def event(self, channel: CalendarFolder, place: Path) -> icalendar.Event:
        channel.send(a_message())
        (event,) = entries(place)
        return event

    def test_it_says_when_in_utc(self, event: icalendar.Event) -> None:
        assert event.start == NOW
        assert event.end == NOW + timedelta(minutes=16)
        assert b"DTSTART:20261122T073000Z\r\nDTEND:20261122T074600Z\r\n" in event.to_ical(sorted=False)

    def test_it_says_what_why_how_and_where(self, event: icalendar.Event) -> None:
        message = a_message()
        assert event["SUMMARY"] == message.title
        assert event["DESCRIPTION"] == "\n\n".join(
            [message.body, message.why, "\n".join(message.details), message.link]
        )
        assert event["URL"] == message.link

    def test_it_rings_when_it_begins(self, event: icalendar.Event) -> None:
        (alarm,) = event.walk("VALARM")
        assert isinstance(alarm, icalendar.Alarm)
        assert alarm["ACTION"] == "DISPLAY"
        assert alarm["DESCRIPTION"] == a_message().title
        trigger = alarm.TRIGGER
        assert trigger == timedelta(0)

    def test_what_is_done_rings_no_more(self, channel: CalendarFolder, place: Path) -> None:
        receipt = channel.send(a_message())
        channel.send(replace(a_message(), phase=Phase.DONE), receipt)
        (event,) = entries(place)
        assert event.walk("VALARM") == []

    def test_it_leaves_the_runner_free(self, event: icalendar.Event) -> None:
        assert event["TRANSP"] == "TRANSPARENT"

    def test_other_zones_and_their_changes_become_utc(self, channel: CalendarFolder, place: Path) -> None:
        summer_ends = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
        channel.send(replace(a_message(), starts_at=summer_ends, ends_at=summer_ends + timedelta(hours=4)))
        (event,) = entries(place)
        assert event.start == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    @pytest.mark.parametrize("ends_at", [None, NOW, NOW - timedelta(hours=1)])
    def test_an_end_that_is_none_is_left_out(
        self, channel: CalendarFolder, place: Path, ends_at: datetime | None
    ) -> None:
        channel.send(replace(a_message(), ends_at=ends_at))
        (event,) = entries(place)
        assert "DTEND" not in event

    def test_a_message_without_a_moment_has_no_place(self, channel: CalendarFolder) -> None:
        with pytest.raises(Malformed):
            channel.send(replace(a_message(), starts_at=None))
        with pytest.raises(Malformed):
            channel.reconcile(replace(a_message(), starts_at=None), NOW)


class TestTheFolder:
    def test_what_we_took_away_may_come_back(self, channel: CalendarFolder, place: Path) -> None:
        receipt = channel.send(replace(a_message(), phase=Phase.WITHDRAWN), channel.send(a_message()))
        assert entries(place) == []
        channel.send(replace(a_message(), phase=Phase.DONE), receipt)
        assert len(entries(place)) == 1

    def test_a_file_is_named_by_its_uid(self, channel: CalendarFolder, place: Path) -> None:
        receipt = channel.send(a_message())
        (event,) = entries(place)
        assert receipt == f"{event['UID']}.ics"
        assert UUID(str(event["UID"])).version == 5
        assert [file.name for file in place.iterdir()] == [receipt]

    def test_a_file_names_no_method_so_that_it_may_be_put_on_a_server(
        self, channel: CalendarFolder, place: Path
    ) -> None:
        receipt = channel.send(a_message())
        assert b"METHOD" not in (place / receipt).read_bytes()

    def test_only_we_can_read_it_for_its_link_is_a_key(self, channel: CalendarFolder, place: Path) -> None:
        receipt = channel.send(a_message())
        assert (place / receipt).stat().st_mode & 0o777 == 0o600
        assert place.stat().st_mode & 0o777 == 0o700

    def test_a_repeat_does_not_touch_the_file(self, channel: CalendarFolder, place: Path, clock: Clock) -> None:
        receipt = channel.send(a_message())
        before = (place / receipt).stat()[:3], (place / receipt).stat().st_mtime_ns
        clock.forward(hours=1)
        channel.send(a_message())
        assert ((place / receipt).stat()[:3], (place / receipt).stat().st_mtime_ns) == before

    def test_other_words_or_times_replace_it(self, channel: CalendarFolder, place: Path, clock: Clock) -> None:
        channel.send(a_message())
        clock.forward(hours=1)
        channel.send(replace(a_message(), title="12 min now", starts_at=NOW + timedelta(hours=9), ends_at=None))
        (event,) = entries(place)
        assert event["SUMMARY"] == "12 min now"
        assert event.start == NOW + timedelta(hours=9)
        stamp = event.DTSTAMP
        assert stamp == NOW + timedelta(hours=1)

    def test_it_knows_what_it_wrote(self, channel: CalendarFolder) -> None:
        assert channel.reconcile(a_message(), NOW) is Outcome.ABSENT
        channel.send(a_message())
        assert channel.reconcile(a_message(), NOW) is Outcome.ARRIVED
        assert channel.reconcile(replace(a_message(), title="other words"), NOW) is Outcome.ABSENT

    @pytest.mark.parametrize("crash_in", ["fsync", "replace"])
    def test_a_crash_leaves_the_old_file_whole(
        self, channel: CalendarFolder, place: Path, monkeypatch: pytest.MonkeyPatch, crash_in: str
    ) -> None:
        receipt = channel.send(a_message())
        old = (place / receipt).read_bytes()

        def crash(*_: object) -> None:
            raise SystemExit

        monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[crash_in], crash)
        with pytest.raises(SystemExit):
            channel.send(replace(a_message(), title="other words"))
        monkeypatch.undo()
        assert (place / receipt).read_bytes() == old
        channel.send(replace(a_message(), title="other words"))
        assert [file.name for file in place.iterdir()] == [receipt]

    def test_a_file_of_someone_elses_under_our_name_is_replaced(self, channel: CalendarFolder, place: Path) -> None:
        receipt = channel.send(a_message())
        (place / receipt).write_bytes(b"\xff not a calendar")
        assert channel.reconcile(a_message(), NOW) is Outcome.ABSENT
        channel.send(a_message())
        assert len(entries(place)) == 1

    def test_a_full_disk_is_a_passing_fault(
        self, channel: CalendarFolder, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match="No space left on device"):
            channel.send(a_message())
        assert list(place.glob("*.ics")) == []

    def test_a_folder_closed_to_us_needs_a_human(
        self, channel: CalendarFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda _path, _mode: False)
        with pytest.raises(Refused, match="let Afterrun write there"):
            channel.check()

        def closed(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", closed)
        with pytest.raises(Refused, match="let Afterrun write there"):
            channel.send(a_message())

    def test_a_check_makes_the_folder(self, channel: CalendarFolder, place: Path) -> None:
        channel.check()
        assert place.is_dir()

    def test_the_home_folder_may_be_written_short(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        calendar.channel(path="~/calendar", clock=Clock()).send(a_message())
        assert len(entries(tmp_path / "calendar")) == 1


class TestTheFeed:
    def test_it_is_a_calendar_to_subscribe_to(self) -> None:
        read = icalendar.Calendar.from_ical(feed("Mobility", [a_message()], now=NOW))
        assert read["VERSION"] == "2.0"
        assert read["PRODID"] == "-//Afterrun//Afterrun//EN"
        assert read["METHOD"] == "PUBLISH"
        assert read["NAME"] == read["X-WR-CALNAME"] == "Mobility"

    def test_it_asks_to_be_read_every_hour_in_both_dialects(self) -> None:
        lines = feed("Mobility", [], now=NOW).split(b"\r\n")
        assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
        assert b"X-PUBLISHED-TTL:PT1H" in lines

    def test_what_has_no_moment_is_left_out(self) -> None:
        content = feed("Mobility", [a_message(), replace(a_bare_message(), starts_at=None)], now=NOW)
        assert [event["SUMMARY"] for event in events(content)] == [a_message().title]

    def test_each_event_is_the_same_as_in_the_folder(self, channel: CalendarFolder, place: Path) -> None:
        channel.send(a_message())
        assert events(feed("Mobility", [a_message()], now=NOW)) == entries(place)

    def test_an_unchanged_feed_is_the_same_bytes_whenever_it_is_asked_for(self) -> None:
        messages = [replace(message, changed_at=NOW) for message in (a_message(), another_message())]
        assert feed("Mobility", messages, now=NOW) == feed("Mobility", messages, now=NOW + timedelta(days=1))

    def test_what_changed_has_a_higher_revision_and_the_moment_of_the_change(self) -> None:
        def revised(changed_at: datetime) -> icalendar.Event:
            (event,) = events(feed("Mobility", [replace(a_message(), changed_at=changed_at)], now=NOW))
            return event

        before, after = revised(NOW), revised(NOW + timedelta(seconds=1))
        assert before["UID"] == after["UID"]
        assert int(str(after["SEQUENCE"])) == int(str(before["SEQUENCE"])) + 1
        assert after["LAST-MODIFIED"].dt == after["DTSTAMP"].dt == NOW + timedelta(seconds=1)  # type: ignore[union-attr] # icalendar knows many kinds of value

    def test_another_library_reads_the_same(self) -> None:
        """Read the feed with one that is strict and by other hands."""
        message = replace(a_message(), body='a; b, c: "d" 🏃🏽‍♀️', details=("ü" * 200, "two\nlines"))
        read = IcsCalendarStream.calendar_from_ics(feed("Mobility", [message, another_message()], now=NOW).decode())
        first, second = read.events
        assert (first.summary, first.dtstart, first.dtend) == (message.title, NOW, NOW + timedelta(minutes=16))
        assert first.description is not None
        assert all(words in first.description for words in (message.body, *message.details, message.link))
        assert (first.transparency, first.categories) == ("TRANSPARENT", ["Mobility"])
        assert len(first.alarm) == 1
        assert first.uid != second.uid


# --- RFC 5545, read by hand: no help from the library that wrote it ------------------------------------------------

words = st.text(alphabet=st.characters(codec="utf-8"), max_size=300)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)) | st.datetimes(  # noqa: DTZ001 - hypothesis wants bounds without a zone
    datetime(2020, 1, 1),  # noqa: DTZ001 - as above
    datetime(2040, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.timezones(),
    allow_imaginary=False,
)
messages = st.builds(
    Message,
    key=words,
    title=words,
    body=words,
    why=words,
    details=st.lists(words, max_size=4).map(tuple),
    link=st.sampled_from(["", "http://127.0.0.1:8710/s/" + "x" * 200]),
    starts_at=moments,
    ends_at=moments | st.none(),
    useful_until=st.just(NOW),
)


def unfolded(content: bytes) -> list[str]:
    return content.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


@given(st.lists(messages, max_size=4), words)
def test_every_feed_keeps_to_the_standard(given_messages: list[Message], name: str) -> None:
    content = feed(name, given_messages, now=NOW)

    assert content.endswith(b"\r\n")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert all(line.decode() is not None for line in content.split(b"\r\n"))

    lines = unfolded(content)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    assert all(re.match(r"[A-Z-]+[;:]", line) for line in lines)
    assert not any(sign < " " or sign == "\x7f" for line in lines for sign in line)
    assert [line for line in lines if line.startswith(("BEGIN", "END"))] == [
        "BEGIN:VCALENDAR",
        *["BEGIN:VEVENT", "BEGIN:VALARM", "END:VALARM", "END:VEVENT"] * len(given_messages),
        "END:VCALENDAR",
    ]
    for property_name in ("UID", "DTSTAMP", "DTSTART", "SUMMARY"):
        assert sum(line.startswith(f"{property_name}:") for line in lines) == len(given_messages)
    assert all(
        re.fullmatch(r"DT(STAMP|START|END):\d{8}T\d{6}Z", line) for line in lines if line.startswith(("DTS", "DTE"))
    )


@given(messages)
def test_every_word_can_be_read_back(message: Message) -> None:
    lines = unfolded(feed("Mobility", [message], now=NOW))
    (title,) = (unescaped(line.removeprefix("SUMMARY:")) for line in lines if line.startswith("SUMMARY:"))
    assert title == clean(message.title)
    (event,) = events(feed("Mobility", [message], now=NOW))
    assert event["SUMMARY"] == clean(message.title)
    (other,) = IcsCalendarStream.calendar_from_ics(feed("Mobility", [message], now=NOW).decode()).events
    assert other.dtstart == event.start
    assert message.starts_at is not None
    # In UTC: an hour that comes twice is, by Python's rules, equal to no moment of another zone.
    assert event.start == message.starts_at.astimezone(UTC).replace(microsecond=0)


@given(words, words)
def test_messages_share_a_uid_only_with_themselves(key: str, other: str) -> None:
    first, second = replace(a_message(), key=key), replace(a_message(), key=other)
    assert (_events.uid(first.key) == _events.uid(second.key)) == (key == other)


def test_the_standard_librarys_calendar_is_still_itself() -> None:
    assert standard_calendar.monthrange(2026, 11) == (6, 30)
