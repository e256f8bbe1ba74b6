"""What stands at the edge, made from the settings: database, files, secrets, sources and channels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import integrations
from config import catalogue
from config.preferences import as_far_as_understood
from config.settings import AthleteSettings, Settings, revealed
from service.application.preferring import Roster
from service.bootstrap.tables import integration, plain, read_from, told_by
from service.engine.readers import ReaderPool
from service.engine.redaction import Redactor
from service.persistence._troubles import answering
from service.persistence.archive import FileArchive
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.keys import handed_over, kept_key, put_key
from service.persistence.ledger import SqlLedger
from service.persistence.migrations import upgrade
from service.ports import Capabilities, Channel, Clock, Source, Webhook
from service.web.links import SignedLinks, link_secret

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

    from service.persistence.vault import SqlVault

VAULT_KEY = "vault_key"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current moment in UTC."""
        return datetime.now(UTC)


@dataclass
class Edges:
    """Everything that touches the world. Each part is made when it is first asked for."""

    settings: Settings
    clock: Clock
    redactor: Redactor = field(default_factory=Redactor)

    def __post_init__(self) -> None:
        """Keep what is secret out of everything that is said from now on."""
        self.redactor.learn(revealed(self.settings))

    @cached_property
    def database(self) -> SqlDatabase:
        """The database, brought to the schema of this release."""
        database = SqlDatabase(make_engine(self.settings.database.get_secret_value()))
        try:
            with answering():
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
    def athletes(self) -> Roster:
        """The runners by id, as the settings file and what they chose have them."""
        reads = {
            runner.id: lambda chosen, runner=runner: as_far_as_understood(runner, chosen).to_athlete()
            for runner in self.settings.athletes
        }
        roster = Roster(reads, self.database)
        roster.refresh()
        return roster

    def _settings_of(self, athlete: str) -> AthleteSettings:
        return next(one for one in self.settings.athletes if one.id == athlete)

    def workout_sport(self, athlete: str) -> str:
        """Return what an athlete's watch is to take routines for, whether or not they are put there by Garmin."""
        return self._settings_of(athlete).workout_sport

    @cached_property
    def systems(self) -> Mapping[str, tuple[str, ...]]:
        """Each athlete's sources and channels, named as in the settings."""
        return {
            runner.id: (
                *(f"sources.{name}" for _, name, _ in read_from(runner)),
                *(f"channels.{name}" for _, name, _ in told_by(runner)),
            )
            for runner in self.settings.athletes
        }

    @cached_property
    def channels(self) -> Mapping[tuple[str, str], Channel]:
        """The channels by athlete and name."""
        return {
            (runner.id, name): self._made(group, name, "channel", runner.id, table)
            for runner in self.settings.athletes
            for group, name, table in told_by(runner)
        }

    @cached_property
    def sources(self) -> Mapping[tuple[str, str], Source]:
        """The sources by athlete and name."""
        return {
            (runner.id, name): self._made(group, name, "source", runner.id, table)
            for runner in self.settings.athletes
            for group, name, table in read_from(runner)
        }

    @property
    def capabilities(self) -> Mapping[str, Mapping[str, Capabilities]]:
        """What each athlete's channels can do, by name."""
        found: dict[str, dict[str, Capabilities]] = {athlete: {} for athlete in self.athletes}
        for (athlete, name), channel in self.channels.items():
            found[athlete][name] = channel.capabilities
        return found

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

    def _made(self, group: str, name: str, factory: str, athlete: str, table: Any, **at_hand: object) -> Any:  # noqa: ANN401 - any factory's result
        """Call a factory of an integration with the settings it asks for, what is at hand, and what else it names."""
        make = getattr(integration(group, name), factory)
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
        settings = {name: value for name, value in plain(table).items() if takes_all or name in wanted}
        return make(**settings, **at_hand, **{name: give() for name, give in around.items() if name in wanted})

    def _ledger(self, athlete: str, system: str) -> SqlLedger:
        """Return the count that an athlete shares with all who use the same system: their application may be one."""
        return SqlLedger(self.database.engine, athlete, self._sharers.get(system, ()), clock=self.clock)

    @cached_property
    def _sharers(self) -> Mapping[str, Sequence[str]]:
        """The athletes who use each system."""
        found: dict[str, list[str]] = {}
        for athlete, systems in self.systems.items():
            for system in systems:
                found.setdefault(system, []).append(athlete)
        return found

    def _vault(self, athlete: str, system: str) -> "SqlVault":
        from service.persistence.vault import SqlVault  # noqa: PLC0415 - cryptography is heavy, for whoever has tokens

        heard = self.redactor.learn_from
        return SqlVault(self.database.engine, self.cipher, athlete, system, clock=self.clock, heard=heard)

    @cached_property
    def cipher(self) -> "MultiFernet":
        """What seals tokens at rest: with the key systemd hands over, or else the one kept beside the data."""
        from service.persistence import vault  # noqa: PLC0415 - the same

        return vault.cipher(handed_over(VAULT_KEY) or kept_key(self._vault_key, vault.new_key))

    @property
    def _vault_key(self) -> Path:
        return self.settings.data_dir / "keys" / "vault.key"

    def unreadable_secrets(self) -> list[tuple[str, str]]:
        """Return the systems, by athlete and name, whose tokens were sealed with a key that is lost."""
        from service.persistence import vault  # noqa: PLC0415 - the same

        return vault.unreadable(self.database.engine, self.cipher)

    def rotate_key(self) -> int:
        """Seal every token with a new key, let go of the old one, and return how many tokens that were.

        A key that systemd hands over is its owner's to change: tokens are sealed with its first line.
        """
        from service.persistence import vault  # noqa: PLC0415 - the same

        if handed_over(VAULT_KEY) is not None:
            return vault.reseal(self.database.engine, self.cipher)
        older = kept_key(self._vault_key, vault.new_key)
        newer = vault.new_key()
        put_key(self._vault_key, f"{newer}\n{older}")  # killed from here on, either opens what is sealed with it
        resealed = vault.reseal(self.database.engine, vault.cipher(f"{newer}\n{older}"))
        put_key(self._vault_key, newer)
        return resealed

    @cached_property
    def readers(self) -> ReaderPool:
        """The readers of files, in processes of their own."""
        return ReaderPool(integrations.readers)

    @cached_property
    def links(self) -> SignedLinks:
        """The maker of addresses."""
        secret = link_secret(self.settings.data_dir / "keys")
        return SignedLinks(base_url=self.settings.base_url.rstrip("/"), secret=secret)

    def close(self) -> None:
        """Let go of the readers and the database, where they were used."""
        if "readers" in self.__dict__:
            self.readers.stop()
        if "database" in self.__dict__:
            self.database.close()
