"""A real mail server on loopback (aiosmtpd) that remembers every letter, and goes wrong on demand.

    with MailPeer() as peer:
        ...deliver to peer.host, peer.port...
        peer.letters       every letter taken, in order, repeats included
        peer.mailbox       what a mailbox that collapses repeats shows

By hand: python tests/peers/mail.py [--port P]
"""

import argparse
import asyncio
import ssl
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# A busy machine is no failure.
READY_S = 60.0
TAKEN = "250 OK, in the mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What happens to the next letter: another answer, no answer at all, or silence. It is taken or not."""

    answer: str = ""
    drops: bool = False
    takes: bool = False


class MailPeer:
    """A mail server. `refuses` maps commands (MAIL, or an address for RCPT) to answers."""

    def __init__(
        self,
        *,
        account: tuple[str, str] | None = None,
        certificate: Path | None = None,
        tls_from_the_start: bool = False,
        refuses: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.closed = Event()
        self._account = account
        self._refuses = refuses or {}
        self._troubles: deque[Trouble] = deque()
        tls = _server_side(certificate) if certificate else None
        how: dict[str, Any] = {"ssl_context": tls} if tls_from_the_start else {"tls_context": tls}
        if account is not None:
            how |= {"authenticator": self._admit, "auth_required": True, "auth_require_tls": tls is not None}
            how["auth_require_tls"] = tls is not None and not tls_from_the_start
        self._server = _AnyPort(
            self,
            hostname="127.0.0.1",
            server_hostname="mail.example.org",
            port=port,
            ready_timeout=READY_S,
            **how,
        )

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self._server.stop()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._server.port
        return port

    @property
    def mailbox(self) -> list[EmailMessage]:
        """What a mailbox shows that knows a letter by its Message-ID."""
        return list({letter["Message-ID"]: letter for letter in self.letters}.values())

    def trouble(self, *troubles: Trouble) -> None:
        """Let the next letters go wrong, one after the other."""
        self._troubles.extend(troubles)

    def _admit(
        self, _server: object, _session: object, _envelope: object, _mechanism: str, login: object
    ) -> AuthResult:
        known = isinstance(login, LoginPassword) and (login.login.decode(), login.password.decode()) == self._account
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self._refuses:
            return self._refuses["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self._refuses:
            return self._refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: object, envelope: Envelope) -> str:  # noqa: ANN401, N802 - aiosmtpd's name, and it ships without types
        trouble = self._troubles.popleft() if self._troubles else Trouble(takes=True)
        if trouble.takes:
            self.envelopes.append(envelope)
            self.letters.append(message_from_bytes(envelope.original_content or b"", policy=default))
        if trouble.drops:
            server.transport.abort()
        elif not trouble.takes and not trouble.answer:
            await asyncio.to_thread(self.closed.wait)
        return trouble.answer or TAKEN


class _AnyPort(Controller):
    """Listens at a port the system chooses, which the original cannot."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call] # half of aiosmtpd has types


def make_certificate(folder: Path, host: str = "127.0.0.1") -> Path:
    """Return a file with a self-made certificate for a host and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


def _server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def main() -> None:
    """Serve until interrupted, and print what comes."""
    parser = argparse.ArgumentParser(description="A mail server on loopback that remembers.")
    parser.add_argument("--port", type=int, default=2525)
    with MailPeer(port=parser.parse_args().port) as peer:
        sys.stdout.write(f"deliver to 127.0.0.1:{peer.port}\n")
        try:
            peer.closed.wait()
        except KeyboardInterrupt:
            sys.stdout.writelines(f"{letter}\n" for letter in peer.letters)


if __name__ == "__main__":
    main()
