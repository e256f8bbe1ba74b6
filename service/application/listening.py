"""Hearing what runners do to what is shown of a session: moved, removed or ticked in their own calendar.

    what is shown of open sessions -> ask the channel -> move, skip or settle the session

Nothing is remembered between two times: a session that has followed a change is no longer different from what is
shown. So asking twice, or being killed half way, changes nothing.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from service.application.backoff import troubled
from service.application.feedback import Feedback, NoSuchSessionError
from service.domain.sessions import SettledError
from service.ports import (
    Change,
    Channel,
    Clock,
    Database,
    EdgeError,
    Happened,
    Listening,
    Standing,
    Unavailable,
)

BROKEN_CHANNEL = "it failed in a way it should not: the log says where; it is asked again"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Asks the channels that listen. `channels` are by athlete and name; `spread` returns a number from 0 to 1."""

    database: Database
    channels: Mapping[tuple[str, str], Channel]
    feedback: Feedback
    clock: Clock
    spread: Callable[[], float]

    def ask(self, *, impatient: bool = False) -> int:
        """Ask every channel whose turn it is, and say how many changes were followed."""
        return sum(self.ask_one(athlete, name) for athlete, name in self.due(impatient=impatient))

    def due(self, *, impatient: bool = False) -> list[tuple[str, str]]:
        """Return the channels to be asked, by athlete and name: those that show an open session to somebody.

        `impatient` overrides our back-off, no platform's.
        """
        with self.database.reading() as store:
            waiting = store.waiting_systems(self.clock.now(), impatient=impatient)
            return [
                (athlete, name)
                for (athlete, name), channel in self.channels.items()
                if isinstance(channel, Listening)
                and (athlete, _system(name)) not in waiting
                and store.shown(athlete, name)
            ]

    def ask_one(self, athlete: str, name: str) -> int:
        """Ask one channel now, follow what changed there, and say how much that was."""
        changes = self._changes(athlete, name)
        return sum(self._follow(change) for change in changes)

    def _changes(self, athlete: str, name: str) -> Sequence[Change]:
        channel, system = self.channels[athlete, name], _system(name)
        with self.database.reading() as store:
            standing, shown = store.standing(athlete, system), store.shown(athlete, name)
        if not isinstance(channel, Listening) or not shown:
            return ()
        try:
            changes = list(channel.changes(shown))
        except EdgeError as exc:
            return self._trouble(athlete, system, standing, exc)
        except Exception:  # a channel that breaks its promise must not keep the others from being asked
            log.exception("%s of %s broke its promise", system, athlete)
            return self._trouble(athlete, system, standing, Unavailable(BROKEN_CHANNEL))
        if standing.trouble:
            log.info("%s of %s works again", system, athlete)
            self._write(athlete, system, Standing(last_success=self.clock.now()))
        return changes

    def _follow(self, change: Change) -> int:
        """Do to a session what was done to what is shown of it; one that was settled meanwhile stays as it is."""
        with suppress(SettledError, NoSuchSessionError):
            match change.happened:
                case Happened.REMOVED:
                    self.feedback.skip(change.session_id)
                case Happened.DONE:
                    self.feedback.done(change.session_id)
                case Happened.MOVED if change.moved_to is not None:
                    self.feedback.snooze(change.session_id, change.moved_to)
            return 1
        return 0

    def _trouble(self, athlete: str, system: str, standing: Standing, error: EdgeError) -> Sequence[Change]:
        if standing.trouble != str(error):
            log.warning("%s of %s: %s (it is tried again; this is said once)", system, athlete, error)
        self._write(athlete, system, troubled(standing, error, self.clock.now(), self.spread()))
        return ()

    def _write(self, athlete: str, system: str, standing: Standing) -> None:
        with self.database.writing() as store:
            store.set_standing(athlete, system, standing)


def _system(name: str) -> str:
    """Return the name its standing is kept under, apart from the channel's own: what can be read may not be written."""
    return f"listening.{name}"
