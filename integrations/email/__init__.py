"""E-mail: a letter for each routine.

    channel(host="smtp.example.org", port=587, tls="starttls", **{"from": "afterrun@example.org"}, to=["me@..."], ...)

A letter's Message-ID comes from its message's key, so the mailboxes that collapse repeats do. Not all do, a mailbox
cannot be asked, and a letter cannot be changed once it is out: nothing of the kind is promised.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from integrations.email.letter import letter
from integrations.email.smtp import MailServer
from service.domain.message import Message
from service.ports import Capabilities, Clock, Outcome

log = logging.getLogger(__name__)


def channel(
    *,
    host: str,
    port: int,
    tls: str,
    to: Sequence[str],
    username: str | None = None,
    password: str | None = None,
    clock: Clock,
    **sender: str,  # "from", which Python keeps to itself
) -> "Email":
    """Return the channel from one address to others, through a mail server."""
    server = MailServer(host=host, port=port, tls=tls, username=username or "", password=password or "")
    return Email(server, sender["from"], tuple(to), clock)


class Email:
    """Writes letters."""

    name = "email"
    capabilities = Capabilities()

    def __init__(self, server: MailServer, sender: str, recipients: Sequence[str], clock: Clock) -> None:
        self._server = server
        self._sender = sender
        self._recipients = recipients
        self._clock = clock

    def check(self) -> str:
        """Return that the mail server lets us in, writing to nobody; raise as Channel says where it does not."""
        with self._server.session(self._sender):
            return "the mail server lets us in"

    def send(self, message: Message, earlier: str | None = None) -> str:  # noqa: ARG002 - the port's form
        """Hand a letter over and return its Message-ID; raise as Channel says where nobody's was taken.

        Once it was taken for one address it counts as sent: the others are named in the log, and nobody gets it twice.
        """
        written = letter(message, self._sender, self._recipients, self._clock.now())
        with self._server.session(self._sender) as session:
            refused = self._server.hand_over(session, written, self._recipients)
        for error in refused:
            log.warning("a letter was not taken for everybody: %s", error)
        return str(written["Message-ID"])

    def reconcile(self, message: Message, since: datetime) -> Outcome:  # noqa: ARG002 - the port's form
        """Return UNKNOWN: a mailbox cannot be asked."""
        return Outcome.UNKNOWN
