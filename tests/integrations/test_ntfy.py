import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations import _http, ntfy
from integrations.ntfy import DOCUMENT_BYTES, Ntfy
from service.domain.message import Message, Phase
from service.ports import Channel, EdgeError, Malformed, Outcome, Refused, Throttled, Unavailable
from tests.fakes import Clock
from tests.integrations.channel_contract import (
    SECRET,
    Received,
    UpdatingChannelContract,
    a_bare_message,
    a_message,
    another_message,
)
from tests.peers.ntfy import Entry, NtfyPeer, Trouble, Way


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def peer() -> Iterator[NtfyPeer]:
    with NtfyPeer() as running:
        yield running


@pytest.fixture
def old_peer() -> Iterator[NtfyPeer]:
    with NtfyPeer(sequences=False) as running:
        yield running


@pytest.fixture
def channel(peer: NtfyPeer, clock: Clock) -> Ntfy:
    return ntfy.channel(url=peer.topic(), clock=clock)


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "SILENCE_S", 0.3)
    monkeypatch.setattr(_http, "WHOLE_S", 0.6)


def lose_the_answer(channel: Ntfy, message: Message) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        channel.send(message)
    return caught.value


def as_seen(entry: Entry) -> str:
    return "\n".join([entry.get("title", ""), entry["message"], entry.get("click", "")])


class TestTheContract(UpdatingChannelContract):
    @pytest.fixture
    def channel(self, peer: NtfyPeer, clock: Clock) -> Ntfy:
        return ntfy.channel(url=peer.topic(), clock=clock)

    @pytest.fixture
    def received(self, peer: NtfyPeer) -> Received:
        return lambda: [as_seen(entry) for entry in peer.shown()]

    @pytest.fixture
    def broken(self, clock: Clock) -> Ntfy:
        return ntfy.channel(url=f"http://127.0.0.1:9/{SECRET}", token=SECRET, clock=clock)


class TestTheContractOfAnOldServer(UpdatingChannelContract):
    @pytest.fixture
    def channel(self, old_peer: NtfyPeer, clock: Clock) -> Ntfy:
        return ntfy.channel(url=old_peer.topic(), clock=clock)

    def test_what_has_become_of_a_message_is_put_right_in_its_place(self, channel: Channel, received: Received) -> None:
        """Leave it as it came: there, whatever is published is another message."""
        receipt = channel.send(a_message())
        for phase in (Phase.CHANGED, Phase.DONE, Phase.WITHDRAWN):
            assert channel.send(replace(a_message(), title="Another", phase=phase), receipt) == receipt
        assert [a_message().title in text for text in received()] == [True]

    @pytest.fixture
    def received(self, old_peer: NtfyPeer) -> Received:
        return lambda: [as_seen(entry) for entry in old_peer.shown()]

    @pytest.fixture
    def broken(self, old_peer: NtfyPeer, clock: Clock) -> Ntfy:
        old_peer.trouble(Trouble(status=403, body=b'{"error":"no %s here"}' % SECRET.encode()))
        return ntfy.channel(url=old_peer.topic(SECRET), token=SECRET, clock=clock)


