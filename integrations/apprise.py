"""Apprise: the long tail of notification services, each named by an address such as tgram://token/chat.

    channel(urls=["tgram://..."])

Apprise has no key by which a service could know a repeat, and calls a send failed when the answer is late, although the
message may have come. So a message counts as sent once one service took it, and nothing is repeated that may have
arrived.
"""

import logging
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from service.domain.message import Message
from service.domain.plain_text import cut, plain_text
from service.ports import Capabilities, Outcome, Refused, Unavailable

# The shortest limits among the services in wide use: Pushover's for a title, Discord's for a body.
TITLE_CHARS, BODY_CHARS = 250, 2000
# All services together; the outbox counts on half a minute at most.
WHOLE_S = 25
# How Apprise words, in its log, that nothing arrived: the service could not be reached, or answered with a failure.
NEVER_ARRIVED = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeoutError|error=\d{3}")
NEEDS_A_HUMAN = re.compile(r"error=40[134](\d\d)?\b")

log = logging.getLogger(__name__)


def channel(*, urls: Sequence[str]) -> "Apprise":
    """Return the channel to these services; raise Refused where none is named."""
    return Apprise(urls)


class Apprise:
    """Sends to every service it is given."""

    name = "apprise"
    capabilities = Capabilities(body_limit=BODY_CHARS)

    def __init__(self, urls: Sequence[str]) -> None:
        if not urls:
            raise Refused("channels.apprise names no service: write at least one address into its urls")
        self._urls = tuple(urls)
        self._services: Any = None  # Apprise's, which ships without types

    def check(self) -> str:
        """Return how many addresses Apprise understands, asking none of them; raise Refused for one it does not."""
        return f"{len(self._ready())} addresses understood, none asked"

    def send(self, message: Message, earlier: str | None = None) -> str:  # noqa: ARG002 - the port's form
        """Send to every service and return which took it; raise as Channel says where none did."""
        result = self._ready().notify(
            title=cut(message.title, lambda text: len(text) <= TITLE_CHARS),
            body=plain_text(message, fits=lambda text: len(text) <= BODY_CHARS, link=True),
            body_format="text",
            timeout=WHOLE_S,
            log_level=logging.DEBUG,
        )
        took = [service.name for service in result if service]
        failed = [service for service in result if not service]
        if not took:
            raise _failure(failed)
        if failed:
            log.warning("a message reached %s, but not %s", ", ".join(took), _names(failed))
        return f"taken by {', '.join(took)}"

    def reconcile(self, message: Message, since: datetime) -> Outcome:  # noqa: ARG002 - the port's form
        """Return UNKNOWN: these services cannot be asked."""
        return Outcome.UNKNOWN

    def _ready(self) -> Any:  # noqa: ANN401 - as above
        if self._services is None:
            self._services = _loaded(self._urls)
        return self._services


def _loaded(urls: Sequence[str]) -> Any:  # noqa: ANN401 - Apprise's, which ships without types
    import apprise  # noqa: PLC0415 - takes a fifth of a second, which only its users should pay

    # Addresses and messages stand in these logs: Apprise's is read here, for what happened, and goes nowhere else.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    apprise.logger.setLevel(logging.DEBUG)
    apprise.logger.propagate = False
    asset = apprise.AppriseAsset(
        app_id="Afterrun", app_desc="Afterrun", image_url_mask="", image_path_mask="", http_redirects=False
    )
    services = apprise.Apprise(asset=asset)
    for number, url in enumerate(urls, start=1):
        if not services.add(url):
            kind = url.partition("://")[0] if "://" in url else "no kind"
            raise Refused(f"Apprise does not understand address {number} of channels.apprise ({kind}): correct it")
    return services


def _failure(failed: Sequence[Any]) -> Refused | Unavailable:
    accounts = ["\n".join(entry.message for entry in service.logs()) for service in failed]
    if all(NEEDS_A_HUMAN.search(account) for account in accounts):
        return Refused(f"{_names(failed)} will not let us in: correct its address in channels.apprise")
    perhaps_done = not all(NEVER_ARRIVED.search(account) for account in accounts)
    return Unavailable(f"{_names(failed)} did not take the message: trying again later", perhaps_done=perhaps_done)


def _names(services: Sequence[Any]) -> str:
    return " and ".join(dict.fromkeys(service.name for service in services)) or "Apprise"
