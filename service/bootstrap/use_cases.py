"""Each use case with what it stands on."""

import os
import random
import socket
from collections.abc import Sequence
from functools import cached_property

from config import catalogue
from config.preferences import Chosen, as_far_as_understood, laid_over, standing
from service.application.announce import Announcer
from service.application.belongings import Belongings
from service.application.body import Body
from service.application.calendar import Calendar
from service.application.coach import Coach
from service.application.digest import Digest
from service.application.entry import Entry
from service.application.feedback import Feedback
from service.application.health import Health
from service.application.ingest import Ingest
from service.application.insights import Look
from service.application.listening import Listen
from service.application.measures import Measures
from service.application.notices import Notices
from service.application.outbox import Outbox
from service.application.play import Play
from service.application.preferring import Preferring
from service.application.reclassify import Reclassify
from service.application.retention import Retention
from service.application.runs import Runs
from service.application.status import Status
from service.application.sync import Sync
from service.application.today import LookAtToday
from service.bootstrap.edges import Edges


class UseCases(Edges):
    """What Afterrun does, one part a use case."""

    def standing(self, athlete: str) -> Sequence[Chosen]:
        """Return what an athlete may choose, as it stands."""
        stated = self._settings_of(athlete)
        chosen = {name: choice.value for name, choice in self.preferring.chosen(athlete).items()}
        return standing(as_far_as_understood(stated, chosen))

    @cached_property
    def preferring(self) -> Preferring:
        """Takes what runners choose."""
        stated = {runner.id: runner for runner in self.settings.athletes}
        return Preferring(
            database=self.database,
            roster=self.athletes,
            coach=self.coach,
            check=lambda athlete, chosen: laid_over(stated[athlete], chosen),
            clock=self.clock,
        )

    @cached_property
    def announcer(self) -> Announcer:
        """Puts messages about sessions into the outbox."""
        return Announcer(self.athletes, self.capabilities, self.links)

    @cached_property
    def ingest(self) -> Ingest:
        """Takes recordings in."""
        return Ingest(self.database, self.archive, self.readers)

    @cached_property
    def coach(self) -> Coach:
        """Judges runs and offers sessions."""
        movements, policy = catalogue.load()
        return Coach(
            database=self.database,
            archive=self.archive,
            announcer=self.announcer,
            athletes=self.athletes,
            catalogue=movements,
            policy=policy,
            clock=self.clock,
        )

    @cached_property
    def reclassify(self) -> Reclassify:
        """Replays the rules of today over the stored history."""
        return Reclassify(database=self.database, archive=self.archive, coach=self.coach, athletes=self.athletes)

    @cached_property
    def outbox(self) -> Outbox:
        """Sends what is due."""
        return Outbox(self.database, self.channels, self.clock, random.random, self.announcer)

    @cached_property
    def sync(self) -> Sync:
        """Asks the sources."""
        return Sync(self.database, self.ingest, self.athletes, self.sources, clock=self.clock, spread=random.random)

    @cached_property
    def listen(self) -> Listen:
        """Hears what runners do in their calendars."""
        return Listen(
            database=self.database,
            channels=self.channels,
            feedback=self.feedback,
            clock=self.clock,
            spread=random.random,
        )

    @cached_property
    def feedback(self) -> Feedback:
        """Settles sessions."""
        return Feedback(self.database, self.announcer, self.clock)

    @cached_property
    def body(self) -> Body:
        """Listens to what the runner says of their body and their runs."""
        return Body(self.database, self.coach, self.clock)

    @cached_property
    def play(self) -> Play:
        """Plays sessions."""
        movements, policy = catalogue.load()
        return Play(self.database, self.announcer, self.athletes, movements, policy, self.clock)

    @cached_property
    def runs(self) -> Runs:
        """Looks at runs."""
        return Runs(self.database, self.archive, self.athletes, self.clock)

    @cached_property
    def today(self) -> LookAtToday:
        """Looks at today."""
        return LookAtToday(
            database=self.database,
            feedback=self.feedback,
            runs=self.runs,
            body=self.body,
            status=self.status,
            athletes=self.athletes,
            clock=self.clock,
        )

    @cached_property
    def entry(self) -> Entry:
        """Lets people and programs in."""
        return Entry(self.database, self.athletes.keys(), self.clock)

    @cached_property
    def calendar(self) -> Calendar:
        """Lists sessions as calendar entries."""
        return Calendar(self.database, self.announcer, self.clock)

    @cached_property
    def status(self) -> Status:
        """Looks around."""
        return Status(self.database, self.systems, self.clock)

    @cached_property
    def digest(self) -> Digest:
        """Makes the morning list."""
        movements, policy = catalogue.load()
        return Digest(
            database=self.database,
            athletes=self.athletes,
            announcer=self.announcer,
            systems=self.systems,
            catalogue=movements,
            policy=policy,
            clock=self.clock,
        )

    @cached_property
    def look(self) -> Look:
        """Counts what it did for the runner."""
        return Look(self.database, self.athletes, self.clock)

    @cached_property
    def notices(self) -> Notices:
        """Tells runners how their sources and channels are."""
        return Notices(
            database=self.database,
            athletes=self.athletes,
            announcer=self.announcer,
            systems=self.systems,
            clock=self.clock,
        )

    @cached_property
    def retention(self) -> Retention:
        """Lets go of recordings."""
        return Retention(self.database, self.archive, self.readers)

    @cached_property
    def belongings(self) -> Belongings:
        """Hands over and takes away what an athlete owns."""
        retention = Retention(self.database, self.archive, self.readers)
        return Belongings(self.database, self.archive, retention, self.clock)

    @cached_property
    def health(self) -> Health:
        """Shows that this process works, and looks whether any does."""
        return Health(self.database, self.clock, f"{socket.gethostname()}/{os.getpid()}")

    @cached_property
    def measures(self) -> Measures:
        """Counts."""
        return Measures(self.database, self.clock)