class TestWhatIsPublished:
    def test_a_notification_with_buttons_that_opens_the_session(self, channel: Ntfy, peer: NtfyPeer) -> None:
        receipt = channel.send(a_message())
        (entry,) = peer.messages
        assert receipt == f"{entry['id']} in sequence {entry['sequence_id']}"
        assert entry["topic"] == "runs"
        assert entry["tags"] == ["runner"]
        assert entry["click"].split("#")[0] == a_message().link
        assert [
            (action["action"], action["label"], action["method"], action["clear"]) for action in entry["actions"]
        ] == [
            ("http", "Done", "POST", True),
            ("http", "Later", "POST", True),
            ("http", "Not today", "POST", True),
        ]
        assert entry["actions"][0]["url"] == "http://127.0.0.1:8710/s/token/done"

    def test_no_more_buttons_than_ntfy_takes(self, channel: Ntfy, peer: NtfyPeer) -> None:
        channel.send(replace(a_message(), actions=a_message().actions * 2))
        assert len(peer.messages[0]["actions"]) == 3

    @pytest.mark.parametrize(
        ("tags", "signs"),
        [(("digest",), ["clipboard"]), (("long", "later"), ["crescent_moon"]), (("tempo",), None), ((), None)],
    )
    def test_one_sign_at_most(
        self, channel: Ntfy, peer: NtfyPeer, tags: tuple[str, ...], signs: list[str] | None
    ) -> None:
        channel.send(replace(a_message(), tags=tags))
        assert peer.messages[0].get("tags") == signs

    def test_a_message_without_a_link_opens_nothing(self, channel: Ntfy, peer: NtfyPeer) -> None:
        channel.send(a_bare_message())
        assert "click" not in peer.messages[0]

    def test_the_token_goes_into_the_header_only(self, clock: Clock) -> None:
        with NtfyPeer(token=SECRET) as closed:
            ntfy.channel(url=closed.topic(), token=SECRET, clock=clock).send(a_message())
            (request,) = closed.requests
        assert request.headers["authorization"] == f"Bearer {SECRET}"
        assert (request.method, request.path, dict(request.query)) == ("POST", "/", {})
        assert SECRET.encode() not in request.body

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
    @given(
        title=st.text(max_size=400), body=st.text(max_size=5000), details=st.lists(st.text(max_size=200), max_size=40)
    )
    def test_whatever_it_says_it_fits_a_push_and_is_no_attachment(
        self, channel: Ntfy, peer: NtfyPeer, title: str, body: str, details: list[str]
    ) -> None:
        channel.send(replace(a_message(), title=title, body=body, details=tuple(details)))
        assert len(peer.requests[-1].body) <= DOCUMENT_BYTES
        assert "attachment" not in peer.messages[-1]


class TestTheAddress:
    @pytest.mark.parametrize(
        ("url", "root", "topic"),
        [
            ("https://ntfy.sh/runs", "https://ntfy.sh/", "runs"),
            ("https://ntfy.sh/runs/", "https://ntfy.sh/", "runs"),
            ("http://127.0.0.1:2586/My-runs_1", "http://127.0.0.1:2586/", "My-runs_1"),
            ("https://example.org/push/runs", "https://example.org/push/", "runs"),
        ],
    )
    def test_it_is_a_server_and_a_topic(self, url: str, root: str, topic: str) -> None:
        assert ntfy._split(url) == (root, topic)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "ntfy.sh/runs",
            "https://ntfy.sh",
            "https://ntfy.sh/",
            "https://ntfy.sh/my runs",
            "https://ntfy.sh/" + "x" * 65,
            "ftp://ntfy.sh/runs",
            "https://me:s3cret@ntfy.sh/runs",
            "http://[::1/runs",
        ],
    )
    def test_anything_else_is_a_humans_matter(self, url: str, clock: Clock) -> None:
        with pytest.raises(Refused, match=r"write it as https://ntfy\.sh/your-topic"):
            ntfy.channel(url=url, clock=clock)


class TestTrouble:
    @pytest.mark.parametrize(
        ("trouble", "kind", "words"),
        [
            (Trouble(status=401), Refused, "make a new one"),
            (Trouble(status=403), Refused, "give channels.ntfy a token that may write to it, or choose another topic"),
            (Trouble(status=404), Refused, "correct the url"),
            (Trouble(status=413), Malformed, "413"),
            (Trouble(status=429, headers={"Retry-After": "9"}), Throttled, "trying again in 9 s or later"),
            (Trouble(status=507), Unavailable, "trying again later"),
            (Trouble(status=200, body=b"<html>sign in</html>"), Unavailable, "does not answer as ntfy does"),
            (Trouble(status=200, body=b"{}"), Unavailable, "does not answer as ntfy does"),
            (Trouble(status=200, body=b"[]"), Unavailable, "does not answer as ntfy does"),
        ],
    )
    def test_each_answer_says_what_to_do(
        self, channel: Ntfy, peer: NtfyPeer, trouble: Trouble, kind: type[EdgeError], words: str
    ) -> None:
        peer.trouble(trouble)
        with pytest.raises(kind, match=words):
            channel.send(a_message())
        assert peer.messages == []

    def test_a_closed_topic_without_a_token(self, clock: Clock) -> None:
        with NtfyPeer(token=SECRET) as closed:
            with pytest.raises(Refused, match="a token that may write to it"):
                ntfy.channel(url=closed.topic(), clock=clock).send(a_message())
            with pytest.raises(Refused, match="the token is not known there"):
                ntfy.channel(url=closed.topic(), token="tk_old", clock=clock).send(a_message())

    @pytest.mark.usefixtures("impatience")
    @pytest.mark.parametrize("way", [Way.CUT, Way.HALF, Way.SILENCE, Way.DRIP])
    @pytest.mark.parametrize("takes", [True, False])
    def test_an_answer_that_is_lost_leaves_the_outcome_open(
        self, channel: Ntfy, peer: NtfyPeer, way: Way, *, takes: bool
    ) -> None:
        peer.trouble(Trouble(way=way, takes=takes))
        assert lose_the_answer(channel, a_message()).perhaps_done
        assert len(peer.messages) == int(takes)

    def test_a_server_that_is_away_leaves_nothing_open(self, clock: Clock) -> None:
        away = ntfy.channel(url="http://127.0.0.1:9/runs", clock=clock)
        assert not lose_the_answer(away, a_message()).perhaps_done


