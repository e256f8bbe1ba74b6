"""ntfy: a push to the phone.

    channel(url="https://ntfy.sh/a-topic-nobody-guesses", token="tk_...", clock=...)

A message is published as JSON to the server's root, the one form that carries every language in a title. Its sequence
id comes from the message's key: servers from 2.16 on, with the Android and web apps, show a repeat in place of the
first. Older servers and the iOS app do not, so nothing is promised: a send whose answer was lost is looked for in the
server's cache before it is repeated. So that an older server can be asked too, the key also stands behind the # of
the link, where no page and no person sees it.

What becomes of a message is put right in its sequence: changed words come at the lowest priority, without a sound; a
message that is done or withdrawn leaves the phone. A server from before 2.16 would show each of these as another
message, so it gets none: whether it knows sequences it says in its answer, and the receipt keeps that.
"""

import json
import re
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid5

from integrations._http import Bearer, Client
from service.domain.message import Message, Phase
from service.domain.plain_text import cut, plain_text
from service.domain.sessions import NAMESPACE
from service.ports import Capabilities, Clock, Outcome, Refused

TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")  # the server's own rule
# A push travels through the phone makers' services, which carry 4,000 bytes with the server's own fields among them;
# ntfy cuts what is longer. (Its own limit for a message is 4,096 bytes; beyond, it becomes an attached file.)
DOCUMENT_BYTES = 3500
TITLE_BYTES = 250
# How long servers keep messages unless set up otherwise; what is older can no longer be looked for.
CACHE = timedelta(hours=12)
# The server's clock may be this far from ours.
CLOCKS_APART = timedelta(minutes=10)
# Topics hold a few messages a day; 12 hours of a busy shared one are still within this.
CACHE_BYTES = 4 * 1024 * 1024
ACTIONS = 3  # as many as ntfy takes
SILENT = 1  # the lowest priority: no sound, no light, below the fold
# What stands between the server's number and the sequence in the receipt of a message that can be put right.
IN_SEQUENCE = " in sequence "
# How a server answers that knows no sequences (any more).
KNOWS_NONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
# At most one sign before a title, from the names ntfy knows.
SIGNS = {"digest": "clipboard", "later": "crescent_moon", "now": "runner", "whole": "runner"}
ADVICE = {
    401: "the token is not known there: make a new one and put it into channels.ntfy",
    403: "this topic is closed to us: give channels.ntfy a token that may write to it, or choose another topic",
    404: "no ntfy server is at this address: correct the url of channels.ntfy",
}
BAD_URL = "the url of channels.ntfy is not the address of a topic: write it as https://ntfy.sh/your-topic"


def channel(*, url: str, token: str | None = None, clock: Clock) -> "Ntfy":
    """Return the channel to a topic; raise Refused where the address names none."""
    return Ntfy(url, token or "", clock)


