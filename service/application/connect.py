"""Connecting a source or channel: reach it, be sure of it, and only then let it count as well."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from service.application.backoff import troubled
from service.domain.announcement import trial
from service.domain.athlete import Athlete
from service.domain.message import Phase
from service.ports import (
    Channel,
    Clock,
    Conversation,
    Database,
    EdgeError,
    NoticeTold,
    Refused,
    Source,
    Standing,
    Throttled,
)

SENT = "sent “{title}”; a minute is not unusual"
CAME = "Did “{title}” arrive?"
TIDIED = "the trial is taken away again"
NEVER_CAME = "the message was handed over and did not arrive: check where {name} sends it, then connect again"


@dataclass(frozen=True, slots=True)
class Connect:
    """Connects what the settings name."""

    database: Database
    clock: Clock

    def by_itself(self, athlete: Athlete, parts: Sequence[str], talk: Conversation, connect: Callable[[], str]) -> None:
        """Have a system, with all its parts, connect itself; where it wants to be left alone, that holds for them."""
        try:
            talk.say(connect())
        except Throttled as exc:
            with self.database.writing() as store:
                for part in parts:
                    known = store.standing(athlete.id, part)
                    store.set_standing(athlete.id, part, troubled(known, exc, self.clock.now(), 0.0))
            raise
        for part in parts:
            self.well(athlete, part)

    def source(self, athlete: Athlete, source: Source, talk: Conversation) -> None:
        """Reach a source, taking nothing; raise Refused or Unavailable where it was not reached."""
        talk.say(f"{source.name}: {source.check()}")
        self.well(athlete, f"sources.{source.name}")

    def channel(self, athlete: Athlete, channel: Channel, talk: Conversation) -> None:
        """Send a message to try a channel and ask whether it came; raise Refused where it did not.

        Where a channel can take back what it showed, the trial goes once the answer is given, or nobody gives one.
        """
        talk.say(f"{channel.name}: {channel.check()}")
        message = trial(athlete, self.clock.now())
        receipt = channel.send(message)
        talk.say(f"{channel.name}: {SENT.format(title=message.title)}")
        try:
            came = talk.confirm("came", CAME.format(title=message.title))
        finally:
            if channel.capabilities.updates:
                with suppress(EdgeError):  # a trial that stays behind harms nobody
                    channel.send(replace(message, phase=Phase.WITHDRAWN), receipt)
                    talk.say(f"{channel.name}: {TIDIED}")
        if not came:
            raise Refused(NEVER_CAME.format(name=channel.name))
        self.well(athlete, f"channels.{channel.name}")

    def left(self, athlete: str, parts: Sequence[str], systems: Sequence[Source | Channel]) -> None:
        """Write down that a runner has left a platform on purpose: that it is not connected is no news to them."""
        with self.database.writing() as store:
            for part in parts:
                store.set_standing(athlete, part, Standing())
        for system in systems:
            try:
                system.check()
            except EdgeError as exc:
                with self.database.writing() as store:
                    store.set_notice_told(athlete, parts[0], NoticeTold(text=str(exc)))

    def well(self, athlete: Athlete, system: str) -> None:
        """Write down that a system is well: what it needed a human for is mended, and it is used at once."""
        with self.database.writing() as store:
            known = store.standing(athlete.id, system)
            store.set_standing(athlete.id, system, Standing(cursor=known.cursor, last_success=self.clock.now()))
