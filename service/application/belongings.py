"""Everything an athlete owns: handed over whole, or taken away for good."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.application.retention import Retention
from service.ports import Archive, Clock, Database, StoredRaw

READ_ME = """\
Everything Afterrun keeps of {athlete}, as of {now:%Y-%m-%d %H:%M} UTC.

afterrun.json   every run, verdict, session, message and word of yours, by the table it is kept in; times are UTC,
                lengths metres and seconds. Tokens and passwords are not in it.
recordings/     your recordings as they came.
"""


class NobodyKnownError(LookupError):
    """There is nothing of an athlete here; the text says of whom there is."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """Hands over and takes away."""

    database: Database
    archive: Archive
    retention: Retention
    clock: Clock

    def export(self, athlete: str) -> Iterator[tuple[str, bytes]]:
        """Yield everything an athlete owns as files; raise NobodyKnownError where there is nothing."""
        self._be_known(athlete)
        with self.database.reading() as store:
            everything, recordings = store.everything_of(athlete), store.raws_of(athlete)
        yield "README.txt", READ_ME.format(athlete=athlete, now=self.clock.now()).encode()
        yield "afterrun.json", json.dumps(everything, indent=1, ensure_ascii=False).encode()
        for kept in recordings:
            try:
                yield f"recordings/{_name(kept)}", self.archive.get_raw(kept.sha256)
            except KeyError:  # its bytes were never handed over, or let go of meanwhile
                continue

    def count(self, athlete: str) -> Mapping[str, int]:
        """Return how much there is of an athlete, by table; raise NobodyKnownError where there is nothing."""
        self._be_known(athlete)
        with self.database.reading() as store:
            return {name: count for name, count in store.count_of(athlete).items() if count}

    def is_all_there_is(self, athlete: str) -> bool:
        """Tell whether nobody else is known here."""
        with self.database.reading() as store:
            return list(store.athletes_known()) == [athlete]

    def delete(self, athlete: str) -> None:
        """Take everything an athlete owns away, for good; raise NobodyKnownError where there is nothing."""
        self._be_known(athlete)
        with self.database.writing() as store:
            store.alone_with(athlete)
            store.drop_athlete(athlete)
        self.retention.clear()

    def _be_known(self, athlete: str) -> None:
        with self.database.reading() as store:
            known = store.athletes_known()
            if athlete in known or any(store.count_of(athlete).values()):
                return
        raise NobodyKnownError(f"There is nothing of {athlete!r} here; there is of {', '.join(known) or 'nobody'}.")


def _name(kept: StoredRaw) -> str:
    """Return a file's name for a recording: its own as far as any system bears it, behind its number."""
    own = re.sub(r"[^\w.-]+", "_", kept.external_id.rpartition("/")[2])[-80:].lstrip(".")
    suffix = "" if own.lower().endswith(f".{kept.media_type}") else f".{kept.media_type}"
    return f"{kept.id:06}-{own}{suffix}"
