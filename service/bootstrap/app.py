"""Afterrun, wired: the use cases, who does them when, and the pages. Whatever is heavy is imported where it is used."""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import integrations
from config import catalogue
from config.settings import Settings, SettingsError
from service.application.bringing import Bring
from service.application.connect import Connect
from service.application.hearing import Hearing
from service.application.outbox import Sent
from service.application.quarantine import Quarantine
from service.application.sync import Asked
from service.bootstrap.alone import the_only_one
from service.bootstrap.edges import SystemClock
from service.bootstrap.tables import integration
from service.bootstrap.use_cases import UseCases
from service.domain.athlete import Athlete
from service.domain.message import Message
from service.domain.words import many
from service.engine.rota import Rota
from service.persistence.engine import conninfo
from service.ports import Channel, Clock, Conversation, Source

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from service.engine.duties import Worker
    from service.engine.finding import Found
    from service.web.incoming import Incoming
    from service.web.site import Site

# A moment past the one at which a file counts as whole; and longer than any file needs to be watched for.
SETTLED = timedelta(milliseconds=100)
LONGEST_WAIT = timedelta(seconds=15)


class App(UseCases):
    """Afterrun, wired from settings. Each part is made when it is first asked for."""

    @cached_property
    def incoming(self) -> "Incoming":
        """Keeps what is sent to the pages until it is taken in."""
        from service.web.incoming import Incoming  # noqa: PLC0415 - the pages are for long-running commands only

        return Incoming(self.settings.data_dir / "incoming", self.bring.bring)

    @cached_property
    def bring(self) -> Bring:
        """Brings runs in from the pages."""
        return Bring(database=self.database, ingest=self.ingest, coach=self.coach, find=self._found, clock=self.clock)

    @contextmanager
    def _found(self, number: int) -> "Iterator[Found]":
        """Give the recordings in what was sent for an import, and let the readers rest afterwards."""
        from service.engine.finding import find  # noqa: PLC0415 - opening archives is for imports only

        try:
            with find(self.incoming.files(number), integrations.decoders().keys()) as found:
                yield found
        finally:
            self.readers.rest()

    def connect(self, athlete: str, name: str, talk: Conversation) -> None:
        """Connect one of an athlete's sources or channels; raise SettingsError for one the settings do not have."""
        runner = self._settings_of(athlete)
        for group, tables in (("sources", runner.sources.on()), ("channels", runner.channels.on())):
            if name in tables:
                self._connect(group, name, self.athletes[athlete], tables[name], talk)
                return
        known = {"sources": type(runner.sources).model_fields, "channels": type(runner.channels).model_fields}
        where = next((group for group, names in known.items() if name in names), None)
        if where is None:
            there = ", ".join(dict.fromkeys(name for names in known.values() for name in names))
            raise SettingsError(f"there is no source or channel {name!r}: there is {there}")
        raise SettingsError(f"{name} is not in the settings: add [{where}.{name}], as config/defaults.toml shows")

    def _connect(self, group: str, name: str, athlete: Athlete, table: Any, talk: Conversation) -> None:  # noqa: ANN401 - any table of the settings
        """Have an integration connect itself where it knows how; else reach it and see."""
        connect = Connect(self.database, self.clock)
        if hasattr(integration(group, name), "connect"):
            parts = self._parts(athlete.id, name)
            by_itself = partial(self._made, group, name, "connect", athlete.id, table, talk=talk)
            connect.by_itself(athlete, parts, talk, by_itself)
        elif group == "sources":
            connect.source(athlete, self.sources[athlete.id, name], talk)
        else:
            connect.channel(athlete, self.channels[athlete.id, name], talk)

    def _parts(self, athlete: str, name: str) -> list[str]:
        """Return what an athlete has of this name, as in the settings: a source, a channel, or the two in one."""
        return [system for system in self.systems[athlete] if system.partition(".")[2] == name]

    def _both(self, athlete: str, name: str) -> list[Source | Channel]:
        """Return the same as what it is."""
        return [held[athlete, name] for held in (self.sources, self.channels) if (athlete, name) in held]

    def consents(self, athlete: str) -> frozenset[str]:
        """Return the sources whose consent an athlete can give back."""
        on = self._settings_of(athlete).sources.on()
        return frozenset(name for name in on if hasattr(integration("sources", name), "disconnect"))

    def disconnect(self, athlete: str, name: str, talk: Conversation) -> None:
        """Give an athlete's consent back and let go of what it lent; raise SettingsError where there is none."""
        if name not in self.consents(athlete):
            raise SettingsError(f"{name} holds no consent to give back: take its table out of the settings instead")
        table = self._settings_of(athlete).sources.on()[name]
        self._made("sources", name, "disconnect", athlete, table, talk=talk)
        gone = self.ingest.forget(athlete, name)
        Connect(self.database, self.clock).left(athlete, self._parts(athlete, name), self._both(athlete, name))
        talk.say(f"Let go of {many(gone, 'recording')} lent by {name}; your sessions stay.")

    @cached_property
    def hearing(self) -> Hearing:
        """Hears what platforms tell by themselves."""
        hooks = {name: tuple(by_account.values()) for name, by_account in self.webhooks.items()}
        wake = partial(self.wake, "hear")
        return Hearing(self.database, self.sync, self.ingest, hooks, clock=self.clock, wake=wake)

    def callback(self, name: str) -> tuple[str, str]:
        """Return the address at which a platform is to tell what is new, and what it says to be let in."""
        from service.web.webhooks import path_secret, verify_token, webhook_key  # noqa: PLC0415 - see website

        key = webhook_key(self.settings.data_dir / "keys")
        address = f"{self.settings.base_url.rstrip('/')}/webhooks/{name}/{path_secret(key, name)}"
        return address, verify_token(key, name)

    def owner(self, athlete: str | None) -> str:
        """Return the athlete meant, the first where none is named; raise SettingsError for one nobody knows."""
        if athlete is None:
            return next(iter(self.athletes))
        if athlete not in self.athletes:
            raise SettingsError(f"no athlete {athlete!r}: the settings have {', '.join(self.athletes)}")
        return athlete

    @contextmanager
    def worker_lock(self) -> Iterator[None]:
        """Hold the right to be this database's one worker; raise AlreadyRunningError where another has it.

        PostgreSQL bears any number of them: whatever only one may do at a time is a turn or a lease there.
        """
        with the_only_one(self.settings.data_dir) if self.database.is_a_file else nullcontext():
            yield

    def begin_afresh(self) -> None:
        """Forget our own back-off, for somebody may have mended what was wrong; a platform's wait is kept."""
        with self.database.writing() as store:
            store.forget_back_off()

    def ask_now(self, only: Collection[str] = ()) -> list[Asked]:
        """Ask sources at once, and again where something was just arriving, when it will be whole."""
        self.begin_afresh()
        told = [self.hearing.act(*named) for named in self.hearing.due() if not only or named[1] in only]
        asked = [answer for answer in told if answer is not None] + self.sync.ask(only, impatient=True)
        now = self.clock.now()
        arriving = {
            name: at
            for (_, name), source in self.sources.items()
            if (not only or name in only) and (at := source.ready_at) is not None and at <= now + LONGEST_WAIT
        }
        if not arriving:
            return asked
        time.sleep(max((max(arriving.values()) - now + SETTLED).total_seconds(), 0.0))
        return [answer for answer in asked if answer.taken or answer.trouble] + self.sync.ask(arriving, impatient=True)

    @cached_property
    def rota(self) -> Rota:
        """Who does what over time."""
        return Rota(
            roster=self.athletes,
            ingest=self.ingest,
            sync=self.sync,
            hearing=self.hearing,
            retention=self.retention,
            coach=self.coach,
            outbox=self.outbox,
            listen=self.listen,
            feedback=self.feedback,
            digest=self.digest,
            notices=self.notices,
            readers=self.readers,
            health=self.health,
            clock=self.clock,
        )

    def deliver(self) -> Sent:
        """Send what is due, in the form and the words that suit the moment it is sent at."""
        self.coach.let_cool()
        sent = self.outbox.deliver_due()
        return sent + self.outbox.deliver_due() if self.notices.tell_all() else sent

    @cached_property
    def worker(self) -> "Worker":
        """The worker with its duties, not yet started: on threads of this process, or one of many on PostgreSQL."""
        duties = self.rota.duties()
        if self.settings.engine == "procrastinate":
            from service.engine import procrastinate  # noqa: PLC0415 - its packages are only there where it is wanted

            return procrastinate.Worker(duties, conninfo(self.settings.database.get_secret_value()))
        from service.engine import local  # noqa: PLC0415 - the scheduler is for long-running commands only

        return local.Worker(duties)

    def wake(self, duty: str, *ids: str) -> None:
        """Have a duty of the rota done for these ids soon, here or wherever a worker is."""
        self.worker.wake(duty, *ids)

    def website(self) -> "ASGIApp":
        """Return the web application."""
        from service.web.app import make_app  # noqa: PLC0415 - the pages are for long-running commands only

        self.incoming.go_on()
        return make_app(self.site)

    @cached_property
    def site(self) -> "Site":
        """What the pages stand on."""
        from config.figures import motions  # noqa: PLC0415 - as above
        from service.web.care import Care  # noqa: PLC0415 - the same
        from service.web.figures import Figures  # noqa: PLC0415 - the same
        from service.web.site import Site  # noqa: PLC0415 - the same
        from service.web.talking import Talks  # noqa: PLC0415 - the same
        from service.web.webhooks import Doors, webhook_key  # noqa: PLC0415 - the same

        return Site(
            feedback=self.feedback,
            coach=self.coach,
            play=self.play,
            today=self.today,
            runs=self.runs,
            look=self.look,
            body=self.body,
            preferring=self.preferring,
            standing=self.standing,
            status=self.status,
            talks=Talks(self.connect, self.disconnect),
            consents=self.consents,
            bring=self.bring,
            incoming=self.incoming,
            quarantine=Quarantine(self.database, self.ingest, self.coach),
            calendar=self.calendar,
            entry=self.entry,
            athletes=self.athletes,
            links=self.links,
            figures=Figures(catalogue.load()[0], motions()),
            feed=self._feed,
            clock=self.clock,
            care=Care(self.health.look, self.measures.take),
            doors=Doors(self.hearing, webhook_key(self.settings.data_dir / "keys")),
        )

    def _feed(self, name: str, entries: Sequence[Message]) -> bytes:
        feed: bytes = integrations.load("calendar").feed(name, entries, now=self.clock.now())
        return feed


def build(settings: Settings, clock: Clock | None = None) -> App:
    """Return Afterrun as these settings describe it."""
    return App(settings=settings, clock=clock or SystemClock())
