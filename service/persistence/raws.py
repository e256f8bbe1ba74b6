"""Recordings as they came."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select, update

from service.persistence._base import Questions
from service.persistence.tables import raws
from service.ports import Fate, Raw, StoredRaw


class RawQuestions(Questions):
    """Questions about recordings."""

    def keep_raw(self, athlete: str, raw: Raw, sha256: str, *, bulk: bool) -> StoredRaw:
        """Return the row of these bytes for this athlete, made now or long ago."""
        self._insert_new(raws, **_columns(athlete, raw, sha256), bulk=bulk, reason=raw.withheld)
        return self.known_raws(athlete, [sha256])[sha256]

    def known_raws(self, athlete: str, names: Collection[str]) -> Mapping[str, StoredRaw]:
        """Return the rows of these bytes for this athlete, by sha256; those that are new are left out."""
        found = select(raws).where(raws.c.athlete == athlete, raws.c.sha256.in_(names))
        return {row.sha256: _stored(row) for row in self.connection.execute(found)}

    def add_raw(self, athlete: str, raw: Raw, sha256: str, fate: Fate, reason: str) -> None:
        """Write a recording of an archive with what became of it; one that is here already stays as it is."""
        self._insert_new(raws, **_columns(athlete, raw, sha256), bulk=True, fate=fate.value, reason=reason)

    def undecided_raws(self, limit: int) -> Sequence[StoredRaw]:
        """Return recordings kept but not yet decoded, oldest first: what a crash left behind."""
        waiting = select(raws).where(raws.c.fate.is_(None)).order_by(raws.c.id).limit(limit)
        return [_stored(row) for row in self.connection.execute(waiting)]

    def quarantined_raws(self, athlete: str) -> Sequence[StoredRaw]:
        """Return the athlete's recordings that could not be read, oldest first."""
        parked = select(raws).where(raws.c.athlete == athlete, raws.c.fate == Fate.MALFORMED.value)
        return [_stored(row) for row in self.connection.execute(parked.order_by(raws.c.id))]

    def settle_raw(self, raw_id: int, fate: Fate, reason: str) -> None:
        """Say what became of a recording."""
        self.connection.execute(update(raws).where(raws.c.id == raw_id).values(fate=fate.value, reason=reason))

    def count_raws(self) -> Mapping[Fate, int]:
        """Return how many recordings met each fate."""
        counted = select(raws.c.fate, func.count()).where(raws.c.fate.is_not(None)).group_by(raws.c.fate)
        return {Fate(fate): count for fate, count in self.connection.execute(counted)}

    def quarantine_reasons(self) -> Mapping[str, int]:
        """Return how many recordings could not be read for each reason, the most common first."""
        number = func.count().label("count")
        counted = select(raws.c.reason, number).where(raws.c.fate == Fate.MALFORMED.value)
        by_count = counted.group_by(raws.c.reason).order_by(number.desc(), raws.c.reason)
        return {row.reason: row[1] for row in self.connection.execute(by_count)}


def _columns(athlete: str, raw: Raw, sha256: str) -> dict[str, Any]:
    return {
        "athlete": athlete,
        "sha256": sha256,
        "source": raw.source,
        "external_id": raw.external_id,
        "media_type": raw.media_type,
        "received_at": raw.received_at,
        "title": raw.title,
        "sport": raw.sport,
    }


def _stored(row: Row[Any]) -> StoredRaw:
    return StoredRaw(
        id=row.id,
        athlete=row.athlete,
        source=row.source,
        external_id=row.external_id,
        media_type=row.media_type,
        sha256=row.sha256,
        received_at=row.received_at,
        bulk=row.bulk,
        fate=Fate(row.fate) if row.fate else None,
        reason=row.reason,
        title=row.title,
        sport=row.sport,
    )
