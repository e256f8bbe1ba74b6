"""What every channel promises. A new one earns these tests by inheriting them and saying how its receiver is read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import integrations
from service.domain.message import Action, Message, Phase, Verb
from service.ports import Capabilities, Channel, EdgeError, Outcome

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
NOON_OF_THAT_DAY = NOW + timedelta(hours=4, minutes=30)
SECRET = "s3cret-nobody-may-see"

type Received = Callable[[], list[str]]


def a_message(key: str = "5f3a0c1e-0001-5000-8000-000000000001") -> Message:
    return Message(
        key=key,
        title="After your tempo run: 16 min",
        body="16 min: walk, calves, hip flexors, breathing. Start within 15 min, while you are still warm.",
        why="tempo, 24 min above threshold",
        details=("1. Light walk, 2 min 30 s", "2. Wall ankle stretch, 60 s each side", "3. Box breathing, 2 min"),
        link="http://127.0.0.1:8710/s/token",
        actions=(
            Action(verb=Verb.DONE, label="Done", url="http://127.0.0.1:8710/s/token/done"),
            Action(verb=Verb.SNOOZE, label="Later", url="http://127.0.0.1:8710/s/token/snooze"),
            Action(verb=Verb.SKIP, label="Not today", url="http://127.0.0.1:8710/s/token/skip"),
        ),
        starts_at=NOW,
        ends_at=NOW + timedelta(minutes=16),
        useful_until=NOW + timedelta(hours=12),
        tags=("tempo", "whole"),
    )


def another_message() -> Message:
    return replace(a_message("5f3a0c1e-0002-5000-8000-000000000002"), link="http://127.0.0.1:8710/s/other")


def a_bare_message() -> Message:
    return Message(key="bare", title="Mobility", body="Five minutes.", starts_at=NOW, useful_until=NOW)


class ChannelContract:
    """What every channel promises."""

    @pytest.fixture
    def channel(self) -> Channel:
        """Return a channel whose receiver answers."""
        raise NotImplementedError

    @pytest.fixture
    def received(self) -> Received:
        """Return a reader of what a person sees at the receiver: one text a message, title and address included."""
        raise NotImplementedError

    @pytest.fixture
    def broken(self) -> Channel:
        """Return one whose receiver is out of order, with SECRET wherever something secret goes."""
        raise NotImplementedError

    def test_it_is_named_as_its_module_and_says_what_it_can(self, channel: Channel) -> None:
        assert f"{type(channel).__module__}.".startswith(f"integrations.{channel.name}.")
        assert channel.name in integrations.names()
        assert isinstance(channel.capabilities, Capabilities)
        assert channel.capabilities.updates == isinstance(self, UpdatingChannelContract)
        assert channel.capabilities.calendar == isinstance(self, CalendarChannelContract)

    def test_a_message_arrives_whole(self, channel: Channel, received: Received) -> None:
        receipt = channel.send(a_message())
        assert receipt
        (text,) = received()
        message = a_message()
        for words in (message.title, message.body, message.why, *message.details, message.link):
            assert words in text

    def test_a_message_without_anything_optional_arrives(self, channel: Channel, received: Received) -> None:
        assert channel.send(a_bare_message())
        (text,) = received()
        assert "Mobility" in text
        assert "Five minutes." in text

    def test_the_first_line_below_the_title_stands_alone_on_a_locked_phone(
        self, channel: Channel, received: Received
    ) -> None:
        channel.send(a_message())
        (text,) = received()
        assert text.splitlines()[1].strip() == a_message().body

    def test_what_is_too_long_keeps_its_beginning(self, channel: Channel, received: Received) -> None:
        steps = tuple(f"{number}. Wall ankle stretch, 60 s each side 🦵" for number in range(500))
        channel.send(replace(a_message(), title="Ü" * 2000, details=steps))
        (text,) = received()
        assert "Ü" * 100 in text
        assert a_message().body in text
        assert steps[0] in text

    @pytest.mark.parametrize(
        "words", ["Dehnübung für Waden", "小腿拉伸 🏃🏽‍♀️", "a; b, c: \"d\" \\n 'e' <f> &g", "two\nlines"]
    )
    def test_every_language_and_sign_arrives(self, channel: Channel, received: Received, words: str) -> None:
        channel.send(replace(a_message(), body=words))
        (text,) = received()
        assert words in text

    def test_what_no_receiver_can_show_is_left_out(self, channel: Channel, received: Received) -> None:
        channel.send(replace(a_message(), title="Cal\x1b[31mves\ud83d", body="Walk\x00\x07 on."))
        (text,) = received()
        assert "Walk   on." in text
        assert not set(text) & set("\x1b\x00\x07\ud83d")

    def test_a_repeat_is_shown_once_where_that_is_promised(self, channel: Channel, received: Received) -> None:
        channel.send(a_message())
        channel.send(a_message())
        if channel.capabilities.idempotent:
            assert len(received()) == 1
        else:
            assert channel.reconcile(a_message(), NOW) is not Outcome.ABSENT

    def test_what_was_never_sent_has_not_arrived(self, channel: Channel) -> None:
        channel.send(another_message())
        assert channel.reconcile(a_message(), NOW) is not Outcome.ARRIVED

    def test_what_was_sent_is_not_missed(self, channel: Channel) -> None:
        channel.send(a_message())
        channel.send(another_message())
        assert channel.reconcile(a_message(), NOW) is not Outcome.ABSENT

    def test_a_check_sends_nothing(self, channel: Channel, received: Received) -> None:
        assert channel.check()
        assert received() == []

    def test_trouble_is_one_line_for_a_person_and_holds_no_secret(self, broken: Channel) -> None:
        with pytest.raises(EdgeError) as caught:
            broken.send(a_message())
        text = str(caught.value)
        assert 20 < len(text) < 200
        assert "\n" not in text
        assert SECRET not in f"{text} {caught.value.__cause__!r}"


class UpdatingChannelContract(ChannelContract):
    """What a channel promises besides, where what it showed can be put right."""

    def test_what_has_become_of_a_message_is_put_right_in_its_place(self, channel: Channel, received: Received) -> None:
        receipt = channel.send(a_message())
        later = replace(a_message(), title="This evening: 16 min", starts_at=NOON_OF_THAT_DAY, phase=Phase.CHANGED)
        for _ in range(2):
            receipt = channel.send(later, receipt)
            assert receipt
            assert [later.title in text for text in received()] == [True]
        done = replace(later, title="✓ After your tempo run", phase=Phase.DONE)
        receipt = channel.send(done, receipt)
        assert [done.title in text for text in received()] in ([True], []), "as done, or no longer"
        channel.send(another_message())
        for _ in range(2):
            receipt = channel.send(replace(later, phase=Phase.WITHDRAWN), receipt)
            assert [another_message().link in text for text in received()] == [True]


class CalendarChannelContract(UpdatingChannelContract):
    """What a channel promises besides, where what it shows stands in a calendar."""

    @pytest.fixture
    def remove(self) -> Callable[[], object]:
        """Return what a person does at the receiver to remove everything there."""
        raise NotImplementedError

    def test_what_the_person_removed_is_not_brought_back(
        self, channel: Channel, received: Received, remove: Callable[[], object]
    ) -> None:
        receipt = channel.send(a_message())
        remove()
        for phase in (Phase.CHANGED, Phase.DONE, Phase.WITHDRAWN, Phase.DONE):
            receipt = channel.send(replace(a_message(), phase=phase), receipt)
            assert received() == []
