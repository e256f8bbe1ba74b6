import logging
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from integrations import apprise
from integrations.apprise import BODY_CHARS, Apprise
from service.ports import Channel, Outcome, Refused, Unavailable
from tests.integrations.channel_contract import (
    NOW,
    SECRET,
    ChannelContract,
    Received,
    a_message,
)
from tests.peers.ntfy import NtfyPeer, Trouble, Way

# Loading a service makes Apprise load all of them, and one still asks for a module that Python 3.13 drops.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture(autouse=True)
def no_pause_between_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apprise.NotifyBase.request_rate_per_sec", 0)


@pytest.fixture
def peer() -> Iterator[NtfyPeer]:
    with NtfyPeer() as running:
        yield running


def at(peer: NtfyPeer, topic: str = "runs") -> str:
    """Return a topic's address as Apprise spells it, with a short patience."""
    return f"{peer.url.replace('http', 'ntfy')}/{topic}?rto=0.3&cto=0.3"


def channel_to(*urls: str) -> Apprise:
    return apprise.channel(urls=urls)


class TestTheContract(ChannelContract):
    @pytest.fixture
    def channel(self, peer: NtfyPeer) -> Channel:
        return channel_to(at(peer))

    @pytest.fixture
    def received(self, peer: NtfyPeer) -> Received:
        return lambda: [f"{entry['title']}\n{entry['message']}" for entry in peer.shown()]

    @pytest.fixture
    def broken(self) -> Channel:
        return channel_to(f"ntfy://user:{SECRET}@127.0.0.1:9/{SECRET}")


def failure(channel: Apprise) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        channel.send(a_message())
    return caught.value


def ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what a log file would hold; the library's own log, which pytest listens to as well, goes nowhere."""
    return [record.getMessage() for record in caplog.records if record.name != "apprise"]


def test_it_says_which_service_took_it(peer: NtfyPeer) -> None:
    assert channel_to(at(peer)).send(a_message()) == "taken by ntfy"


def test_a_message_is_sent_once_one_service_took_it(peer: NtfyPeer, caplog: pytest.LogCaptureFixture) -> None:
    channel = channel_to(at(peer), f"json://127.0.0.1:9/{SECRET}")
    with caplog.at_level(logging.DEBUG):
        assert channel.send(a_message()) == "taken by ntfy"
    assert ours(caplog) == ["a message reached ntfy, but not JSON"]


def test_no_picture_of_another_program_goes_along(peer: NtfyPeer) -> None:
    channel_to(at(peer)).send(a_message())
    (entry,) = peer.messages
    assert "icon" not in entry
    assert "attach" not in entry
    assert "apprise" not in peer.requests[0].body.decode().lower()


def test_a_body_is_no_longer_than_the_shortest_service_takes(peer: NtfyPeer) -> None:
    channel_to(at(peer)).send(replace(a_message(), details=("step " * 10,) * 200))
    assert len(peer.messages[0]["message"]) <= BODY_CHARS


def test_where_nobody_listens_nothing_was_done() -> None:
    assert not failure(channel_to("json://127.0.0.1:9/")).perhaps_done
    assert not failure(channel_to("json://nobody.invalid/")).perhaps_done


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_an_answer_that_says_no_is_believed(peer: NtfyPeer, status: int) -> None:
    peer.trouble(Trouble(status=status))
    error = failure(channel_to(at(peer)))
    assert not error.perhaps_done
    assert str(error) == "ntfy did not take the message: trying again later"


@pytest.mark.parametrize("way", [Way.CUT, Way.SILENCE])
@pytest.mark.parametrize("takes", [True, False])
def test_an_answer_that_is_lost_leaves_the_outcome_open(peer: NtfyPeer, way: Way, *, takes: bool) -> None:
    peer.trouble(Trouble(way=way, takes=takes))
    assert failure(channel_to(at(peer))).perhaps_done


def test_one_open_outcome_among_several_leaves_it_open(peer: NtfyPeer) -> None:
    peer.trouble(Trouble(way=Way.CUT, takes=True))
    assert failure(channel_to("json://127.0.0.1:9/", at(peer))).perhaps_done


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_closed_door_needs_a_human(peer: NtfyPeer, status: int) -> None:
    peer.trouble(Trouble(status=status, body=b'{"code":%d01,"error":"no"}' % status))
    with pytest.raises(Refused, match=r"ntfy will not let us in: correct its address in channels\.apprise"):
        channel_to(at(peer)).send(a_message())


@pytest.mark.parametrize(
    ("urls", "words"),
    [
        ([], "names no service"),
        (["json://127.0.0.1:9/", f"nonsense://{SECRET}"], r"address 2 of channels\.apprise \(nonsense\)"),
        ([f"tgram://{SECRET}"], r"address 1 of channels\.apprise \(tgram\)"),
        ([SECRET], r"address 1 of channels\.apprise \(no kind\)"),
    ],
)
def test_an_address_it_does_not_understand_needs_a_human(urls: Sequence[str], words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        apprise.channel(urls=urls).check()
    assert SECRET not in str(caught.value)


def test_nothing_secret_reaches_the_log(peer: NtfyPeer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        peer.trouble(Trouble(status=500))
        failure(channel_to(at(peer, SECRET)))
        with pytest.raises(Refused):
            channel_to(f"tgram://{SECRET}").check()
    assert not any(SECRET in text for text in ours(caplog))
    assert not logging.getLogger("apprise").propagate


def test_services_cannot_be_asked(peer: NtfyPeer) -> None:
    channel = channel_to(at(peer))
    channel.send(a_message())
    assert channel.reconcile(a_message(), NOW) is Outcome.UNKNOWN
    assert not channel.capabilities.idempotent


def test_the_library_is_read_only_once_it_is_needed() -> None:
    program = (
        "import sys; from integrations import apprise; apprise.channel(urls=['json://h/']);"
        "sys.exit('apprise' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603 - our own text
