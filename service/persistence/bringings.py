"""Imports from the pages, and how far they have come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from service.persistence._base import Questions
from service.persistence.tables import bringings
from service.ports import Bringing, Stage

DETAILS = ("total", "fates", "judged", "to_judge", "troubles", "trouble")


class BringingQuestions(Questions):
    """Questions about imports from the pages."""

    def add_bringing(self, athlete: str, name: str, at: datetime) -> Bringing:
        """Write an import that begins."""
        row = {"athlete": athlete, "name": name, "stage": Stage.SENDING.value, "begun_at": at, "changed_at": at}
        added = insert(bringings).values({**row, "details": {}}).returning(bringings)
        return _bringing(self.connection.execute(added).one())

    def bringing(self, number: int) -> Bringing:
        """Return one import; raise KeyError where there is none."""
        row = self.connection.execute(select(bringings).where(bringings.c.id == number)).one_or_none()
        if row is None:
            raise KeyError(number)
        return _bringing(row)

    def set_bringing(self, bringing: Bringing) -> None:
        """Write how far an import has come."""
        details = {name: getattr(bringing, name) for name in DETAILS} | {"fates": dict(bringing.fates)}
        self.connection.execute(
            update(bringings)
            .where(bringings.c.id == bringing.id)
            .values(stage=bringing.stage.value, changed_at=bringing.changed_at, details=details)
        )

    def bringings(self, athlete: str, limit: int) -> Sequence[Bringing]:
        """Return an athlete's imports, the newest first."""
        mine = select(bringings).where(bringings.c.athlete == athlete).order_by(bringings.c.id.desc()).limit(limit)
        return [_bringing(row) for row in self.connection.execute(mine)]


def _bringing(row: Row[Any]) -> Bringing:
    details = dict(row.details)
    troubles = tuple((name, reason) for name, reason in details.pop("troubles", ()))
    return Bringing(
        id=row.id,
        athlete=row.athlete,
        name=row.name,
        stage=Stage(row.stage),
        begun_at=row.begun_at,
        changed_at=row.changed_at,
        troubles=troubles,
        **details,
    )
