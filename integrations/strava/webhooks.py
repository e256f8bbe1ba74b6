"""What Strava tells by itself: that a run was made, edited or deleted, or that a runner took their consent back.

    GET  hub.mode, hub.challenge, hub.verify_token     -> the challenge, where the token is ours
    POST object_type, object_id, aspect_type, updates, owner_id, subscription_id, event_time [X-Strava-Signature]

An event is a hint and nothing more: whatever it says is asked for before anything is done. Strava does not promise to
sign events; who knows the secret path, our subscription's number and a runner's number may have us look once more.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.strava._api import Api
from service.ports import Aspect, Clock, Conversation, Event, Ledger, Refused, Vault

SIGNATURE = "x-strava-signature"
ONE_OF_ANOTHER = (
    "this application has a subscription that sends events elsewhere ({url}): `afterrun webhook strava remove` ends it"
)
NONE_YET = "Strava tells nothing by itself yet: `afterrun webhook strava create` has it tell of each run"
STALE = "the subscription kept here is not the one Strava has: `afterrun webhook strava create` makes them one again"


def webhook(
    *, client_id: int, client_secret: str, base_url: str, oauth_url: str, vault: Vault, ledger: Ledger, clock: Clock
) -> "Webhook":
    """Return the webhook of one API application; `vault` is the application's own."""
    api = Api(
        client_id=client_id,
        client_secret=client_secret,
        base_url=base_url,
        oauth_url=oauth_url,
        ledger=ledger,
        clock=clock,
    )
    return Webhook(api, vault, client_secret)


class Webhook:
    """Hears what Strava tells one API application (Webhook)."""

    def __init__(self, api: Api, vault: Vault, client_secret: str) -> None:
        self._api = api
        self._vault = vault
        self._secret = client_secret.encode()
        self._known: int | None = None

    def challenge(self, query: Mapping[str, str], token: str) -> Mapping[str, str] | None:
        """Return what to answer to a knock at the door, None where it is not Strava's."""
        known = hmac.compare_digest(query.get("hub.verify_token", "").encode(), token.encode())
        if not known or query.get("hub.mode") != "subscribe" or "hub.challenge" not in query:
            return None
        return {"hub.challenge": query["hub.challenge"]}

    def event(self, body: bytes, headers: Mapping[str, str]) -> Event | None:
        """Return what an event says, None where it is forged, another application's, or of no interest."""
        if SIGNATURE in headers and not self._signed(body, headers[SIGNATURE]):
            return None
        try:
            told = json.loads(body)
            if not self._is_ours(int(told["subscription_id"])):
                return None
            return _read(told)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return None

    def create(self, talk: Conversation, callback: str, token: str) -> None:
        """Have Strava tell of runs at `callback`; a subscription that sends them there already is taken over."""
        found = self._api.subscriptions()
        for one in found:
            if one["callback_url"] != callback:
                raise Refused(ONE_OF_ANOTHER.format(url=_without_path(one["callback_url"])))
        number = found[0]["id"] if found else self._api.subscribe(callback, token)
        self._vault.write({"subscription": number})
        self._known = number
        talk.say(f"Strava tells of each run from now on (subscription {number}).")

    def check(self, talk: Conversation, callback: str) -> None:
        """Say that Strava tells of runs at `callback`; raise Refused with what to do where it does not."""
        found = self._api.subscriptions()
        if not found:
            raise Refused(NONE_YET)
        if found[0]["callback_url"] != callback:
            raise Refused(ONE_OF_ANOTHER.format(url=_without_path(found[0]["callback_url"])))
        if found[0]["id"] != self._subscription():
            raise Refused(STALE)
        talk.say(f"Strava tells of each run (subscription {found[0]['id']}).")

    def remove(self, talk: Conversation) -> None:
        """Have Strava tell nothing any more."""
        found = self._api.subscriptions()
        for one in found:
            self._api.unsubscribe(one["id"])
        self._vault.forget()
        self._known = None
        talk.say("Strava tells nothing by itself any more." if found else "Strava had no subscription.")

    def _is_ours(self, subscription: int) -> bool:
        """Return whether this is our subscription, or was until another process ended it; looked up where it is not."""
        if subscription != self._known:
            self._known = self._subscription()
        return subscription == self._known

    def _subscription(self) -> int | None:
        kept = self._vault.read()
        return None if kept is None else int(kept["subscription"])

    def _signed(self, body: bytes, signature: str) -> bool:
        """Return whether "t=...,v1=..." was made of this body with the application's secret."""
        parts = dict(part.strip().partition("=")[::2] for part in signature.split(","))
        made = hmac.new(self._secret, parts.get("t", "").encode() + b"." + body, "sha256").hexdigest()
        return hmac.compare_digest(made.encode(), parts.get("v1", "").encode())


def _read(told: Mapping[str, Any]) -> Event | None:
    owner, at = str(int(told["owner_id"])), datetime.fromtimestamp(int(told.get("event_time", 0)), UTC)
    if told["object_type"] == "activity":
        subject, aspect = str(int(told["object_id"])), Aspect(told["aspect_type"])
        return Event(source="strava", owner=owner, subject=subject, aspect=aspect, at=at)
    if told["object_type"] == "athlete" and _is_no(told.get("updates", {}).get("authorized")):
        return Event(source="strava", owner=owner, subject="", aspect=Aspect.LEFT, at=at)
    return None


def _is_no(value: object) -> bool:
    return value is False or str(value).lower() == "false"


def _without_path(url: str) -> str:
    """Return where an address leads, without the secret in its path."""
    return "/".join(url.split("/")[:3])
