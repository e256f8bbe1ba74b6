"""Recordings as they came."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, func, or_, select, update

from service.persistence._base import Questions
from service.persistence.tables import discards, raws
from service.ports import Fate, Raw, StoredRaw


class RawQuestions(Questions):
    """Questions about recordings."""

    def keep_raw(self, athlete: str, raw: Raw, sha256: str, *, bulk: bool) -> StoredRaw:
        """Return the row of these bytes for this athlete, made now or long ago.

        Under a lasting name another title or sport makes a known recording one to be decoded again.
        """
        if not self._insert_new(raws, **_columns(athlete, raw, sha256), bulk=bulk, reason=raw.withheld):
            told = {"title": raw.title, "sport": raw.sport}
            mine = (raws.c.athlete == athlete) & (raws.c.sha256 == sha256) & raws.c.lasting_id
            retold = or_(raws.c.title != raw.title, raws.c.sport != raw.sport)
            self.connection.execute(update(raws).where(mine, retold).values(**told, fate=None))
        return self.known_raws(athlete, [sha256])[sha256]

    def known_raws(self, athlete: str, names: Collection[str]) -> Mapping[str, StoredRaw]:
        """Return the rows of these bytes for this athlete, by sha256; those that are new are left out."""
        found = select(raws).where(raws.c.athlete == athlete, raws.c.sha256.in_(names))
        return {row.sha256: _stored(row) for row in self.connection.execute(found)}

    def add_raw(self, athlete: str, raw: Raw, sha256: str, fate: Fate, reason: str) -> None:
        """Write a recording of an archive with what became of it; one that is here already stays as it is."""
        self._insert_new(raws, **_columns(athlete, raw, sha256), bulk=True, fate=fate.value, reason=reason)

    def undecided_raws(self, limit: int, before: datetime | None = None) -> Sequence[StoredRaw]:
        """Return recordings kept (before a moment) but not yet decoded, oldest first: what a crash left behind."""
        waiting = select(raws).where(raws.c.fate.is_(None)).order_by(raws.c.id).limit(limit)
        old_enough = waiting if before is None else waiting.where(raws.c.received_at < before)
        return [_stored(row) for row in self.connection.execute(old_enough)]

    def raw(self, raw_id: int) -> StoredRaw:
        """Return one recording's row; raise KeyError where there is none."""
        row = self.connection.execute(select(raws).where(raws.c.id == raw_id)).one_or_none()
        if row is None:
            raise KeyError(raw_id)
        return _stored(row)

    def quarantined_raws(self, athlete: str) -> Sequence[StoredRaw]:
        """Return the athlete's recordings that could not be read, oldest first."""
        parked = select(raws).where(raws.c.athlete == athlete, raws.c.fate == Fate.MALFORMED.value)
        return [_stored(row) for row in self.connection.execute(parked.order_by(raws.c.id))]

    def settle_raw(self, raw_id: int, fate: Fate, reason: str) -> None:
        """Say what became of a recording."""
        self.connection.execute(update(raws).where(raws.c.id == raw_id).values(fate=fate.value, reason=reason))

    def raws_named(self, athlete: str, source: str, external_id: str) -> Sequence[StoredRaw]:
        """Return the recordings a source gave under a name, oldest first: a file's name may have held several runs."""
        return self._found(raws.c.athlete == athlete, raws.c.source == source, raws.c.external_id == external_id)

    def raws_of(self, athlete: str, source: str | None = None) -> Sequence[StoredRaw]:
        """Return all recordings a source (None: any) gave of an athlete, oldest first."""
        given = () if source is None else (raws.c.source == source,)
        return self._found(raws.c.athlete == athlete, *given)

    def _found(self, *conditions: ColumnElement[bool]) -> list[StoredRaw]:
        return [_stored(row) for row in self.connection.execute(select(raws).where(*conditions).order_by(raws.c.id))]

    def expired_raws(self, now: datetime, limit: int) -> Sequence[StoredRaw]:
        """Return recordings whose source lets them be kept no longer, the longest overdue first."""
        overdue = select(raws).where(raws.c.expires_at <= now).order_by(raws.c.expires_at, raws.c.id).limit(limit)
        return [_stored(row) for row in self.connection.execute(overdue)]

    def drop_raw(self, raw_id: int) -> None:
        """Forget a recording, and remember that its bytes are to be taken off the disk."""
        dropped = delete(raws).where(raws.c.id == raw_id).returning(raws.c.sha256)
        for sha256 in self.connection.execute(dropped).scalars().all():
            self._insert_new(discards, sha256=sha256)

    def discards(self, limit: int) -> Sequence[str]:
        """Return the sha256 of bytes that are to be taken off the disk; what has come anew meanwhile is left out."""
        here = exists().where(raws.c.sha256 == discards.c.sha256)
        self.connection.execute(delete(discards).where(here))
        return self.connection.execute(select(discards.c.sha256).limit(limit)).scalars().all()

    def discarded(self, sha256: str) -> None:
        """Say that bytes are off the disk."""
        self.connection.execute(delete(discards).where(discards.c.sha256 == sha256))

    def undecided_count(self) -> int:
        """Return how many recordings are kept but not yet decoded."""
        return self.connection.execute(select(func.count()).where(raws.c.fate.is_(None))).scalar_one()

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
        "lasting_id": raw.lasting_id,
        "expires_at": raw.expires_at,
        "link": raw.link,
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
        lasting_id=row.lasting_id,
        expires_at=row.expires_at,
        link=row.link,
    )
