"""Secrets of sources and channels, sealed in the database.

    secret -> JSON -> Fernet -> credentials.sealed

A key is a line of `vault.key`, the newest first: what older ones sealed is still read, and sealed with the newest when
it is written next. Whoever renews a token holds a lease on its row, so that no two processes use up one refresh token.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import ColumnElement, Engine, Row, and_, delete, not_, or_, select, update

from service.persistence._base import READS_ONLY, insert_new, runs_on
from service.persistence._troubles import answering
from service.persistence.keys import DamagedKeyError
from service.persistence.tables import credentials
from service.ports import Clock, Refused, Secret, Unavailable

# Longer than any one exchange with a platform may take (25 s): after a crash so long a renewal waits.
LEASE = timedelta(seconds=60)
LOOK_AGAIN_S = 0.2


def cipher(keys: str) -> MultiFernet:
    """Return what seals and opens; `keys` holds one a line, the newest first.

    Raise DamagedKeyError where one of them is no such key.
    """
    try:
        return MultiFernet([Fernet(key) for key in keys.split()])
    except ValueError as exc:
        raise DamagedKeyError(
            "the key that seals tokens (keys/vault.key, or the credential vault_key) is damaged: put it back from a"
            " backup, or remove it and connect your sources again"
        ) from exc


def new_key() -> str:
    """Return a key nobody has seen."""
    return Fernet.generate_key().decode()


def unreadable(engine: Engine, cipher: MultiFernet) -> list[tuple[str, str]]:
    """Return the systems, by athlete and name, whose secrets the cipher cannot open."""
    return [(row.athlete, row.system) for row in _all_sealed(engine) if not _opens(cipher, row.sealed)]


def reseal(engine: Engine, cipher: MultiFernet) -> int:
    """Seal every secret with the newest key, all at once, and return how many; raise Refused where a key is lost."""
    with engine.begin() as connection:
        rows = connection.execute(select(credentials).where(credentials.c.sealed.is_not(None)).with_for_update()).all()
        for row in rows:
            try:
                sealed = cipher.rotate(row.sealed)
            except InvalidToken as exc:
                raise Refused(_lost_key(row.system)) from exc
            mine = (credentials.c.athlete == row.athlete) & (credentials.c.system == row.system)
            connection.execute(update(credentials).where(mine).values(sealed=sealed))
    return len(rows)


def _all_sealed(engine: Engine) -> Sequence[Row[Any]]:
    with engine.connect() as connection:
        return connection.execute(select(credentials).where(credentials.c.sealed.is_not(None))).all()


def _opens(cipher: MultiFernet, sealed: bytes) -> bool:
    with suppress(InvalidToken):
        return bool(cipher.decrypt(sealed))
    return False


def _lost_key(system: str) -> str:
    name = system.partition(".")[2]
    return (
        f"the tokens of {name} were sealed with another key: put the old vault.key back into the keys folder, or run"
        f" `afterrun connect {name}` again"
    )


class SqlVault:
    """The secret of one athlete's source or channel, named as in the settings ("sources.strava").

    `heard` is told every secret that is read or written, so that it can be kept out of the log.
    """

    def __init__(
        self,
        engine: Engine,
        cipher: MultiFernet,
        athlete: str,
        system: str,
        *,
        clock: Clock,
        wait: Callable[[float], None] = time.sleep,
        heard: Callable[[Secret], None] = lambda secret: None,  # noqa: ARG005 - whom nobody listens to
    ) -> None:
        self._engine = engine
        self._cipher = cipher
        self._athlete = athlete
        self._system = system
        self._clock = clock
        self._wait = wait
        self._heard = heard
        self._token: str | None = None

    def read(self) -> Secret | None:
        """Return what was written last, None where nothing was; raise Refused where the key to it is lost."""
        with answering(), self._engine.execution_options(**{READS_ONLY: True}).connect() as connection:
            sealed = connection.execute(select(credentials.c.sealed).where(self._mine)).scalar_one_or_none()
        if sealed is None:
            return None
        try:
            secret: Secret = json.loads(self._cipher.decrypt(sealed))
        except InvalidToken as exc:
            raise Refused(_lost_key(self._system)) from exc
        self._heard(secret)
        return secret

    def write(self, secret: Secret) -> None:
        """Put a secret in the place of the last one, durable before this returns; raise Unavailable as Vault says."""
        self._heard(secret)
        sealed = self._cipher.encrypt(json.dumps(dict(secret)).encode())
        values = {"sealed": sealed, "changed_at": self._clock.now()}
        mine = self._mine if self._token is None else self._mine & (credentials.c.lease_token == self._token)
        with answering(), self._engine.begin() as connection:
            if connection.execute(update(credentials).where(mine).values(**values)).rowcount:
                return
            if self._token is not None:
                raise Unavailable("another process has renewed these tokens meanwhile: trying again later")
            insert_new(connection, credentials, athlete=self._athlete, system=self._system, **values)

    def forget(self) -> None:
        """Forget the secret."""
        with answering(), self._engine.begin() as connection:
            connection.execute(delete(credentials).where(self._mine))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the right to replace the secret; raise Unavailable where another process keeps holding it."""
        token = self._token = self._taken()
        try:
            yield
        finally:
            self._token = None
            with answering(), self._engine.begin() as connection:
                held = self._mine & (credentials.c.lease_token == token)
                connection.execute(update(credentials).where(held).values(lease_until=None, lease_token=None))

    def _taken(self) -> str:
        token, until = str(uuid4()), self._clock.now() + LEASE
        for _ in range(int(LEASE.total_seconds() / LOOK_AGAIN_S)):
            if self._take(token):
                return token
            if self._clock.now() > until:
                break
            self._wait(LOOK_AGAIN_S)
        raise Unavailable("another Afterrun is renewing these tokens: trying again later")

    def _take(self, token: str) -> bool:
        now = self._clock.now()
        free = or_(credentials.c.lease_until.is_(None), not_(runs_on(credentials.c.lease_until, now, LEASE)))
        lease = {"lease_until": now + LEASE, "lease_token": token}
        with answering(), self._engine.begin() as connection:
            insert_new(connection, credentials, athlete=self._athlete, system=self._system)
            return connection.execute(update(credentials).where(self._mine & free).values(**lease)).rowcount == 1

    @property
    def _mine(self) -> ColumnElement[bool]:
        return and_(credentials.c.athlete == self._athlete, credentials.c.system == self._system)
