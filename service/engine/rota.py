"""Who does what, and how often: the use cases as duties.

    ask a source, or hear from it -> judge that athlete's runs -> (messages) -> send, one channel at a time
    beside it: digests, and letting go of what may be kept no longer

Sources and channels are seen to side by side, so that a slow one keeps nobody else's runs or messages waiting.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from service.application.coach import Coach
from service.application.digest import Digest
from service.application.feedback import Feedback
from service.application.health import BEAT_EVERY, Health
from service.application.hearing import Hearing
from service.application.ingest import Ingest
from service.application.listening import Listen
from service.application.notices import Notices
from service.application.outbox import Outbox
from service.application.preferring import Roster
from service.application.retention import Retention
from service.application.sync import Sync
from service.engine import memory
from service.engine.duties import Duty, Ids, always
from service.engine.readers import MOST_SECONDS, ReaderPool
from service.ports import Clock

# A file is taken after two looks at the folder: well within the minute that is promised.
LOOK_EVERY = timedelta(seconds=10)
# "While the legs are warm" is minutes; a message waits no longer than this for its turn.
SEND_EVERY = timedelta(seconds=5)
# One request each, and only while there is a session to be moved; nobody watches a calendar for it to follow.
LISTEN_EVERY = timedelta(minutes=2)
# What a platform tells wakes the worker at once; this is the net under it, and for pages in a process of their own.
HEAR_EVERY = timedelta(seconds=10)
# A digest is wanted at an hour and a minute; the rest is a net under what normally happens at once.
MINUTE = timedelta(minutes=1)
# Waiting for the outside costs a thread and little else; judging takes a core.
SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """Makes the duties of a worker from the use cases."""

    roster: Roster
    ingest: Ingest
    sync: Sync
    hearing: Hearing
    retention: Retention
    coach: Coach
    outbox: Outbox
    listen: Listen
    feedback: Feedback
    digest: Digest
    notices: Notices
    readers: ReaderPool
    health: Health
    clock: Clock

    def duties(self) -> list[Duty]:
        """Return what a worker has to see to."""
        return [
            Duty(name="ask", every=LOOK_EVERY, due=self.sync.due, do=self._take_in, at_once=SIDE_BY_SIDE),
            Duty(name="hear", every=HEAR_EVERY, due=self.hearing.due, do=self._look_into, at_once=SIDE_BY_SIDE),
            Duty(
                name="send",
                every=SEND_EVERY,
                due=self._to_send,
                do=self.outbox.deliver,
                at_once=SIDE_BY_SIDE,
                urgent=True,
            ),
            Duty(name="listen", every=LISTEN_EVERY, due=self.listen.due, do=self.listen.ask_one, at_once=SIDE_BY_SIDE),
            Duty(name="digest", every=MINUTE, due=self._digests, do=self.digest.make),
            Duty(name="tell", every=MINUTE, due=self._to_tell, do=self.notices.tell),
            Duty(name="judge", every=MINUTE, due=self._to_judge, do=self._judge),
            Duty(name="finish", every=MINUTE, due=self._unfinished, do=self._finish),
            Duty(name="let go", every=MINUTE, due=always, do=self._let_go),
            Duty(name="expire", every=MINUTE, due=always, do=self.feedback.pending),
            Duty(name="beat", every=BEAT_EVERY, due=always, do=self.health.beat, everywhere=True),
            Duty(name="choices", every=LOOK_EVERY, due=always, do=self.roster.refresh, everywhere=True),
            Duty(name="rest", every=MINUTE, due=always, do=self._rest, everywhere=True),
        ]

    def _rest(self) -> None:
        self.readers.rest_if_idle()
        memory.give_back()

    def _take_in(self, athlete: str, source: str) -> None:
        self.sync.ask_one(athlete, source)
        self._judge(athlete)

    def _look_into(self, athlete: str, source: str) -> None:
        self.hearing.act(athlete, source)
        self._judge(athlete)

    def _let_go(self) -> None:
        self.retention.purge(self.clock.now())

    def _judge(self, athlete: str) -> None:
        if self.coach.coach([athlete]):
            self.digest.make_again(athlete)

    def _finish(self, number: str) -> None:
        self.ingest.finish_one(int(number))

    def _to_judge(self) -> Iterable[Ids]:
        return [(athlete,) for athlete in self.coach.due()]

    def _to_send(self) -> Iterable[Ids]:
        """Give the channels with something due, once it has the form that suits this moment."""
        self.coach.let_cool()
        return self.outbox.due()

    def _to_tell(self) -> Iterable[Ids]:
        return [(athlete,) for athlete in self.notices.due()]

    def _digests(self) -> Iterable[Ids]:
        return [(athlete,) for athlete in self.digest.due()]

    def _unfinished(self) -> Iterable[Ids]:
        """Give recordings that were begun longer ago than reading one may take: whoever had them is gone."""
        gone = self.clock.now() - timedelta(seconds=MOST_SECONDS)
        return [(str(number),) for number in self.ingest.unfinished(gone)]
