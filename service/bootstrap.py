"""The only place that wires: settings in, a working Afterrun out. Whatever is heavy is imported where it is used."""

import os
import random
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from inspect import Parameter, signature
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

import integrations
from config import catalogue
from config.preferences import Chosen, as_far_as_understood, laid_over, standing
from config.settings import AthleteSettings, Settings, SettingsError, revealed
from service.application.announce import Announcer
from service.application.belongings import Belongings
from service.application.body import Body
from service.application.bringing import Bring
from service.application.calendar import Calendar
from service.application.coach import Coach
from service.application.connect import Connect
from service.application.digest import Digest
from service.application.entry import Entry
from service.application.feedback import Feedback
from service.application.health import Health
from service.application.hearing import Hearing
from service.application.ingest import Ingest
from service.application.insights import Look
from service.application.listening import Listen
from service.application.measures import Measures
from service.application.notices import Notices
from service.application.outbox import Outbox, Sent
from service.application.play import Play
from service.application.preferring import Preferring, Roster
from service.application.quarantine import Quarantine
from service.application.reclassify import Reclassify
from service.application.retention import Retention
from service.application.runs import Runs
from service.application.status import Status
from service.application.sync import Asked, Sync
from service.application.today import LookAtToday
from service.domain.athlete import Athlete
from service.domain.message import Message
from service.engine.logs import Redactor
from service.engine.readers import ReaderPool
from service.engine.rota import Rota
from service.persistence import vault
from service.persistence.archive import FileArchive
from service.persistence.engine import SqlDatabase, conninfo, make_engine
from service.persistence.keys import handed_over, kept_key, put_key
from service.persistence.ledger import SqlLedger
from service.persistence.migrations import NewerSchemaError, upgrade
from service.persistence.vault import SqlVault
from service.ports import Capabilities, Channel, Clock, Conversation, Source, Standing, Webhook
from service.web.links import SignedLinks, link_secret

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet
    from starlette.types import ASGIApp

    from service.engine.duties import Worker
    from service.engine.finding import Found
    from service.web.incoming import Incoming
    from service.web.site import Site


class AlreadyRunningError(Exception):
    """Another worker has this database; the text says what to do."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current moment in UTC."""
        return datetime.now(UTC)


VAULT_KEY = "vault_key"
# A moment past the one at which a file counts as whole; and longer than any file needs to be watched for.
SETTLED = timedelta(milliseconds=100)
LONGEST_WAIT = timedelta(seconds=15)

__all__ = ["AlreadyRunningError", "App", "NewerSchemaError", "build"]


