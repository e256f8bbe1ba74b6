"""What has to happen over time: each a question for whom, and what to do for one of them.

    due() -> ids -> do(*ids)

A duty carries ids and nothing else; what it works on, and how far it got, is in the database. So it may be asked again,
done twice, or killed half way, and any engine can see to it: threads of one process, or workers on many machines.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

type Ids = tuple[str, ...]

ONCE: tuple[Ids, ...] = ((),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Asks `due` every so often, and does `do` for each of the ids it gives, `at_once` of them at a time in a process.

    What is under way for some ids is never begun for them again meanwhile; one that takes long keeps no other waiting
    unless `at_once` of them do. An `urgent` one goes before others where hands are few. One for `everywhere` is each
    process's own affair, such as letting go of memory.
    """

    name: str
    every: timedelta
    due: Callable[[], Iterable[Ids]]
    do: Callable[..., object]
    at_once: int = 1
    urgent: bool = False
    everywhere: bool = False

    def called(self, ids: Ids) -> str:
        """Return what doing it for these ids is called: "ask folder of anna"."""
        who, *what = ids or ("",)
        return " ".join([self.name, *what, *(["of", who] if who else [])])


def always() -> Iterable[Ids]:
    """Give one task without ids: for what asks for itself whether there is something to do."""
    return ONCE


class Worker(Protocol):
    """Sees to duties until it is stopped, whichever engine it is."""

    def start(self) -> None:
        """Begin, with every duty asked for once right away: what a crash left behind does not wait."""

    def wake(self, duty: str, *ids: str) -> None:
        """Have a duty done for these ids soon; a wish that is lost costs the wait for the next look."""

    def stuck(self) -> list[str]:
        """Return what no longer gets anywhere; nothing where all is well."""

    def stop(self, grace: timedelta) -> bool:
        """Begin nothing more, wait for what is under way, and return whether it ended within `grace`."""
