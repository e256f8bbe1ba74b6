"""What belongs to an athlete, in every table there is: told as a whole, or taken away.

A table belongs to athletes by its own column, or hangs on a table that does.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, select

from service.persistence._base import Questions
from service.persistence.tables import activities, credentials, discards, metadata, passes, raws, sessions

# Keys to something are nobody's to carry away.
NEVER_TOLD = frozenset({credentials, passes})


class OwnerQuestions(Questions):
    """Questions about everything an athlete owns."""

    def athletes_known(self) -> Sequence[str]:
        """Return every athlete who has recordings, runs or sessions here."""
        named = select(raws.c.athlete).union(select(activities.c.athlete), select(sessions.c.athlete))
        return sorted(self.connection.execute(named).scalars())

    def everything_of(self, athlete: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return every row that is the athlete's, by table, as plain values; tokens and keys are left out."""
        mine = {table.name: question for table, question in _belongings(athlete).items() if table not in NEVER_TOLD}
        return {name: [_plain(row) for row in self.connection.execute(rows).mappings()] for name, rows in mine.items()}

    def count_of(self, athlete: str) -> Mapping[str, int]:
        """Return how many rows are the athlete's, by table."""
        return {table.name: self._count(rows) for table, rows in _belongings(athlete).items()}

    def drop_athlete(self, athlete: str) -> None:
        """Forget everything that is the athlete's, and remember which bytes are to be taken off the disk."""
        for sha256 in self.connection.execute(select(raws.c.sha256).where(raws.c.athlete == athlete)).scalars().all():
            self._insert_new(discards, sha256=sha256)
        for table in reversed(metadata.sorted_tables):
            if "athlete" in table.c:  # whatever hangs on it goes with it
                self.connection.execute(delete(table).where(table.c.athlete == athlete))

    def _count(self, rows: Select[Any]) -> int:
        return self.connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one()


def _belongings(athlete: str) -> dict[Table, Select[Any]]:
    """Return the question for an athlete's rows of each table that belongs to athletes."""
    owned = {table: owned_by(table, athlete) for table in metadata.sorted_tables}
    return {table: select(table).where(mine) for table, mine in owned.items() if mine is not None}


def owned_by(table: Table, athlete: str) -> ColumnElement[bool] | None:
    """Return the condition that a row is an athlete's; None for a table that is nobody's."""
    if "athlete" in table.c:
        mine: ColumnElement[bool] = table.c.athlete == athlete
        return mine
    for key in table.foreign_keys:
        theirs = owned_by(key.column.table, athlete)
        if theirs is not None and key.ondelete == "CASCADE":
            return key.parent.in_(select(key.column).where(theirs))
    return None


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
