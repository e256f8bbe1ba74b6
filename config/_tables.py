"""The tables of the settings file, each as a frozen model of its settings.

A model says which settings there are and of which kind; defaults and meanings come from defaults.toml.
"""

from collections.abc import Mapping
from datetime import time
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from config import _values as v
from config._defaults import defaults
from config._files import SecretFile
from service.domain.athlete import Listing

MAIL_PORTS = {"starttls": 587, "ssl": 465, "none": 25}  # RFC 6409 submission, RFC 8314 implicit TLS, RFC 5321


class Table(BaseModel):
    """A table of the settings file; `place` is its dotted name there."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)
    place: ClassVar[str]

    @classmethod
    def secrets(cls) -> frozenset[str]:
        """Return the names of the settings that may instead be given as `<name>_file`."""
        fields = cls.model_fields.items()
        return frozenset(field.alias or name for name, field in fields if v.holds_secret(field.annotation))

    @classmethod
    def defaults(cls) -> Mapping[str, Any]:
        """Return what holds where the file says nothing."""
        return defaults(cls.place)

    @classmethod
    def standard(cls) -> Self:
        """Return the table as it is where the file does not have it."""
        return cls.model_validate({})

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, stated: object) -> object:
        """Put defaults under what is stated, and secret files in the place of the secrets they hold."""
        if not isinstance(stated, dict):
            return stated
        values = dict(stated)
        for name in cls.secrets() - values.keys():
            if f"{name}_file" in values:
                values[name] = SecretFile(f"{name}_file", values.pop(f"{name}_file"))
        return {**cls.defaults(), **values}


class Web(Table):
    """The pages behind the links in messages."""

    place = "web"
    listen: v.Listen

    @property
    def host(self) -> str:
        """The host to listen at."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen at; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])


class Log(Table):
    """What Afterrun says of itself."""

    place = "log"
    format: Literal["plain", "logfmt", "json"]


class Digest(Table):
    """The daily list of what is still to do."""

    place = "digest"
    at: v.Clock
    minutes: v.Whole = Field(ge=5, le=20)
    when: Listing


class Quiet(Table):
    """Quiet hours; an empty `from` or `to` turns them off."""

    place = "quiet"
    start: v.ClockOrOff = Field(alias="from")
    end: v.ClockOrOff = Field(alias="to")
    after_run: bool

    @field_validator("end")
    @classmethod
    def _differs(cls, end: time | None, info: ValidationInfo) -> time | None:
        if end is not None and end == info.data.get("start"):
            raise ValueError('is the moment quiet hours begin; for no quiet hours write ""')
        return end

    @property
    def hours(self) -> tuple[time, time] | None:
        """Return when quiet hours begin and end (the next day, where the end is earlier); None where there are none."""
        return None if self.start is None or self.end is None else (self.start, self.end)


class Evening(Table):
    """The second half of the work after a long run."""

    place = "evening"
    at: v.Clock


class Fallback(Table):
    """The channel that stands in for the others where they fail; None for none."""

    place = "fallback"
    channel: Literal["ntfy", "email", "apprise", "console"] | None = None
    after: v.Whole = Field(ge=1, le=1440)


class Goal(Table):
    """What the runner is aiming at."""

    place = "goal"
    sessions_per_week: v.Whole = Field(ge=1, le=21)


class Folder(Table):
    """A watched folder."""

    place = "sources.folder"
    path: v.Place
    pattern: v.Patterns

    def holds(self, name: str) -> bool:
        """Tell whether a file of this name is a recording to take."""
        return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in self.pattern)


class Garmin(Table):
    """Garmin's personal API. `key_ends` is the day the key ends; None where nobody stated it."""

    place = "sources.garmin"
    api_key: v.Secret
    key_ends: v.Day | None = None
    base_url: v.Site


class Intervals(Table):
    """intervals.icu."""

    place = "sources.intervals"
    api_key: v.Secret
    base_url: v.Site


class Strava(Table):
    """Strava, through an API application of the operator's own."""

    place = "sources.strava"
    client_id: v.Whole = Field(ge=1)
    client_secret: v.Secret
    base_url: v.Site
    oauth_url: v.Site
    webhook: bool


class GarminConnect(Table):
    """Garmin's unofficial door. `token_file` is where rotating tokens are written; None keeps them in the database.

    It is a source where `runs` is true, and a channel where `workouts` is.
    """

    place = "sources.garmin_connect"
    token_file: v.Place | None = None
    base_url: v.Site
    runs: bool
    workouts: bool
    workout_sport: Literal["mobility", "yoga", "pilates", "cardio_training", "strength_training", "other"]


class Ntfy(Table):
    """A push by ntfy. The address is secret: who knows the topic can read it."""

    place = "channels.ntfy"
    url: v.Topic
    token: v.Secret | None = None


class _Account(Table):
    """Something one may have to log in to."""

    username: v.Text | None = None
    password: v.Secret | None = Field(None, validate_default=True)

    @field_validator("password")
    @classmethod
    def _both(cls, password: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if "username" in info.data and (password is None) != (info.data["username"] is None):
            raise ValueError("goes with username: state both or neither")
        return password


class Email(_Account):
    """A mail server, and who writes to whom."""

    place = "channels.email"
    host: v.Text
    tls: Literal["starttls", "ssl", "none"]
    port: v.Port = Field(default_factory=lambda data: MAIL_PORTS.get(data.get("tls"), 587))
    sender: v.Mailbox = Field(alias="from")
    recipients: v.Mailboxes = Field(alias="to")


class CalDav(_Account):
    """One calendar on a CalDAV server."""

    place = "channels.caldav"
    url: v.Collection


class Calendar(Table):
    """A folder of .ics files."""

    place = "channels.calendar"
    path: v.Place


class Apprise(Table):
    """Addresses that Apprise delivers to; they hold tokens."""

    place = "channels.apprise"
    urls: v.Secrets


class Console(Table):
    """Messages printed where Afterrun runs."""

    place = "channels.console"


class _Group(Table):
    """Tables that are on when they are there."""

    def on(self) -> dict[str, Table]:
        """Return the tables that are there, by name."""
        return {name: table for name, table in self if table is not None}

    def with_own(self, other: Self) -> Self:
        """Return these and the other's."""
        return self.model_copy(update=other.on())


class Sources(_Group):
    """Where runs arrive."""

    place = "sources"
    folder: Folder | None = None
    garmin: Garmin | None = None
    intervals: Intervals | None = None
    strava: Strava | None = None
    garmin_connect: GarminConnect | None = None


class Channels(_Group):
    """How messages reach the runner."""

    place = "channels"
    ntfy: Ntfy | None = None
    email: Email | None = None
    caldav: CalDav | None = None
    calendar: Calendar | None = None
    apprise: Apprise | None = None
    console: Console | None = None
