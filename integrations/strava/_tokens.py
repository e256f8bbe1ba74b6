"""A runner's tokens: kept in the vault, renewed by one process at a time.

    less than five minutes left -> alone -> read again -> renew -> write -> use

A refresh token dies with its use, so the new one is on the disk before anything else is asked for. Between Strava's
answer and the disk lies nothing but sealing it; should the answer itself be lost, the runner has to connect again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from integrations.strava._api import CONNECT, Api, GoneError, Grant
from service.ports import Clock, Refused, Secret, Vault

# Longer than a round of asking takes.
LEEWAY = timedelta(minutes=5)
NOT_CONNECTED = f"Strava is not connected: {CONNECT}"
LEFT = (
    "Strava no longer lets Afterrun in, so what it lent was let go of; your sessions stay. To have runs from there"
    f" again, {CONNECT}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is kept of a consent: its tokens, Strava's number of the runner, and what they let us see."""

    athlete: int
    access: str
    refresh: str
    expires_at: int
    scopes: tuple[str, ...] = ()


class Tokens:
    """The tokens of one runner."""

    def __init__(self, vault: Vault, api: Api, clock: Clock) -> None:
        self._vault = vault
        self._api = api
        self._clock = clock

    def held(self) -> Held | None:
        """Return what is kept, None where nothing is."""
        secret = self._vault.read()
        return None if secret is None or "left" in secret else Held(**{**secret, "scopes": tuple(secret["scopes"])})

    def access(self) -> str:
        """Return an access token with some minutes left; raise Refused where the runner has to connect."""
        held = self._kept()
        left = held.expires_at - self._clock.now().timestamp()
        return held.access if left >= LEEWAY.total_seconds() else self.renewed(held.access)

    def renewed(self, stale: str) -> str:
        """Return an access token other than `stale`; raise GoneError where the runner's consent is gone."""
        with self._vault.alone():
            held = self._kept()
            if held.access != stale:  # another process was faster
                return held.access
            grant = self._api.refresh(held.refresh)
            self.keep(grant, held.athlete, held.scopes)
        return grant.access

    def still_good(self) -> bool:
        """Ask Strava whether the runner's consent still stands."""
        held = self.held()
        if held is None:
            return False
        try:
            self.renewed(held.access)
        except GoneError:
            return False
        return True

    def keep(self, grant: Grant, athlete: int, scopes: Sequence[str]) -> None:
        """Write tokens in the place of the last ones."""
        held = Held(
            athlete=athlete,
            access=grant.access,
            refresh=grant.refresh,
            expires_at=grant.expires_at,
            scopes=tuple(scopes),
        )
        secret: Secret = asdict(held)
        self._vault.write(secret)

    def forget(self) -> None:
        """Forget them."""
        self._vault.forget()

    def leave(self) -> None:
        """Forget them, and remember that it was the runner who took them back."""
        self._vault.write({"left": True})

    def _kept(self) -> Held:
        held = self.held()
        if held is None:
            raise Refused(LEFT if self._vault.read() else NOT_CONNECTED)
        return held