class TestReconciling:
    @pytest.fixture(params=[True, False], ids=["new server", "old server"])
    def peer(self, request: pytest.FixtureRequest) -> Iterator[NtfyPeer]:
        with NtfyPeer(sequences=request.param) as running:
            yield running

    @pytest.mark.parametrize("message", [a_message(), a_bare_message()], ids=["with a link", "without one"])
    def test_what_was_taken_is_found(self, channel: Ntfy, peer: NtfyPeer, clock: Clock, message: Message) -> None:
        peer.trouble(Trouble(way=Way.CUT, takes=True))
        lose_the_answer(channel, message)
        assert channel.reconcile(message, clock.now()) is Outcome.ARRIVED

    @pytest.mark.parametrize("message", [a_message(), a_bare_message()], ids=["with a link", "without one"])
    def test_what_was_not_is_absent_whatever_else_is_there(
        self, channel: Ntfy, peer: NtfyPeer, clock: Clock, message: Message
    ) -> None:
        channel.send(another_message())
        peer.trouble(Trouble(way=Way.CUT))
        lose_the_answer(channel, message)
        assert channel.reconcile(message, clock.now()) is Outcome.ABSENT

    def test_other_topics_do_not_count(self, channel: Ntfy, peer: NtfyPeer, clock: Clock) -> None:
        ntfy.channel(url=peer.topic("other"), clock=clock).send(a_message())
        assert channel.reconcile(a_message(), clock.now()) is Outcome.ABSENT

    @pytest.mark.parametrize("seconds", [-300, 300])
    def test_the_servers_clock_may_be_some_minutes_off(
        self, channel: Ntfy, peer: NtfyPeer, clock: Clock, seconds: int
    ) -> None:
        peer.clock_error_s = seconds
        channel.send(a_message())
        assert channel.reconcile(a_message(), clock.now()) is Outcome.ARRIVED

    def test_words_that_were_changed_since_are_still_the_same_message(self, channel: Ntfy, clock: Clock) -> None:
        channel.send(a_message())
        changed = replace(a_message(), title="12 min now", link="http://127.0.0.1:8710/s/newly-signed")
        assert channel.reconcile(changed, clock.now()) is Outcome.ARRIVED

    def test_what_fell_out_of_the_cache_is_unknown(self, channel: Ntfy, clock: Clock) -> None:
        since = clock.now()
        clock.forward(hours=13)
        assert channel.reconcile(a_message(), since) is Outcome.UNKNOWN

    def test_a_token_that_may_only_write_leaves_it_unknown(self, channel: Ntfy, peer: NtfyPeer, clock: Clock) -> None:
        channel.send(a_message())
        peer.readable = False
        assert channel.reconcile(a_message(), clock.now()) is Outcome.UNKNOWN
        assert "may not be read" in channel.check()

    @pytest.mark.parametrize(
        ("trouble", "kind"),
        [
            (Trouble(status=401), Refused),
            (Trouble(status=429), Throttled),
            (Trouble(status=500), Unavailable),
            (Trouble(way=Way.HALF, takes=True), Unavailable),
            (Trouble(status=200, body=b"<html>"), Unavailable),
            (Trouble(status=200, body=b'["no entry"]'), Unavailable),
        ],
    )
    def test_no_answer_is_an_error_and_not_a_guess(
        self, channel: Ntfy, peer: NtfyPeer, clock: Clock, trouble: Trouble, kind: type[EdgeError]
    ) -> None:
        channel.send(a_message())
        peer.trouble(trouble)
        with pytest.raises(kind):
            channel.reconcile(a_message(), clock.now())


