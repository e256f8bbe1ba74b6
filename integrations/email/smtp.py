"""Speaking with a mail server: bounded in time, and every answer one of our four errors.

4xx      it may work later: Unavailable, or Throttled where the server says that it is asked too often
5xx      a human is needed (the login, an address, a policy): Refused; or it will never take this letter: Malformed
silence  after the letter was handed over nobody knows whether it was taken: Unavailable(perhaps_done=True)
"""

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from threading import Timer
from typing import Any

from integrations import _http
from integrations._http import redacted
from integrations.email.letter import domain
from service.ports import EdgeError, Malformed, Refused, Throttled, Unavailable

UNDERSTOOD, FAILED, FAILED_FOR_GOOD = 200, 400, 500
# A connection that ends, in the several ways the layers below call it.
PASSING = (
    smtplib.SMTPServerDisconnected,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
)
# What smtplib says, as if the server had, of a line without an end.
ENDLESS = "Line too long."
# How servers word that they are asked too often, for no code says it; a greylist asks for five minutes most often.
TOO_OFTEN = re.compile(r"\brate\b|too (many|much|fast|often)|limit|throttl|greylist", re.IGNORECASE)
BUSY_WAIT = timedelta(minutes=5)
# What is wrong with a letter itself (RFC 5321: too large, transaction failed; RFC 3463: 5.3.4 and 5.6), and not with
# who sends it to whom (5.1, 5.2) or with a policy (5.7).
ABOUT_THE_LETTER = re.compile(r"55[24](?! 5\.[127]\.)|5\d\d 5\.(6\.|3\.4)")
EXPLANATION_CHARS = 80

LOGIN = "check username and password of channels.email (many providers want an app password)"
SENDER = "check from in channels.email, and that this account may write as it"
RECIPIENT = "check to in channels.email"
POLICY = "ask whoever runs it what this account may send"
NO_STARTTLS = 'offers no STARTTLS: set tls of channels.email to "ssl", or to "none" for a server on this machine'
NO_LOGIN = "takes no login this way: check tls of channels.email, or take username and password out"
NO_TLS = "does not speak TLS there: check port and tls of channels.email"
NO_SUCH_TALK = "does not answer as mail servers do"
REACHING = "check host, port and tls of channels.email"
NOT_TRUSTED = "shows a certificate this machine does not trust"
SIGNS = "takes only plain letters (no umlauts or the like) in addresses, username and password: correct channels.email"

