"""What has to happen over time: each a question for whom, and what to do for one of them.

    due() -> ids -> do(*ids)

A duty carries ids and nothing else; what it works on, and how far it got, is in the database. So it may be asked again,
done twice, or killed half way, and any engine can see to it: threads of one process, or workers on many machines.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

type Ids = tuple[str, ...]

ONCE: tuple[Ids, ...] = ((),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Asks `due` every so often, and does `do` for each of the ids it gives, `at_once` of them at a time in a process.

    What is under way for some ids is never begun for them again meanwhile; one that takes long keeps no other waiting
    unless `at_once` of them do.
    """

    name: str
    every: timedelta
    due: Callable[[], Iterable[Ids]]
    do: Callable[..., object]
    at_once: int = 1


def always() -> Iterable[Ids]:
    """Give one task without ids: for what asks for itself whether there is something to do."""
    return ONCE
