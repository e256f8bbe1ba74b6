"""What stands in a runner's calendar."""

from dataclasses import dataclass
from datetime import timedelta

from service.application.announce import Announcer
from service.domain.message import Message
from service.domain.sessions import State
from service.ports import Clock, Database

# A look back over the training month, and ahead as far as anything is ever offered.
LOOK_BACK = timedelta(days=60)
LOOK_AHEAD = timedelta(days=14)
SHOWN = frozenset({State.PENDING, State.SNOOZED, State.DONE})


@dataclass(frozen=True, slots=True)
class Calendar:
    """Lists a runner's sessions as calendar entries."""

    database: Database
    announcer: Announcer
    clock: Clock

    def entries(self, athlete: str) -> list[Message]:
        """Return the sessions still open or done, oldest first.

        What was skipped or ran out is left out: a calendar is no place for reproach.
        """
        now = self.clock.now()
        with self.database.reading() as store:
            sessions = store.sessions_between(athlete, now - LOOK_BACK, now + LOOK_AHEAD)
        return [self.announcer.entry(session) for session in sessions if session.state in SHOWN]
