"""What platforms tell by themselves.

    event -> ours, and of an athlete we know? -> written down, answered at once
    later: what it is about is asked for -> what the platform says then counts, whatever the event said

An event that is doubled, late or forged costs one question and changes nothing. Only where the platform itself no
longer lets us in is an athlete's consent taken for gone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from service.application.ingest import Ingest
from service.application.owners import Owners
from service.application.sync import Asked, Sync
from service.application.together import Together
from service.ports import (
    Aspect,
    Clock,
    Database,
    EdgeError,
    Event,
    Informed,
    StoredEvent,
    Webhook,
)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Hears events and acts on them.

    `webhooks` are by source, one for each application there; `wake` has what was heard of an athlete's source looked
    into soon.
    """

    database: Database
    sync: Sync
    ingest: Ingest
    webhooks: Mapping[str, Sequence[Webhook]] = field(default_factory=dict)
    clock: Clock = field(kw_only=True)
    wake: Callable[[str, str], object] = field(kw_only=True)
    _owners: Owners = field(init=False)
    _written: Together[tuple[Sequence[str], Event]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody known."""
        object.__setattr__(self, "_owners", Owners(self.sync.sources, self.clock))
        object.__setattr__(self, "_written", Together(self._write))

    def challenge(self, source: str, query: Mapping[str, str], token: str) -> Mapping[str, str] | None:
        """Return what to answer to a platform that tries the door, None for somebody else."""
        answers = (hook.challenge(query, token) for hook in self.webhooks.get(source, ()))
        return next((answer for answer in answers if answer is not None), None)

    def hear(self, source: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Write an event down and return whether it was one; what is not to be believed is left aside."""
        events = (hook.event(body, headers) for hook in self.webhooks.get(source, ()))
        event = next((event for event in events if event is not None), None)
        if event is None:
            return False
        athletes = self._owners.of(source, event.owner)
        if athletes:
            self._written.add((athletes, event))
        for athlete in athletes:
            self.wake(athlete, source)
        return True

    def due(self) -> list[tuple[str, str]]:
        """Return the sources, by athlete and name, that there is news of and that may be asked now."""
        if self.webhooks:
            self._owners.keep_up()
        with self.database.reading() as store:
            told = store.sources_with_news()
        held = self.sync.not_to_ask() if told else ()
        return [one for one in told if one not in held]

    def act(self, athlete: str, name: str) -> Asked | None:
        """Ask a source for what it was told of; return None where there was nothing to ask."""
        with self.database.reading() as store:
            events = store.open_events(athlete, name)
        source = self.sync.sources.get((athlete, name))
        if not isinstance(source, Informed):
            self._settle(events)
            return None
        try:
            left = any(one.event.aspect is Aspect.LEFT for one in events) and not source.still_welcome()
        except EdgeError as exc:
            self.sync.failed(athlete, name, exc)
            return None
        if left:
            self._leave(athlete, source)
        asked = None if left else self._ask(athlete, source, {one.event.subject for one in events} - {""})
        if asked is None or not asked.trouble:
            self._settle(events)
        return asked

    def _ask(self, athlete: str, source: Informed, subjects: Collection[str]) -> Asked | None:
        if not subjects:
            return None
        source.tell(subjects)
        return self.sync.ask_one(athlete, source.name)

    def _write(self, told: Sequence[tuple[Sequence[str], Event]]) -> None:
        now = self.clock.now()
        with self.database.writing(urgent=True) as store:
            for athletes, event in told:
                for athlete in athletes:
                    store.add_event(athlete, event, now)

    def _leave(self, athlete: str, source: Informed) -> None:
        """Forget an athlete's consent and all it let us see, and have them told."""
        self.ingest.forget(athlete, source.name)
        source.leave()
        try:
            source.check()
        except EdgeError as exc:
            self.sync.failed(athlete, source.name, exc)

    def _settle(self, events: Sequence[StoredEvent]) -> None:
        with self.database.writing() as store:
            store.settle_events([one.id for one in events], self.clock.now())
