"""Letting go of recordings: of what may be kept for so long only, was deleted at its source, or is taken back.

    recording -> its activity: alone? gone with its verdict; also recorded elsewhere? made anew of what remains
              -> bytes and streams off the disk

Sessions stay: which routine was offered, when, and what became of it is the runner's own record. Rows go first and
leave a note of what is to be taken off the disk, so that a crash between the two leaves nothing behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.application.recordings import Recording, Shelves, combined, recorded_as
from service.domain.activity import Activity, Ref
from service.ports import Archive, Database, Readers, Store, StoredRaw

AT_ONCE = 100
MOST_COUNTED = 10_000
# What platforms told is kept as long as what they lent.
EVENTS_KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Retention:
    """Lets go of recordings and of what was made of them."""

    database: Database
    archive: Archive
    readers: Readers

    def purge(self, now: datetime) -> int:
        """Let go of every recording whose time has come, and return how many that were."""
        gone = 0
        while True:
            with self.database.reading() as store:
                overdue = store.expired_raws(now, AT_ONCE)
            if not overdue:
                self.clear()
                self._forget_events(now)
                return gone
            gone += self._let_go_all(overdue)

    def overdue(self, now: datetime) -> int:
        """Return how many recordings' time has come."""
        with self.database.reading() as store:
            return len(store.expired_raws(now, MOST_COUNTED))

    def kept(self) -> int:
        """Return how many recordings there are."""
        with self.database.reading() as store:
            return sum(store.count_raws().values())

    def lent(self, athlete: str, source: str) -> int:
        """Return how many recordings a source has lent of an athlete."""
        return len(self._lent(athlete, source))

    def forget(self, athlete: str, source: str) -> int:
        """Let go of all a source lent of an athlete, and return how many recordings that were; files stay."""
        return self._let_go_all(self._lent(athlete, source))

    def _lent(self, athlete: str, source: str) -> list[StoredRaw]:
        with self.database.reading() as store:
            return [kept for kept in store.raws_of(athlete, source) if kept.expires_at is not None]

    def remove(self, athlete: str, source: str, external_id: str) -> int:
        """Let go of what a source gave under a name, and return how many recordings that were."""
        with self.database.reading() as store:
            given = store.raws_named(athlete, source, external_id)
        return self._let_go_all(given)

    def clear(self) -> None:
        """Take off the disk what was let go of, also before a crash."""
        while True:
            with self.database.writing() as store:
                names = store.discards(AT_ONCE)
            if not names:
                return
            for name in names:
                self.archive.drop(name)
            with self.database.writing() as store:
                for name in names:
                    store.discarded(name)

    def _forget_events(self, now: datetime) -> None:
        with self.database.writing() as store:
            store.drop_events(now - EVENTS_KEPT_FOR)

    def _let_go_all(self, recordings: Sequence[StoredRaw]) -> int:
        for kept in recordings:
            self._let_go(kept)
        self.clear()
        return len(recordings)

    def _let_go(self, kept: StoredRaw) -> None:
        remains = self._remains(kept)
        with self.database.writing() as store:
            store.alone_with(kept.athlete)
            store.drop_raw(kept.id)
            for one in remains:
                _settle(store, kept.athlete, one)

    def _remains(self, kept: StoredRaw) -> "list[_Remains]":
        """Return what remains of each activity once a recording is gone; another under its name keeps all of them."""
        with self.database.reading() as store:
            if len(store.raws_named(kept.athlete, kept.source, kept.external_id)) > 1:
                return []
            found = [
                (ref, number, store.activity(number).activity, store.refs_of(number))
                for ref, number in store.refs_named(kept.athlete, kept.source, kept.external_id)
                if recorded_as(ref.external_id) == kept.external_id
            ]
        read = Shelves(self.database, self.archive, self.readers).behind
        return [
            _Remains(ref, number, activity, read(kept.athlete, [one for one in refs if one != ref], activity))
            for ref, number, activity, refs in found
        ]


@dataclass(frozen=True, slots=True)
class _Remains:
    """An activity that loses a ref, as it is until then, and the recordings that stand behind it from now on."""

    ref: Ref
    number: int
    activity: Activity
    behind: Sequence[Recording]


def _settle(store: Store, athlete: str, remains: _Remains) -> None:
    store.drop_ref(athlete, remains.ref)
    if not remains.behind:
        store.drop_activity(remains.number)
    else:
        whole = combined(remains.behind)
        activity = replace(whole.activity, ref=remains.behind[0].activity.ref)
        store.replace_activity(remains.number, activity, whole.streams_name, whole.richness)
    # What is kept for good was judged by a past that held this run.
    store.forget_verdicts(athlete, remains.activity.started_at, lasting=True)
