"""Addresses that are keys: signed, good for one purpose, and for so long.

Whoever holds a session's address may see and settle that session, and nothing else.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from service.persistence.keys import kept_key

# Long enough to look back at last month's session, short enough for a forwarded message to go stale.
SESSION_LINK_LASTS = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """Makes and reads addresses below `base_url`."""

    base_url: str
    secret: str

    def session(self, session_id: int, since: datetime | None = None) -> str:
        """Return the address of a session's page, valid from a moment on (now unless stated): the same for the same."""
        return f"{self.base_url}/s/{self.session_token(session_id, since)}"

    def session_token(self, session_id: int, since: datetime | None = None) -> str:
        """Return what stands for a session in the address of its page."""
        return str(self._session_signer(since).dumps(session_id))

    def calendar(self, athlete: str) -> str:
        """Return the address of an athlete's calendar feed; it does not expire, for calendars ask for years."""
        return f"{self.base_url}/calendar/{self._calendar_signer().dumps(athlete)}.ics"

    def sign_in(self, key: str) -> str:
        """Return the address at which an invitation's key signs a browser in."""
        return f"{self.base_url}/sign-in/{key}"

    def read_session(self, token: str) -> tuple[int, datetime]:
        """Return the session a token stands for, and since when; raise KeyError where it is spoilt or has expired.

        Numbers of sessions that were deleted are given anew: a token is good for no session offered after it was made.
        """
        age = int(SESSION_LINK_LASTS.total_seconds())
        try:
            number, since = self._session_signer().loads(token, max_age=age, return_timestamp=True)
        except BadSignature as exc:
            raise KeyError("session link") from exc
        return int(number), since

    def read_calendar(self, token: str) -> str:
        """Return the athlete a calendar token stands for; raise KeyError where it was tampered with."""
        try:
            return str(self._calendar_signer().loads(token))
        except BadSignature as exc:
            raise KeyError("calendar link") from exc

    def _session_signer(self, since: datetime | None = None) -> URLSafeTimedSerializer:
        signed_at = None if since is None else int(since.timestamp())
        return URLSafeTimedSerializer(
            self.secret, salt="session", signer=_Signer, signer_kwargs={"signed_at": signed_at}
        )

    def _calendar_signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt="calendar")


class _Signer(TimestampSigner):
    """Signs as at a moment, now for None."""

    def __init__(self, *given: Any, signed_at: int | None = None, **named: Any) -> None:  # noqa: ANN401 - handed on
        super().__init__(*given, **named)
        self._signed_at = signed_at

    def get_timestamp(self) -> int:
        """Return when it is signed."""
        return super().get_timestamp() if self._signed_at is None else self._signed_at


def link_secret(folder: Path) -> str:
    """Return the secret that signs addresses, made once and kept in `folder` for the owner's eyes only."""
    return kept_key(folder / "links.key", lambda: secrets.token_urlsafe(32))
