"""Letters, delivered to a real mail server."""

import logging
import re
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import catalogue
from integrations import _http, email
from integrations.email import Email
from integrations.email.letter import letter, page
from service.domain.classification import RunType
from service.domain.routine import Wish, compose
from service.ports import Channel, EdgeError, Malformed, Outcome, Refused, Throttled, Unavailable
from tests.fakes import Clock
from tests.integrations.channel_contract import (
    NOW,
    SECRET,
    ChannelContract,
    Received,
    a_bare_message,
    a_message,
)
from tests.peers.mail import MailPeer, Trouble, make_certificate

# aiosmtpd warns of a login over an unprotected way, which is what some of these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

ME, YOU = "me@example.org", "you@example.org"
SENDER = "afterrun@example.org"

type Writer = Callable[..., Email]


def to(port: int, *recipients: str, tls: str = "none", **account: str) -> Email:
    return email.channel(
        host="127.0.0.1", port=port, tls=tls, to=recipients or (ME,), clock=Clock(NOW), **{"from": SENDER}, **account
    )


def plain(written: EmailMessage) -> str:
    part = written.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html(written: EmailMessage) -> str:
    part = written.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def peer() -> Iterator[MailPeer]:
    with MailPeer() as running:
        yield running


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "SILENCE_S", 0.3)
    monkeypatch.setattr(_http, "WHOLE_S", 0.6)


def failure(channel: Email) -> EdgeError:
    with pytest.raises(EdgeError) as caught:
        channel.send(a_message())
    assert "\n" not in str(caught.value)
    return caught.value


class TestTheContract(ChannelContract):
    @pytest.fixture
    def channel(self, peer: MailPeer) -> Channel:
        return to(peer.port)

    @pytest.fixture
    def received(self, peer: MailPeer) -> Received:
        return lambda: [f"{written['Subject']}\n{plain(written)}" for written in peer.mailbox]

    @pytest.fixture
    def broken(self) -> Iterator[Channel]:
        with MailPeer(account=("anna", "another password"), refuses={ME: f"550 no {SECRET}"}) as strict:
            yield to(strict.port, username="anna", password=SECRET)


class TestALetter:
    @pytest.fixture
    def written(self, peer: MailPeer) -> EmailMessage:
        receipt = to(peer.port, ME, YOU).send(a_message())
        (written,) = peer.letters
        assert written["Message-ID"] == receipt
        return written

    def test_it_says_from_whom_to_whom_and_when(self, written: EmailMessage) -> None:
        assert written["From"] == f"Afterrun <{SENDER}>"
        assert written["To"] == f"{ME}, {YOU}"
        assert written["Subject"] == a_message().title
        assert written["Date"].datetime == NOW

    def test_no_out_of_office_note_answers_it(self, written: EmailMessage) -> None:
        assert written["Auto-Submitted"] == "auto-generated"

    def test_its_first_line_stands_alone_in_a_preview(self, written: EmailMessage) -> None:
        assert plain(written).splitlines()[0] == a_message().body
        assert texts(html(written))[1] == a_message().body, "the first after the title"

    def test_its_page_says_the_same(self, written: EmailMessage) -> None:
        said = "\n".join(texts(html(written)))
        message = a_message()
        assert all(words in said for words in (message.title, message.body, message.why, *message.details))

    def test_its_only_address_is_the_sessions_for_opening_one_changes_nothing(self, written: EmailMessage) -> None:
        assert re.findall(r"""(?:href|src|action|background)=["']([^"']*)""", html(written)) == [a_message().link]
        assert not re.search(r"url\(|@import|<img|<script|<form|<link|<iframe", html(written))

    def test_no_line_is_longer_than_servers_take_and_every_byte_is_ascii(self) -> None:
        raw = bytes(letter(replace(a_message(), body="ü🏃" * 900), SENDER, [ME], NOW))
        assert raw.isascii()
        assert max(map(len, raw.split(b"\r\n"))) <= 78 + len("Content-Type:") + 60 < 998

    def test_the_same_message_is_the_same_letter_to_mailboxes_that_collapse_repeats(self, peer: MailPeer) -> None:
        for _ in range(2):
            to(peer.port).send(a_message())
        to(peer.port).send(a_message("another"))
        assert len(peer.letters) == 3
        assert len(peer.mailbox) == 2

    def test_the_key_itself_stays_at_home(self, peer: MailPeer) -> None:
        to(peer.port).send(a_message("anna/2026-11-22"))
        assert b"anna" not in bytes(peer.letters[0])

    @pytest.mark.parametrize("title", ["Two\nlines", "Ü" * 500, "\r\nBcc: all@example.org", ""])
    def test_a_subject_is_one_line(self, peer: MailPeer, title: str) -> None:
        to(peer.port).send(replace(a_message(), title=title))
        (written,) = peer.letters
        assert "\n" not in written["Subject"]
        assert written["Bcc"] is None

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
    @given(title=st.text(), body=st.text(), why=st.text(), details=st.lists(st.text(), max_size=5))
    def test_whatever_is_said_is_words_and_never_a_page_of_its_own(
        self, title: str, body: str, why: str, details: list[str]
    ) -> None:
        message = replace(a_message(), title=title, body=body, why=why, details=tuple(details))
        assert tags(page(message)) <= tags(page(a_message()))

    @pytest.mark.parametrize("kind", RunType)
    def test_a_routine_is_shown_step_by_step(self, kind: RunType) -> None:
        routine = compose(Wish(run_type=kind), *catalogue.load())
        said = texts(page(replace(a_message(), routine=routine)))
        for step in routine.steps:
            assert step.name in said
            assert step.dose in said
            assert not step.cue or step.cue in said

    def test_it_is_shown_whole_before_mailboxes_cut_it(self) -> None:
        longest = max(
            (compose(Wish(run_type=kind), *catalogue.load()) for kind in RunType), key=lambda one: one.seconds
        )
        assert len(page(replace(a_message(), routine=longest)).encode()) < 50_000


