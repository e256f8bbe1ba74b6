"""What runners choose on a page: it wins over the settings file, and holds at once.

choices in the database -> laid over the file's settings -> Roster (the athletes as they are now)
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.application.coach import Coach
from service.domain.athlete import Athlete
from service.ports import Choice, Clock, Database

type Chosen = Mapping[str, Any]


class Roster(Mapping[str, Athlete]):
    """The athletes as they are now. What is looked up stays the same until the next `refresh`.

    `reads` makes each athlete, by id, from what they chose; the settings file is behind it.
    """

    def __init__(self, reads: Mapping[str, Callable[[Chosen], Athlete]], database: Database) -> None:
        self._reads = reads
        self._database = database
        self._known: Mapping[str, Mapping[str, Choice]] | None = None
        self._athletes: Mapping[str, Athlete] = {}

    def refresh(self) -> None:
        """Look at what was chosen meanwhile, perhaps by another process. Not to be called inside a transaction."""
        with self._database.reading() as store:
            chosen = store.preferences()
        if chosen != self._known:
            self._athletes = {name: read(_values(chosen.get(name, {}))) for name, read in self._reads.items()}
            self._known = chosen

    def __getitem__(self, athlete: str) -> Athlete:
        return self._athletes[athlete]

    def __iter__(self) -> Iterator[str]:
        return iter(self._athletes)

    def __len__(self) -> int:
        return len(self._athletes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferring:
    """Takes choices. `check` raises ValueError where an athlete's choices cannot be."""

    database: Database
    roster: Roster
    coach: Coach
    check: Callable[[str, Chosen], object]
    clock: Clock

    def chosen(self, athlete: str) -> Mapping[str, Choice]:
        """Return what an athlete chose, by the setting's name."""
        with self.database.reading() as store:
            return store.preferences().get(athlete, {})

    def choose(self, athlete: str, choices: Chosen) -> None:
        """Keep choices and compose what is pending anew; raise what `check` raises, keeping nothing."""
        self.check(athlete, _values(self.chosen(athlete)) | dict(choices))
        now = self.clock.now()
        with self.database.writing() as store:
            for name, value in choices.items():
                store.choose(athlete, name, Choice(value=value, at=now))
        self._heed(athlete)

    def take_back(self, athlete: str) -> None:
        """Forget all that an athlete chose, so that the settings file holds again."""
        with self.database.writing() as store:
            for name in store.preferences().get(athlete, {}):
                store.take_back(athlete, name)
        self._heed(athlete)

    def _heed(self, athlete: str) -> None:
        self.roster.refresh()
        self.coach.adapt(athlete)


def _values(chosen: Mapping[str, Choice]) -> dict[str, Any]:
    return {name: choice.value for name, choice in chosen.items()}