class TestRepeats:
    def test_a_new_server_shows_one(self, channel: Ntfy, peer: NtfyPeer) -> None:
        channel.send(a_message())
        channel.send(replace(a_message(), title="12 min are left"))
        assert [entry["title"] for entry in peer.shown()] == ["12 min are left"]

    def test_an_old_server_shows_two_so_nothing_is_promised(self, old_peer: NtfyPeer, clock: Clock) -> None:
        channel = ntfy.channel(url=old_peer.topic(), clock=clock)
        channel.send(a_message())
        channel.send(a_message())
        assert len(old_peer.shown()) == 2
        assert not channel.capabilities.idempotent

    @pytest.mark.parametrize("sequences", [True, False])
    @pytest.mark.parametrize("takes", [True, False])
    def test_asking_first_shows_each_once_on_either(self, clock: Clock, *, sequences: bool, takes: bool) -> None:
        with NtfyPeer(sequences=sequences) as peer:
            channel = ntfy.channel(url=peer.topic(), clock=clock)
            peer.trouble(Trouble(way=Way.CUT, takes=takes))
            lose_the_answer(channel, a_message())
            if channel.reconcile(a_message(), clock.now() - timedelta(seconds=1)) is Outcome.ABSENT:
                channel.send(a_message())
            assert len(peer.messages) == 1


class TestPuttingRight:
    @pytest.fixture
    def receipt(self, channel: Ntfy) -> str:
        return channel.send(a_message())

    def test_other_words_come_without_a_sound(self, channel: Ntfy, peer: NtfyPeer, receipt: str) -> None:
        channel.send(replace(a_message(), title="This evening", phase=Phase.CHANGED), receipt)
        first, second = peer.messages
        assert second["sequence_id"] == first["sequence_id"]
        assert (first.get("priority"), second["priority"]) == (None, 1)
        assert [entry["title"] for entry in peer.shown()] == ["This evening"]

    @pytest.mark.parametrize(("phase", "event"), [(Phase.DONE, "message_clear"), (Phase.WITHDRAWN, "message_delete")])
    def test_what_is_over_leaves_the_phone_without_another_message(
        self, channel: Ntfy, peer: NtfyPeer, receipt: str, phase: Phase, event: str
    ) -> None:
        for _ in range(2):
            assert channel.send(replace(a_message(), phase=phase), receipt) == receipt
        assert [entry["event"] for entry in peer.entries] == ["message", event, event]
        assert peer.shown() == []

    @pytest.mark.parametrize("phase", [Phase.CHANGED, Phase.DONE, Phase.WITHDRAWN])
    def test_where_the_answer_was_lost_it_is_left_as_it_is(self, channel: Ntfy, peer: NtfyPeer, phase: Phase) -> None:
        assert channel.send(replace(a_message(), phase=phase), "")
        assert peer.entries == []

    def test_a_server_that_became_older_is_left_alone(self, channel: Ntfy, peer: NtfyPeer, receipt: str) -> None:
        peer.sequences = False
        for phase in (Phase.DONE, Phase.WITHDRAWN):
            assert channel.send(replace(a_message(), phase=phase), receipt) == receipt
        assert len(peer.entries) == 1

    @pytest.mark.parametrize("phase", [Phase.CHANGED, Phase.DONE, Phase.WITHDRAWN])
    def test_trouble_is_trouble(self, channel: Ntfy, peer: NtfyPeer, receipt: str, phase: Phase) -> None:
        peer.trouble(Trouble(status=429, headers={"Retry-After": "7"}))
        with pytest.raises(Throttled):
            channel.send(replace(a_message(), phase=phase), receipt)


def test_a_check_publishes_nothing_and_says_what_is_wrong(channel: Ntfy, peer: NtfyPeer, clock: Clock) -> None:
    assert channel.check() == "the topic answers"
    assert {request.method for request in peer.requests} == {"GET"}
    peer.trouble(Trouble(status=401))
    with pytest.raises(Refused):
        channel.check()
    with pytest.raises(Unavailable):
        ntfy.channel(url="http://127.0.0.1:9/runs", clock=clock).check()


def test_the_key_itself_stays_at_home(channel: Ntfy, peer: NtfyPeer) -> None:
    channel.send(a_message("anna/2026-11-22"))
    assert "anna" not in json.dumps(peer.messages)
