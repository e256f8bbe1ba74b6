"""Who may come in: one-time links, browsers that used one, and tokens for programs.

    invite -> a link good once -> accept -> a browser's key, renewed day by day -> leave, or it goes stale

Keys are long and random, handed out once, and kept only as their digest: who reads the database cannot come in.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.ports import Clock, Database, Pass, PassKind, Store

# Long enough to walk over to the phone and scan it.
INVITATION_LASTS = timedelta(minutes=30)
# A browser not seen for so long signs in anew; one that comes daily never has to.
BROWSER_LASTS = timedelta(days=90)
# A key that was taken from a browser is worthless the next day it is used.
RENEWED_AFTER = timedelta(days=1)
# Requests under way with the old key while the new one is on its way.
OVERLAP = timedelta(minutes=1)
KEY_BYTES = 32
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Someone who is known.

    `guard` is what their forms must bring along; `new_key` is what their browser is to keep from now on, if anything.
    """

    athlete: str
    pass_id: int
    guard: str
    new_key: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Lets people and programs in. `athletes` are those of the settings: nobody else has anything here."""

    database: Database
    athletes: Collection[str]
    clock: Clock

    def invite(self, athlete: str) -> str:
        """Return a key that signs one browser in as an athlete, once."""
        with self.database.writing() as store:
            return self._issue(store, PassKind.INVITATION, athlete, "", INVITATION_LASTS)

    def invited(self, key: str) -> str | None:
        """Return whom a key would sign in, using nothing up; None where it would sign in nobody any more."""
        with self.database.reading() as store:
            found = store.pass_of(PassKind.INVITATION, _digest(key), self.clock.now())
        return found.athlete if found and found.athlete in self.athletes else None

    def accept(self, key: str, browser: str) -> str | None:
        """Use an invitation up and return the browser's own key; None where it was used before or is too old.

        `browser` is what its owner will know it by.
        """
        with self.database.writing() as store:
            found = store.use_up_pass(PassKind.INVITATION, _digest(key), self.clock.now())
            if found is None or found.athlete not in self.athletes:
                return None
            return self._issue(store, PassKind.BROWSER, found.athlete, browser, BROWSER_LASTS)

    def browser(self, key: str) -> Visitor | None:
        """Return who comes with a browser's key, and the key to go on with once a day; None for nobody we know."""
        now = self.clock.now()
        with self.database.reading() as store:
            found = store.pass_of(PassKind.BROWSER, _digest(key), now)
        if found is None or found.athlete not in self.athletes:
            return None
        new_key = self._renewed(found, now) if now - found.made_at >= RENEWED_AFTER else None
        return Visitor(athlete=found.athlete, pass_id=found.id, guard=_guard(new_key or key), new_key=new_key)

    def leave(self, key: str) -> None:
        """Sign a browser out."""
        with self.database.writing() as store:
            store.use_up_pass(PassKind.BROWSER, _digest(key), self.clock.now())

    def issue_token(self, athlete: str, name: str) -> str:
        """Return a new token for a program that acts for an athlete; it is shown this once and lasts until revoked."""
        with self.database.writing() as store:
            return self._issue(store, PassKind.TOKEN, athlete, name, None)

    def program(self, token: str) -> Visitor | None:
        """Return for whom a program acts, None where its token is none of ours."""
        with self.database.reading() as store:
            found = store.pass_of(PassKind.TOKEN, _digest(token), self.clock.now())
        if found is None or found.athlete not in self.athletes:
            return None
        return Visitor(athlete=found.athlete, pass_id=found.id, guard="")

    def passes(self, athlete: str, kind: PassKind) -> Sequence[Pass]:
        """Return an athlete's browsers or tokens, the oldest first."""
        now = self.clock.now()
        with self.database.reading() as store:
            found = store.passes(athlete, kind, now)
        return [one for one in found if one.expires_at is None or one.expires_at > now + OVERLAP]

    def revoke(self, athlete: str, pass_id: int) -> bool:
        """End one of an athlete's browsers or tokens; return False where it is not theirs."""
        with self.database.writing() as store:
            return store.revoke_pass(athlete, pass_id)

    def _renewed(self, old: Pass, now: datetime) -> str | None:
        """Return a new key in place of an old one, None where another request was given it."""
        with self.database.writing() as store:
            if not store.shorten_pass(old.id, now + OVERLAP):
                return None
            return self._issue(store, PassKind.BROWSER, old.athlete, old.name, BROWSER_LASTS)

    def _issue(self, store: Store, kind: PassKind, athlete: str, name: str, lasts: timedelta | None) -> str:
        key, now = secrets.token_urlsafe(KEY_BYTES), self.clock.now()
        expires_at = None if lasts is None else now + lasts
        store.add_pass(
            kind, _digest(key), athlete=athlete, name=name[:LONGEST_NAME], made_at=now, expires_at=expires_at
        )
        return key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _guard(key: str) -> str:
    """Return what a form must bring along: it follows from the browser's key, and the key does not follow from it."""
    return hashlib.sha256(f"guard/{key}".encode()).hexdigest()[:32]
