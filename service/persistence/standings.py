"""How sources and channels are doing, and which digests were made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, case, literal, or_, select, update

from service.domain.delivery import LONGEST_OF_ALL
from service.persistence._base import Questions, runs_on
from service.persistence.tables import digests, standings
from service.ports import NoticeTold, Standing


class StandingQuestions(Questions):
    """Questions about sources, channels and digests."""

    def standing(self, athlete: str, system: str) -> Standing:
        """Return how a system is doing; a fresh standing where it was never asked."""
        mine = select(standings).where(standings.c.athlete == athlete, standings.c.system == system)
        row = self.connection.execute(mine).one_or_none()
        return Standing() if row is None else _standing(row)

    def standings(self) -> Sequence[tuple[str, str, Standing]]:
        """Return how every system was doing that was ever used, by athlete and name."""
        known = select(standings).order_by(standings.c.athlete, standings.c.system)
        return [(row.athlete, row.system, _standing(row)) for row in self.connection.execute(known)]

    def set_standing(self, athlete: str, system: str, standing: Standing) -> None:
        """Write how a system is doing."""
        mine = (standings.c.athlete == athlete) & (standings.c.system == system)
        if not self._insert_new(standings, athlete=athlete, system=system, **asdict(standing)):
            self.connection.execute(update(standings).where(mine).values(**asdict(standing)))

    def waiting_systems(self, now: datetime, *, impatient: bool) -> Collection[tuple[str, str]]:
        """Return the systems, by athlete and name, whose next try is later than now (`impatient`: by a platform)."""
        wait = standings.c.held_until if impatient else standings.c.next_try
        waiting = select(standings.c.athlete, standings.c.system).where(runs_on(wait, now, LONGEST_OF_ALL))
        return {(athlete, system) for athlete, system in self.connection.execute(waiting)}

    def held_systems(self, now: datetime) -> Collection[tuple[str, str]]:
        """Return the systems, by athlete and name, that are in trouble until later than now or held by a platform."""
        wait = case((standings.c.trouble != "", standings.c.next_try), else_=standings.c.held_until)
        held = select(standings.c.athlete, standings.c.system).where(runs_on(wait, now, LONGEST_OF_ALL))
        return {(athlete, system) for athlete, system in self.connection.execute(held)}

    def athletes_of_note(self) -> Collection[str]:
        """Return the athletes with a system that is in trouble or needs a human, or of which they were told so."""
        texts = (standings.c.trouble, standings.c.todo, standings.c.notice, standings.c.told)
        noted = select(standings.c.athlete).where(or_(*(text != "" for text in texts)))
        return set(self.connection.execute(noted).scalars())

    def notices_told(self, athlete: str) -> Mapping[str, NoticeTold]:
        """Return what an athlete was told of their systems last; those with nothing told are left out."""
        told = select(standings).where(standings.c.athlete == athlete, standings.c.told != "")
        return {row.system: NoticeTold(text=row.told, key=row.told_key) for row in self.connection.execute(told)}

    def set_notice_told(self, athlete: str, system: str, told: NoticeTold) -> None:
        """Write down what an athlete was told of a system."""
        self._insert_new(standings, athlete=athlete, system=system, **asdict(Standing()))
        mine = standings.c.athlete == athlete, standings.c.system == system
        self.connection.execute(update(standings).where(*mine).values(told=told.text, told_key=told.key))

    def forget_back_off(self) -> None:
        """Have every system in trouble tried again at once, but for those that a platform told to wait."""
        troubled = standings.c.trouble != ""
        self.connection.execute(update(standings).where(troubled).values(next_try=standings.c.held_until))

    def add_digest(self, athlete: str, day: date, at: datetime) -> bool:
        """Claim the digest of a local date; return False where it was made before."""
        return self._insert_new(digests, athlete=athlete, day=day, made_at=at)

    def was_digested(self, athlete: str, day: date) -> bool:
        """Return whether the digest of a local date was made."""
        made = select(literal(1)).where(digests.c.athlete == athlete, digests.c.day == day)
        return self.connection.execute(made).first() is not None

    def digests_since(self, day: date) -> Collection[tuple[str, date]]:
        """Return the digests made for a date or a later one, by athlete and date."""
        made = select(digests.c.athlete, digests.c.day).where(digests.c.day >= day)
        return {(athlete, on) for athlete, on in self.connection.execute(made)}


def _standing(row: Row[Any]) -> Standing:
    return Standing(**{field.name: getattr(row, field.name) for field in fields(Standing)})