@dataclass
class App:
    """Afterrun, wired from settings. Each part is made when it is first asked for."""

    settings: Settings
    clock: Clock
    redactor: Redactor = field(default_factory=Redactor)

    def __post_init__(self) -> None:
        """Keep what is secret out of everything that is said from now on."""
        self.redactor.learn(revealed(self.settings))

    @cached_property
    def athletes(self) -> Roster:
        """The runners by id, as the settings file and what they chose have them."""
        reads = {
            runner.id: lambda chosen, runner=runner: as_far_as_understood(runner, chosen).to_athlete()
            for runner in self.settings.athletes
        }
        roster = Roster(reads, self.database)
        roster.refresh()
        return roster

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
    def database(self) -> SqlDatabase:
        """The database, brought to the schema of this release."""
        database = SqlDatabase(make_engine(self.settings.database.get_secret_value()))
        try:
            upgrade(database.engine)
        except BaseException:
            database.close()
            raise
        return database

    @cached_property
    def archive(self) -> FileArchive:
        """The folder of raw bytes and streams."""
        return FileArchive(self.settings.data_dir)

    @cached_property
    def readers(self) -> ReaderPool:
        """The readers of files, in processes of their own."""
        return ReaderPool(integrations.readers)

    @cached_property
    def links(self) -> SignedLinks:
        """The maker of addresses."""
        secret = link_secret(self.settings.data_dir / "keys")
        return SignedLinks(base_url=self.settings.base_url.rstrip("/"), secret=secret)

    @cached_property
    def channels(self) -> Mapping[tuple[str, str], Channel]:
        """The channels by athlete and name."""
        return {
            (runner.id, name): self._made(group, name, "channel", runner.id, table)
            for runner in self.settings.athletes
            for group, name, table in _told_by(runner)
        }

    @cached_property
    def sources(self) -> Mapping[tuple[str, str], Source]:
        """The sources by athlete and name."""
        return {
            (runner.id, name): self._made(group, name, "source", runner.id, table)
            for runner in self.settings.athletes
            for group, name, table in _read_from(runner)
        }

    def _made(self, group: str, name: str, factory: str, athlete: str, table: Any, **at_hand: object) -> Any:  # noqa: ANN401 - any factory's result
        """Call a factory of an integration with the settings it asks for, what is at hand, and what else it names."""
        make = getattr(_integration(group, name), factory)
        system = f"{group}.{name}"
        around: Mapping[str, Callable[[], object]] = {
            "clock": lambda: self.clock,
            "athlete": lambda: self.athletes[athlete],
            "vault": lambda: self._vault(athlete, system),
            "catalogue": lambda: catalogue.load()[0],
            "exercises": catalogue.exercises,
            "ledger": lambda: self._ledger(athlete, system),
        }
        wanted = signature(make).parameters
        takes_all = any(one.kind is Parameter.VAR_KEYWORD for one in wanted.values())
        settings = {name: value for name, value in _plain(table).items() if takes_all or name in wanted}
        return make(**settings, **at_hand, **{name: give() for name, give in around.items() if name in wanted})

    def _ledger(self, athlete: str, system: str) -> SqlLedger:
        """Return the count that an athlete shares with all who use the same system: their application may be one."""
        sharers = [other for other, systems in self.systems.items() if system in systems]
        return SqlLedger(self.database.engine, athlete, sharers, clock=self.clock)

    def _vault(self, athlete: str, system: str) -> SqlVault:
        heard = self.redactor.learn_from
        return SqlVault(self.database.engine, self.cipher, athlete, system, clock=self.clock, heard=heard)

    @cached_property
    def cipher(self) -> "MultiFernet":
        """What seals tokens at rest: with the key systemd hands over, or else the one kept beside the data."""
        return vault.cipher(handed_over(VAULT_KEY) or kept_key(self._vault_key, vault.new_key))

    @property
    def _vault_key(self) -> Path:
        return self.settings.data_dir / "keys" / "vault.key"

    def unreadable_secrets(self) -> list[tuple[str, str]]:
        """Return the systems, by athlete and name, whose tokens were sealed with a key that is lost."""
        return vault.unreadable(self.database.engine, self.cipher)

    def rotate_key(self) -> int:
        """Seal every token with a new key, let go of the old one, and return how many tokens that were.

        A key that systemd hands over is its owner's to change: tokens are sealed with its first line.
        """
        if handed_over(VAULT_KEY) is not None:
            return vault.reseal(self.database.engine, self.cipher)
        older = kept_key(self._vault_key, vault.new_key)
        newer = vault.new_key()
        put_key(self._vault_key, f"{newer}\n{older}")  # killed from here on, either opens what is sealed with it
        resealed = vault.reseal(self.database.engine, vault.cipher(f"{newer}\n{older}"))
        put_key(self._vault_key, newer)
        return resealed

    @property
    def capabilities(self) -> Mapping[str, Mapping[str, Capabilities]]:
        """What each athlete's channels can do, by name."""
        found: dict[str, dict[str, Capabilities]] = {athlete: {} for athlete in self.athletes}
        for (athlete, name), channel in self.channels.items():
            found[athlete][name] = channel.capabilities
        return found

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

    def workout_sport(self, athlete: str) -> str:
        """Return what an athlete's watch is to take routines for, whether or not they are put there by Garmin."""
        return self._settings_of(athlete).workout_sport

    def _settings_of(self, athlete: str) -> AthleteSettings:
        return next(one for one in self.settings.athletes if one.id == athlete)

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

    def connect(self, athlete: str, name: str, talk: Conversation) -> None:
        """Connect one of an athlete's sources or channels; raise SettingsError for one the settings do not have."""
        runner = self._settings_of(athlete)
        for group, tables in (("sources", runner.sources.on()), ("channels", runner.channels.on())):
            if name in tables:
                self._connect(group, name, self.athletes[athlete], tables[name], talk)
                return
        where = "channels" if name in type(runner.channels).model_fields else "sources"
        raise SettingsError(f"{name} is not in the settings: add [{where}.{name}], as config/defaults.toml shows")

    def _connect(self, group: str, name: str, athlete: Athlete, table: Any, talk: Conversation) -> None:  # noqa: ANN401 - any table of the settings
        """Have an integration connect itself where it knows how; else reach it and see."""
        connect = Connect(self.database, self.clock)
        if hasattr(_integration(group, name), "connect"):
            parts = [system for system in self.systems[athlete.id] if system.partition(".")[2] == name]
            by_itself = partial(self._made, group, name, "connect", athlete.id, table, talk=talk)
            connect.by_itself(athlete, parts, talk, by_itself)
        elif group == "sources":
            connect.source(athlete, self.sources[athlete.id, name], talk)
        else:
            connect.channel(athlete, self.channels[athlete.id, name], talk)

    def disconnect(self, athlete: str, name: str, talk: Conversation) -> None:
        """Give an athlete's consent back and let go of what it lent; raise SettingsError where there is none."""
        runner = next(runner for runner in self.settings.athletes if runner.id == athlete)
        table = runner.sources.on().get(name)
        if table is None or not hasattr(_integration("sources", name), "disconnect"):
            raise SettingsError(f"{name} holds no consent to give back: take its table out of the settings instead")
        self._made("sources", name, "disconnect", athlete, table, talk=talk)
        gone = self.ingest.forget(athlete, name)
        with self.database.writing() as store:
            store.set_standing(athlete, f"sources.{name}", Standing())
        talk.say(f"Let go of {gone} recordings lent by {name}; your sessions stay.")

    @cached_property
    def hearing(self) -> Hearing:
        """Hears what platforms tell by themselves."""
        hooks = {name: tuple(by_account.values()) for name, by_account in self.webhooks.items()}
        wake = partial(self.wake, "hear")
        return Hearing(self.database, self.sync, self.ingest, hooks, clock=self.clock, wake=wake)

    @cached_property
    def webhooks(self) -> Mapping[str, Mapping[str, Webhook]]:
        """The webhooks that are on, by source and by the account there: athletes may share one."""
        found: dict[str, dict[str, Webhook]] = {}
        for runner in self.settings.athletes:
            for name, table in runner.sources.on().items():
                if getattr(table, "webhook", False):
                    account = str(getattr(table, "client_id", ""))
                    hook = self._made("sources", name, "webhook", f"webhook {account}", table)
                    found.setdefault(name, {}).setdefault(account, hook)
        return found

    def callback(self, name: str) -> tuple[str, str]:
        """Return the address at which a platform is to tell what is new, and what it says to be let in."""
        from service.web.webhooks import path_secret, verify_token, webhook_key  # noqa: PLC0415 - see website

        key = webhook_key(self.settings.data_dir / "keys")
        address = f"{self.settings.base_url.rstrip('/')}/webhooks/{name}/{path_secret(key, name)}"
        return address, verify_token(key, name)

    @cached_property
    def retention(self) -> Retention:
        """Lets go of recordings."""
        return Retention(self.database, self.archive, self.readers)

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
        with _the_only_one(self.settings.data_dir) if self.database.is_a_file else nullcontext():
            yield

    @property
    def systems(self) -> Mapping[str, tuple[str, ...]]:
        """Each athlete's sources and channels, named as in the settings."""
        return {
            runner.id: (
                *(f"sources.{name}" for _, name, _ in _read_from(runner)),
                *(f"channels.{name}" for _, name, _ in _told_by(runner)),
            )
            for runner in self.settings.athletes
        }

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
            body=self.body,
            preferring=self.preferring,
            standing=self.standing,
            status=self.status,
            talks=Talks(self.connect),
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

    def close(self) -> None:
        """Let go of the readers and the database, where they were used."""
        if "readers" in self.__dict__:
            self.readers.stop()
        if "database" in self.__dict__:
            self.database.close()


