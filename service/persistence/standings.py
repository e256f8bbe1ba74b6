"""How sources and channels are doing, and which digests were made."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import insert, select, update

from service.persistence._base import Questions
from service.persistence.tables import digests, standings
from service.ports import Standing


class StandingQuestions(Questions):
    """Questions about sources, channels and digests."""

    def standing(self, athlete: str, system: str) -> Standing:
        """Return how a system is doing; a fresh standing where it was never asked."""
        mine = select(standings).where(standings.c.athlete == athlete, standings.c.system == system)
        row = self.connection.execute(mine).one_or_none()
        if row is None:
            return Standing()
        return Standing(
            cursor=row.cursor,
            last_success=row.last_success,
            failures=row.failures,
            next_try=row.next_try,
            held_until=row.held_until,
            trouble=row.trouble,
            todo=row.todo,
        )

    def set_standing(self, athlete: str, system: str, standing: Standing) -> None:
        """Write how a system is doing."""
        mine = (standings.c.athlete == athlete) & (standings.c.system == system)
        changed = self.connection.execute(update(standings).where(mine).values(**asdict(standing))).rowcount
        if not changed:
            self.connection.execute(insert(standings).values(athlete=athlete, system=system, **asdict(standing)))

    def add_digest(self, athlete: str, day: date, at: datetime) -> bool:
        """Claim the digest of a local date; return False where it was made before."""
        return self._insert_new(digests, athlete=athlete, day=day, made_at=at)
