"""Telling the runner once what a source or channel needs them for, and once that it works again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.application.announce import Announcer
from service.domain.athlete import Athlete
from service.domain.notices import Health, Word, notice, together, word_on, worst
from service.domain.quiet import waking
from service.ports import Clock, Database, NoticeTold, Store

NOTHING_TOLD = NoticeTold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Tells runners how their sources and channels are. `systems` are each athlete's, named as in the settings."""

    database: Database
    athletes: Mapping[str, Athlete]
    announcer: Announcer
    systems: Mapping[str, Sequence[str]]
    clock: Clock

    def tell_all(self) -> int:
        """Queue what there is to say to everybody, and return how many messages that were."""
        return sum(self.tell(athlete) for athlete in self.due())

    def due(self) -> list[str]:
        """Return the athletes to whom something is to be said."""
        with self.database.reading() as store:
            out_of_order = store.athletes_of_note()
            return [one for one in self.systems if one in out_of_order and self._words(store, one)]

    def tell(self, athlete: str) -> int:
        """Queue what there is to say to one athlete, and return how many messages that were."""
        with self.database.writing() as store:
            store.alone_with(athlete)
            words = self._words(store, athlete)
            return sum(self._say(store, athlete, system, word) for system, word in words.items())

    def _words(self, store: Store, athlete: str) -> dict[str, Word]:
        told = store.notices_told(athlete)
        words = {
            system: word_on(self._health(store, athlete, system), told.get(system, NOTHING_TOLD).text, self.clock.now())
            for system in together(self.systems[athlete])
        }
        return {system: word for system, word in words.items() if word is not Word.NOTHING}

    def _say(self, store: Store, athlete: str, system: str, word: Word) -> int:
        runner, now = self.athletes[athlete], self.clock.now()
        earlier = store.notices_told(athlete).get(system, NOTHING_TOLD)
        heard = store.call_off(athlete, earlier.key, now)
        needs = self._health(store, athlete, system).needs(now)
        message = notice(runner, system, word, needs, now)
        trouble = message.key if word is Word.TROUBLE else ""
        store.set_notice_told(athlete, system, NoticeTold(text=needs, key=trouble))
        if word is Word.WELL and not heard:
            return 0
        self.announcer.say(store, athlete, message, waking(now, runner), but=_out_of_order(system, word))
        return 1

    def _health(self, store: Store, athlete: str, system: str) -> Health:
        parts = together(self.systems[athlete])[system]
        return worst([_health_of(store, athlete, part) for part in parts], self.clock.now())


def _health_of(store: Store, athlete: str, system: str) -> Health:
    standing = store.standing(athlete, system)
    return Health(
        todo=standing.todo,
        soon=standing.notice,
        trouble=standing.trouble,
        failures=standing.failures,
        last_success=standing.last_success,
    )


def _out_of_order(system: str, word: Word) -> str:
    """Return the channel that cannot bring the message, for it is the one in trouble; empty where that is a source."""
    group, _, name = system.partition(".")
    return name if group == "channels" and word is Word.TROUBLE else ""