def build(settings: Settings, clock: Clock | None = None) -> App:
    """Return Afterrun as these settings describe it."""
    return App(settings=settings, clock=clock or SystemClock())


@contextmanager
def nobody_works(settings: Settings) -> Iterator[None]:
    """Be sure that no worker has this database meanwhile; raise AlreadyRunningError where one has."""
    database = SqlDatabase(make_engine(settings.database.get_secret_value()))
    try:
        if not database.is_a_file and Health(database, SystemClock(), "").look().ready:
            raise AlreadyRunningError(
                "Afterrun works on this database: stop its workers first, and wait three minutes."
            )
        with _the_only_one(settings.data_dir) if database.is_a_file else nullcontext():
            yield
    finally:
        database.close()


@contextmanager
def _the_only_one(data_dir: Path) -> Iterator[None]:
    place = data_dir / "worker.lock"
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(place, blocking=False):
            yield
    except Timeout as exc:
        raise AlreadyRunningError(
            "Another Afterrun worker has this database: stop it first (one worker at a time on SQLite)."
        ) from exc


def _read_from(athlete: AthleteSettings) -> Iterator[tuple[str, str, Any]]:
    """Yield an athlete's sources: group and name in the settings, and the table there."""
    for name, table in athlete.sources.on().items():
        if getattr(table, "runs", True):
            yield "sources", name, table


def _told_by(athlete: AthleteSettings) -> Iterator[tuple[str, str, Any]]:
    """Yield an athlete's channels likewise: a source that puts workouts on a watch is one as well."""
    for name, table in athlete.channels.on().items():
        yield "channels", name, table
    for name, table in athlete.sources.on().items():
        if getattr(table, "workouts", False):
            yield "sources", name, table


def _integration(group: str, name: str) -> ModuleType:
    if name not in integrations.names():
        raise SettingsError(f"{group}.{name}: this release cannot reach {name} yet; take its table out of the settings")
    return integrations.load(name)


def _plain(table: Any) -> dict[str, Any]:  # noqa: ANN401 - any table of the settings
    """Return a settings table as keyword arguments: names as in the file, secrets as plain text."""
    return {field.alias or name: _revealed(getattr(table, name)) for name, field in type(table).model_fields.items()}


def _revealed(value: Any) -> Any:  # noqa: ANN401 - a setting of any type
    if isinstance(value, tuple):
        return tuple(_revealed(item) for item in value)
    reveal = getattr(value, "get_secret_value", None)
    return reveal() if reveal else value