type Answer = tuple[int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server, how the way to it is protected ("starttls", "ssl" or "none"), and who we are there."""

    host: str
    port: int
    tls: str
    username: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"the mail server at {self.host}:{self.port}"

    @contextmanager
    def session(self, sender: str) -> Iterator[smtplib.SMTP]:
        """Open a session and log in; raise Refused, Unavailable or Throttled where that fails."""
        with self.asking(SENDER):
            session = self._connected(sender)
        try:
            self._let_in(session)
            yield session
        finally:
            with suppress(smtplib.SMTPException, OSError):
                session.quit()
            session.close()

    def hand_over(self, session: smtplib.SMTP, letter: EmailMessage, recipients: Sequence[str]) -> list[EdgeError]:
        """Hand a letter over and return for whom it was not taken, and why; raise where that is everybody."""
        with self.asking(SENDER):
            _expect(session.mail(letter["From"].addresses[0].addr_spec))
            answers = [session.rcpt(recipient) for recipient in recipients]
        refused = [self.refusal(code, said, RECIPIENT) for code, said in answers if code >= FAILED]
        if len(refused) == len(recipients):
            raise min(refused, key=lambda error: isinstance(error, Refused))
        with self.asking(POLICY, handed_over=True):
            if session.sock is not None:
                session.sock.settimeout(_http.WHOLE_S)  # servers look a letter over before they answer
            _expect(session.data(bytes(letter)))
        return refused

    def _connected(self, sender: str) -> smtplib.SMTP:
        # We greet with the sender's domain: this machine's name may mean nothing outside, and looking it up may hang.
        how: dict[str, Any] = {"timeout": _http.SILENCE_S, "local_hostname": domain(sender)}
        if self.tls == "ssl":
            return _BoundedTls(self.host, self.port, context=ssl.create_default_context(), **how)
        return _Bounded(self.host, self.port, **how)

    def _let_in(self, session: smtplib.SMTP) -> None:
        if self.tls == "starttls":
            with self.asking(NO_STARTTLS):
                session.starttls(context=ssl.create_default_context())
        with self.asking(LOGIN):
            session.ehlo_or_helo_if_needed()
            if self.username:
                session.login(self.username, self.password)

    @contextmanager
    def asking(self, advice: str, *, handed_over: bool = False) -> Iterator[None]:
        """Turn what goes wrong while the server is asked something into one of our errors."""
        try:
            yield
        except (smtplib.SMTPException, OSError, UnicodeEncodeError) as exc:
            cause = smtplib.SMTPException(redacted(repr(exc), [self.password]))
            raise self._error(exc, advice, handed_over=handed_over) from cause

    def _error(self, exc: Exception, advice: str, *, handed_over: bool) -> EdgeError:
        if isinstance(exc, smtplib.SMTPResponseException):
            return self.refusal(exc.smtp_code, exc.smtp_error, advice)
        if not isinstance(exc, PASSING) and (lacks := _lacks(exc, advice)):
            return Refused(f"{self} {lacks}")
        if isinstance(exc, TimeoutError):
            return Unavailable(f"{self} did not answer in time: {REACHING}", perhaps_done=handed_over)
        if isinstance(exc, PASSING):
            return Unavailable(f"{self} broke off: if this goes on, {REACHING}", perhaps_done=handed_over)
        return Unavailable(f"cannot reach {self}: {REACHING}")

    def refusal(self, code: int, said: bytes | str, advice: str) -> EdgeError:
        """Return the error that an answer stands for."""
        words = said.decode(errors="replace") if isinstance(said, bytes) else said
        line = redacted(" ".join(words.split()), [self.password])
        what = f"{self} answered {code} ({line[:EXPLANATION_CHARS]})"
        if code < UNDERSTOOD or words == ENDLESS:
            return Unavailable(f"{self} {NO_SUCH_TALK}: {REACHING}")
        if code < FAILED_FOR_GOOD:
            return Throttled(f"{what}: later", BUSY_WAIT) if TOO_OFTEN.search(line) else Unavailable(f"{what}: later")
        if advice == POLICY and ABOUT_THE_LETTER.match(f"{code} {line}"):
            return Malformed(f"{what}: it will not take this letter")
        return Refused(f"{what}: {advice}")


class _Bounded(smtplib.SMTP):
    """A session that ends after WHOLE_S: a time-out bounds only the silence between two bytes."""

    _watch: Timer | None = None

    def connect(self, host: str = "", port: int = 0, source_address: Any = None) -> Any:  # noqa: ANN401 - handed on
        self._watch = Timer(_http.WHOLE_S, lambda: _http.hang_up(self.sock))
        self._watch.daemon = True
        self._watch.start()
        return super().connect(host, port, source_address)

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().close()


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


def _lacks(exc: Exception, advice: str) -> str:
    """Return what a server lacks that a human has to see to, nothing where it may be in passing."""
    match exc:
        case ssl.SSLCertVerificationError():
            return f"{NOT_TRUSTED} ({exc.verify_message}): correct host, or have it trusted"
        case ssl.SSLError():
            return NO_TLS
        case UnicodeEncodeError():
            return SIGNS
        case smtplib.SMTPException():
            return NO_STARTTLS if advice == NO_STARTTLS else NO_LOGIN
    return ""


def _expect(answer: Answer) -> None:
    code, said = answer
    if code >= FAILED:
        raise smtplib.SMTPResponseException(code, said)
