"""Invitations, browsers and tokens, each by the digest of its key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, or_, select, update

from service.persistence._base import Questions
from service.persistence.tables import passes
from service.ports import Pass, PassKind


class PassQuestions(Questions):
    """Questions about who may come in."""

    def add_pass(
        self, kind: PassKind, digest: str, *, athlete: str, name: str, made_at: datetime, expires_at: datetime | None
    ) -> None:
        """Write a pass; those that have run out by now are forgotten."""
        self.connection.execute(delete(passes).where(passes.c.expires_at <= made_at))
        row = {"kind": kind.value, "digest": digest, "athlete": athlete, "name": name}
        self.connection.execute(insert(passes).values(**row, made_at=made_at, expires_at=expires_at))

    def pass_of(self, kind: PassKind, digest: str, now: datetime) -> Pass | None:
        """Return the pass of this digest that still holds, None where there is none."""
        row = self.connection.execute(select(passes).where(_holds(kind, digest, now))).one_or_none()
        return _pass(row) if row else None

    def use_up_pass(self, kind: PassKind, digest: str, now: datetime) -> Pass | None:
        """Take a pass that still holds away and return it: of two that try, one gets it."""
        taken = delete(passes).where(_holds(kind, digest, now)).returning(passes)
        row = self.connection.execute(taken).one_or_none()
        return _pass(row) if row else None

    def shorten_pass(self, pass_id: int, until: datetime) -> bool:
        """Let a pass run out at a moment; return False where it does so before, or is gone."""
        longer = (passes.c.id == pass_id) & (passes.c.expires_at > until)
        return self.connection.execute(update(passes).where(longer).values(expires_at=until)).rowcount == 1

    def passes(self, athlete: str, kind: PassKind, now: datetime) -> Sequence[Pass]:
        """Return an athlete's passes that still hold, the oldest first."""
        mine = select(passes).where(passes.c.athlete == athlete, passes.c.kind == kind.value, _lasting(now))
        return [_pass(row) for row in self.connection.execute(mine.order_by(passes.c.id))]

    def revoke_pass(self, athlete: str, pass_id: int) -> bool:
        """Take one of an athlete's passes away; return False where it is not theirs."""
        mine = (passes.c.athlete == athlete) & (passes.c.id == pass_id)
        return self.connection.execute(delete(passes).where(mine)).rowcount == 1


def _holds(kind: PassKind, digest: str, now: datetime) -> ColumnElement[bool]:
    return (passes.c.kind == kind.value) & (passes.c.digest == digest) & _lasting(now)


def _lasting(now: datetime) -> ColumnElement[bool]:
    return or_(passes.c.expires_at.is_(None), passes.c.expires_at > now)


def _pass(row: Row[Any]) -> Pass:
    return Pass(
        id=row.id,
        kind=PassKind(row.kind),
        athlete=row.athlete,
        name=row.name,
        made_at=row.made_at,
        expires_at=row.expires_at,
    )