class Ntfy:
    """Publishes to one topic."""

    name = "ntfy"
    capabilities = Capabilities(actions=True, updates=True, body_limit=DOCUMENT_BYTES)

    def __init__(self, url: str, token: str, clock: Clock) -> None:
        self._root, self._topic = _split(url)
        self._clock = clock
        # Who knows the topic can read it, so it is as secret as the token.
        self._client = Client("ntfy", auth=Bearer(token), secrets=[token, self._topic], advice=ADVICE)

    def check(self) -> str:
        """Return whether the topic answers and may be read; raise as Channel says where it does not answer."""
        if self._cached(self._clock.now()) is None:
            return "the topic answers, but may not be read: a message whose answer is lost cannot be looked for there"
        return "the topic answers"

    def send(self, message: Message, earlier: str | None = None) -> str:
        """Publish a message, or put right what came before; return what is known of it. Raise as Channel says."""
        document = self._document(message)
        if message.phase is Phase.NEW:
            return self._publish(document)
        if IN_SEQUENCE not in (earlier or ""):
            return earlier or "left as it is"
        if message.phase is Phase.CHANGED:
            return self._publish(document | {"priority": SILENT})
        self._take_back(document["sequence_id"], delete=message.phase is Phase.WITHDRAWN)
        return str(earlier)

    def _publish(self, document: dict[str, Any]) -> str:
        """Return the server's number for the message, and its sequence where the server knows sequences."""
        headers = {"Content-Type": "application/json"}
        reply = self._client.request("POST", self._root, data=_encoded(document), headers=headers)
        answer = reply.json()
        if not isinstance(answer, dict) or answer.get("event") != "message" or not answer.get("id"):
            raise reply.nonsense()
        knows = answer.get("sequence_id") == document["sequence_id"]
        return f"{answer['id']}{IN_SEQUENCE}{document['sequence_id']}" if knows else str(answer["id"])

    def _take_back(self, sequence: str, *, delete: bool) -> None:
        """Have the phones delete a message, or only put its notification away."""
        address = f"{self._root}{self._topic}/{sequence}"
        if delete:
            self._client.request("DELETE", address, accept=KNOWS_NONE)
        else:
            self._client.request("PUT", f"{address}/clear", accept=KNOWS_NONE)

    def reconcile(self, message: Message, since: datetime) -> Outcome:
        """Look for the message in the server's cache.

        UNKNOWN where the token may write but not read, or where the cache no longer reaches back to `since`. A server
        whose cache is switched off answers as if nothing had arrived.
        """
        entries = self._cached(since - CLOCKS_APART)
        if entries is None:
            return Outcome.UNKNOWN
        document = self._document(message)
        if any(_tells(entry, document) for entry in entries):
            return Outcome.ARRIVED
        return Outcome.UNKNOWN if self._clock.now() - since > CACHE else Outcome.ABSENT

    def _document(self, message: Message) -> dict[str, Any]:
        mark = uuid5(NAMESPACE, message.key).hex
        document: dict[str, Any] = {
            "topic": self._topic,
            "title": cut(message.title, lambda title: len(title.encode()) <= TITLE_BYTES),
            "sequence_id": mark,
            "actions": [
                {"action": "http", "label": action.label, "url": action.url, "method": "POST", "clear": True}
                for action in message.actions[:ACTIONS]
            ],
            "tags": [SIGNS[tag] for tag in message.tags if tag in SIGNS][:1],
        }
        if message.link:
            document["click"] = f"{message.link}#{mark}"
        return document | {"message": plain_text(message, fits=lambda text: _fits(document, text))}

    def _cached(self, since: datetime) -> list[dict[str, Any]] | None:
        """Return what the server holds of this topic, or None where it will not tell."""
        asked = {"poll": "1", "since": str(int(since.timestamp()))}
        address = f"{self._root}{self._topic}/json"
        reply = self._client.request("GET", address, params=asked, accept={403}, body_bytes=CACHE_BYTES)
        if reply.status == HTTPStatus.FORBIDDEN:
            return None
        entries = reply.json_lines()
        if not all(isinstance(entry, dict) for entry in entries):
            raise reply.nonsense()
        return [entry for entry in entries if entry.get("event") == "message"]


def _tells(entry: dict[str, Any], document: dict[str, Any]) -> bool:
    """Say whether a cached entry is this message: by sequence id, by the mark in its link, or by its words."""
    if entry.get("sequence_id") == document["sequence_id"]:
        return True
    if "click" in document:
        return str(entry.get("click", "")).endswith(f"#{document['sequence_id']}")
    return (entry.get("title"), entry.get("message")) == (document["title"], document["message"])


def _fits(document: dict[str, Any], text: str) -> bool:
    return len(_encoded(document | {"message": text})) <= DOCUMENT_BYTES


def _encoded(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _split(url: str) -> tuple[str, str]:
    """Return the server's root, with a slash at its end, and the topic."""
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise Refused(BAD_URL) from exc
    folder, _, topic = parts.path.rstrip("/").rpartition("/")
    well_formed = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    if not well_formed or not TOPIC.fullmatch(topic):
        raise Refused(BAD_URL)
    return f"{parts.scheme}://{parts.netloc}{folder}/", topic