class TestTrouble:
    @pytest.mark.parametrize(
        ("answer", "kind", "words"),
        [
            ("451 4.3.0 try again", Unavailable, "answered 451"),
            ("421 4.3.2 shutting down", Unavailable, "answered 421"),
            ("452 4.2.2 mailbox full", Unavailable, "answered 452"),
            ("451 4.7.1 Greylisted", Throttled, "Greylisted"),
            ("450 4.2.1 receiving mail at a rate that", Throttled, "answered 450"),
            ("552 5.3.4 message too big", Malformed, "will not take this letter"),
            ("554 5.6.0 malformed", Malformed, "will not take this letter"),
            ("554 Transaction failed", Malformed, "will not take this letter"),
            ("550 5.7.1 looks like spam", Refused, "what this account may send"),
            ("554 5.7.1 blocked", Refused, "what this account may send"),
        ],
    )
    def test_an_answer_to_the_letter(self, peer: MailPeer, answer: str, kind: type[EdgeError], words: str) -> None:
        peer.trouble(Trouble(answer=answer))
        error = failure(to(peer.port))
        assert type(error) is kind
        assert words in str(error)
        assert not getattr(error, "perhaps_done", False)
        assert peer.letters == []

    @pytest.mark.parametrize(
        ("refuses", "kind", "words"),
        [
            ({"MAIL": "550 5.7.60 not your address"}, Refused, "check from in channels.email"),
            ({"MAIL": "451 later"}, Unavailable, "451"),
            ({ME: "550 5.1.1 no such mailbox"}, Refused, "check to in channels.email"),
            ({ME: "552 5.2.2 mailbox full"}, Refused, "check to in channels.email"),
            ({ME: "450 4.2.0 busy"}, Unavailable, "450"),
        ],
    )
    def test_an_answer_about_an_address(self, refuses: dict[str, str], kind: type[EdgeError], words: str) -> None:
        with MailPeer(refuses=refuses) as strict:
            error = failure(to(strict.port))
        assert type(error) is kind
        assert words in str(error)

    @pytest.mark.parametrize("answer", ["550 no such mailbox", "451 later"])
    def test_one_address_that_fails_neither_stops_nor_repeats_the_others(
        self, answer: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with MailPeer(refuses={YOU: answer}) as strict:
            with caplog.at_level(logging.WARNING):
                assert to(strict.port, ME, YOU).send(a_message())
            (envelope,) = strict.envelopes
        assert envelope.rcpt_tos == [ME]
        assert "not taken for everybody" in caplog.text

    def test_where_all_fail_a_passing_fault_is_tried_again(self) -> None:
        with MailPeer(refuses={ME: "550 no such mailbox", YOU: "451 later"}) as strict:
            assert isinstance(failure(to(strict.port, ME, YOU)), Unavailable)

    @pytest.mark.parametrize("takes", [True, False])
    def test_a_connection_lost_after_the_letter_leaves_the_outcome_open(self, peer: MailPeer, *, takes: bool) -> None:
        peer.trouble(Trouble(drops=True, takes=takes))
        error = failure(to(peer.port))
        assert isinstance(error, Unavailable)
        assert error.perhaps_done
        assert len(peer.letters) == int(takes)
        assert to(peer.port).reconcile(a_message(), NOW) is Outcome.UNKNOWN

    def test_silence_after_the_letter_leaves_the_outcome_open(
        self, peer: MailPeer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hand_over = smtplib.SMTP.data

        def impatiently(session: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
            assert session.sock is not None
            session.sock.settimeout(0.2)
            return hand_over(session, raw)

        monkeypatch.setattr(smtplib.SMTP, "data", impatiently)
        peer.trouble(Trouble())
        error = failure(to(peer.port))
        assert isinstance(error, Unavailable)
        assert error.perhaps_done

    def test_a_server_that_is_away_leaves_nothing_open(self) -> None:
        error = failure(to(9))
        assert isinstance(error, Unavailable)
        assert not error.perhaps_done
        assert "cannot reach the mail server at 127.0.0.1:9" in str(error)

    @pytest.mark.usefixtures("impatience")
    @pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220-" + b"x" * 9000])
    def test_what_is_no_mail_server_is_left_in_time(self, greeting: bytes) -> None:
        with a_stranger(greeting) as port:
            assert isinstance(failure(to(port)), Unavailable)

    @pytest.mark.usefixtures("impatience")
    def test_a_server_that_sends_a_byte_at_a_time_cannot_hold_us(self) -> None:
        with a_stranger(b"220 ", drips=True) as port:
            assert isinstance(failure(to(port)), Unavailable)


class TestLettingIn:
    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        return make_certificate(tmp_path)

    @pytest.fixture
    def trusted(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        return certificate

    @pytest.mark.parametrize("tls", ["starttls", "ssl"])
    def test_a_protected_way_with_a_login(self, trusted: Path, tls: str) -> None:
        account = ("anna", SECRET)
        with MailPeer(account=account, certificate=trusted, tls_from_the_start=tls == "ssl") as strict:
            channel = to(strict.port, tls=tls, username="anna", password=SECRET)
            assert channel.check()
            assert strict.letters == []
            assert channel.send(a_message())
            assert len(strict.letters) == 1

    @pytest.mark.parametrize("tls", ["starttls", "ssl"])
    def test_a_certificate_nobody_vouches_for_is_explained(self, certificate: Path, tls: str) -> None:
        with MailPeer(certificate=certificate, tls_from_the_start=tls == "ssl") as self_made:
            error = failure(to(self_made.port, tls=tls, username="anna", password=SECRET))
        assert isinstance(error, Refused)
        assert "shows a certificate this machine does not trust (self-signed certificate)" in str(error)

    def test_a_certificate_of_another_host_is_explained(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        other = make_certificate(tmp_path, "127.0.0.2")
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        with MailPeer(certificate=other) as elsewhere:
            assert "does not trust (IP address mismatch" in str(failure(to(elsewhere.port, tls="starttls")))

    def test_a_server_without_starttls_gets_no_password(self) -> None:
        with MailPeer(account=("anna", SECRET)) as bare:
            error = failure(to(bare.port, tls="starttls", username="anna", password=SECRET))
        assert isinstance(error, Refused)
        assert "offers no STARTTLS" in str(error)

    def test_a_port_without_tls_is_said(self, peer: MailPeer) -> None:
        assert "does not speak TLS there: check port and tls" in str(failure(to(peer.port, tls="ssl")))

    @pytest.mark.usefixtures("impatience")
    def test_a_port_that_speaks_tls_from_the_start_is_said(self, trusted: Path) -> None:
        with MailPeer(certificate=trusted, tls_from_the_start=True) as tls:
            assert "check host, port and tls" in str(failure(to(tls.port, tls="starttls")))

    def test_a_wrong_password_needs_a_human_and_stays_secret(self) -> None:
        with MailPeer(account=("anna", "another")) as strict:
            error = failure(to(strict.port, username="anna", password=SECRET))
        assert isinstance(error, Refused)
        assert "check username and password of channels.email" in str(error)
        assert SECRET not in f"{error} {error.__cause__!r}"

    def test_a_login_where_there_is_none_needs_a_human(self, peer: MailPeer) -> None:
        error = failure(to(peer.port, username="anna", password=SECRET))
        assert isinstance(error, Refused)
        assert "takes no login this way" in str(error)

    def test_no_login_where_there_is_one_needs_a_human(self) -> None:
        with MailPeer(account=("anna", SECRET)) as strict:
            assert isinstance(failure(to(strict.port)), Refused)

    def test_letters_no_login_can_carry_are_said(self) -> None:
        with MailPeer(account=("anna", "pässword")) as strict:
            error = failure(to(strict.port, username="anna", password="pässword"))
        assert isinstance(error, Refused)
        assert "plain letters" in str(error)

    def test_nothing_is_looked_up_about_this_machine(self, peer: MailPeer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "getfqdn", lambda *_: pytest.fail("its name was asked for"))
        to(peer.port).send(a_message())

    def test_a_password_in_a_netrc_file_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, peer: MailPeer
    ) -> None:
        (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login anna password {SECRET}\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        to(peer.port).send(a_bare_message())
        assert len(peer.letters) == 1


class a_stranger:  # noqa: N801 - reads as a phrase
    """Something that listens, says its greeting (a byte at a time, for ever, where it `drips`), and hears nothing."""

    def __init__(self, greeting: bytes, *, drips: bool = False) -> None:
        self.greeting, self.drips = greeting, drips
        self.done = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> int:
        self.thread.start()
        port: int = self.listener.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.listener.close()
        self.thread.join()

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with closing(connection):
            connection.sendall(self.greeting)
            while not self.done.wait(0.02):
                if self.drips:
                    try:
                        connection.sendall(b".")
                    except OSError:
                        return


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(f"{tag} {sorted(name for name, _ in attrs)}")  # type: ignore[attr-defined]
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and "style" not in self.inside:
            self.texts.append(data.strip())


def _read(content: str) -> _Reader:
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return reader


def texts(content: str) -> list[str]:
    """Return the pieces of text of a page, in order, as a person reads them."""
    return _read(content).texts


def tags(content: str) -> set[str]:
    """Return the elements of a page, with the names of their attributes."""
    return _read(content).tags
