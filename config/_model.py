"""The settings file as a whole, and each athlete it serves."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field, PrivateAttr, SecretStr, ValidationInfo, field_validator

from config import _values as v
from config._defaults import defaults
from config._tables import Channels, Digest, Evening, Fallback, GarminConnect, Goal, Log, Quiet, Sources, Table, Web
from service.domain.athlete import Athlete, Level, Units


class Runner(Table):
    """The runner of [athlete]. Speeds in m/s, heart rates in beats a minute; None where nothing is stated."""

    place = "athlete"
    id: v.ShortName
    name: str
    timezone: v.Zone = Field(None, validate_default=True)
    units: Units
    birth_year: v.BirthYear | None = None
    resting_hr: v.HeartRate | None = None
    threshold_hr: v.HeartRate | None = None
    max_hr: v.HeartRate | None = None
    threshold_pace: v.Speed | None = None
    kit: v.Kits
    level: Level
    sources: Sources = Field(default_factory=Sources.standard)
    channels: Channels = Field(default_factory=Channels.standard)

    @field_validator("threshold_hr", "max_hr")
    @classmethod
    def _rises(cls, rate: float | None, info: ValidationInfo) -> float | None:
        """Refuse heart rates that are not in their order: at rest, at threshold, at most."""
        for name in ("resting_hr", "threshold_hr"):
            lower = info.data.get(name)
            if rate is not None and lower is not None and lower >= rate:
                raise ValueError(f"must be above {name}")
        return rate


class Member(Runner):
    """One of several runners, of [[athletes]]."""

    place = "athletes"

    @classmethod
    def defaults(cls) -> Mapping[str, Any]:
        """Return the defaults of [athlete] but for the id, which each of several must state."""
        return {key: value for key, value in defaults(Runner.place).items() if key != "id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AthleteSettings:
    """One athlete's settings: who they are, where their runs arrive, how messages reach them, and their day."""

    runner: Runner
    sources: Sources
    channels: Channels
    digest: Digest
    quiet: Quiet
    evening: Evening
    fallback: Fallback
    goal: Goal

    @property
    def id(self) -> str:
        """The short name this athlete's runs are kept under."""
        return self.runner.id

    @property
    def workout_sport(self) -> str:
        """What a watch is to take routines for, whether or not it is Garmin Connect that puts them there."""
        return (self.sources.garmin_connect or GarminConnect.standard()).workout_sport

    def to_athlete(self) -> Athlete:
        """Return the athlete as decisions know them."""
        return Athlete(
            id=self.runner.id,
            name=self.runner.name,
            timezone=self.runner.timezone,
            units=self.runner.units,
            birth_year=self.runner.birth_year,
            max_hr=self.runner.max_hr,
            resting_hr=self.runner.resting_hr,
            threshold_speed_mps=self.runner.threshold_pace,
            threshold_hr=self.runner.threshold_hr,
            kit=self.runner.kit,
            level=self.runner.level,
            quiet=self.quiet.hours,
            heard_after_runs=self.quiet.after_run,
            digest_at=self.digest.at,
            digest_when=self.digest.when,
            catch_up_minutes=self.digest.minutes,
            evening=self.evening.at,
            sessions_per_week=self.goal.sessions_per_week,
            fallback=self.fallback.channel or "",
            fallback_after=timedelta(minutes=self.fallback.after),
        )


class Settings(Table):
    """Every setting, checked. Addresses that may hold a secret are SecretStr, paths are absolute.

    `sources` and `channels` are those of the top of the file; `athletes` says whose they are.
    """

    place = ""
    database: v.Database
    data_dir: v.Place
    base_url: v.Front
    engine: Literal["local", "procrastinate"]
    single: Runner | None = Field(None, alias="athlete")
    several: dict[str, Member] = Field(default_factory=dict, alias="athletes")
    web: Web = Field(default_factory=Web.standard)
    log: Log = Field(default_factory=Log.standard)
    digest: Digest = Field(default_factory=Digest.standard)
    quiet: Quiet = Field(default_factory=Quiet.standard)
    evening: Evening = Field(default_factory=Evening.standard)
    fallback: Fallback = Field(default_factory=Fallback.standard)
    goal: Goal = Field(default_factory=Goal.standard)
    sources: Sources = Field(default_factory=Sources.standard)
    channels: Channels = Field(default_factory=Channels.standard)

    _secret_files: tuple[Path, ...] = PrivateAttr(())

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """The files a secret was read from, the settings file among them where one stands in it."""
        return self._secret_files

    def remember_secret_files(self, files: Iterable[Path]) -> None:
        """Remember which files hold a secret."""
        self._secret_files = tuple(dict.fromkeys(files))

    @field_validator("engine")
    @classmethod
    def _has_its_database(cls, engine: str, info: ValidationInfo) -> str:
        database = info.data.get("database")  # missing where it is wrong itself
        if engine == "procrastinate" and database and database.get_secret_value().startswith("sqlite"):
            raise ValueError('"procrastinate" needs PostgreSQL: state database = "postgresql+psycopg://..." too')
        return engine

    @cached_property
    def athletes(self) -> tuple[AthleteSettings, ...]:
        """Each athlete, in the order of the file. The sources and channels of its top are the first one's."""
        first, *others = [self.single] if self.single else self.several.values()
        return (
            self._served(first, self.sources.with_own(first.sources), self.channels.with_own(first.channels)),
            *(self._served(other, other.sources, other.channels) for other in others),
        )

    def _served(self, runner: Runner, sources: Sources, channels: Channels) -> AthleteSettings:
        return AthleteSettings(
            runner=runner,
            sources=sources,
            channels=channels,
            digest=self.digest,
            quiet=self.quiet,
            evening=self.evening,
            fallback=self.fallback,
            goal=self.goal,
        )


def revealed(value: object) -> Iterator[str]:
    """Yield every secret that stands anywhere in a settings value, for whoever has to keep it from being seen."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from revealed(getattr(value, name))
    elif isinstance(value, Mapping | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from revealed(inner)


def secrets_of(place: str) -> frozenset[str]:
    """Return the names of a table's settings that may instead be given as `<name>_file`; none for no table."""
    return next((table.secrets() for table in every_table() if table.place == place), frozenset())


def every_table(table: type[Table] = Settings) -> Iterator[type[Table]]:
    """Return the model of the settings file and those of the tables in it."""
    yield table
    for field in table.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, Table):
                yield from every_table(kind)
