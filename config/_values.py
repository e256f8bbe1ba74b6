"""How each kind of value is written, and what it becomes: times, paces, zones, addresses, secrets.

A check raises ValueError with what to write instead. It quotes what was written only where that can be no secret.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, get_args
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from config._files import SecretFile
from service.domain.movements import Kit

METRES = {"km": 1000.0, "mi": 1609.344}  # the international mile of 1959
PACES_S_PER_KM = (120, 1200)  # from faster than any record over 1,000 m to a slow walk: outside it is a slip of the pen
QUOTED = 40  # characters of a wrong value that an error repeats
HEART_RATES = (25, 250)  # beats a minute; outside it is a slip of the pen
EARLIEST_BIRTH = 1900  # before it is a slip of the pen


def quoted(value: object) -> str:
    """Return a value as one short line, for an error's text."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= QUOTED else text[: QUOTED - 3] + "..."


def clock(value: object) -> time:
    """Read "22:00" (or TOML's own 22:00:00) as a time of day."""
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value, re.ASCII):
        hours, minutes = value.split(":")
        return time(int(hours), int(minutes))
    raise ValueError(f'{quoted(value)} is no time of day: write it like "07:00" or "22:30"')


def clock_or_off(value: object) -> time | None:
    """Read a time of day; an empty one is None."""
    return None if value in ("", None) else clock(value)


def day(value: object) -> date:
    """Read a date such as 2027-05-21, with or without quotes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "?")
    except ValueError as exc:
        raise ValueError(f'{quoted(value)} is no date: write it like "2027-05-21"') from exc


def speed(value: object) -> float:
    """Read a pace such as "4:30/km" or "7:15/mi" as metres a second."""
    match = re.fullmatch(r"(\d{1,2}):([0-5]\d) ?/ ?(km|mi)", value, re.ASCII) if isinstance(value, str) else None
    if not match:
        raise ValueError(f'{quoted(value)} is no pace: write it like "4:30/km" or "7:15/mi"')
    seconds = 60 * int(match[1]) + int(match[2])
    fastest, slowest = PACES_S_PER_KM
    if not fastest <= seconds / METRES[match[3]] * 1000 <= slowest:
        raise ValueError(f"{quoted(value)} is no running pace: check the minutes, the seconds and the unit")
    return METRES[match[3]] / seconds


def zone(value: object) -> ZoneInfo:
    """Read a time zone's name; nothing means the computer's own zone."""
    if value in (None, ""):
        return system_zone()
    try:
        return ZoneInfo(value if isinstance(value, str) else "?")
    except (KeyError, ValueError, OSError) as exc:
        raise ValueError(f"{quoted(value)} is no time zone{_nearest_zone(value)}") from exc


def _nearest_zone(value: object) -> str:
    known = {name.casefold(): name for name in available_timezones()}
    near = get_close_matches(str(value).replace(" ", "_").casefold(), known, n=1)
    return f": did you mean {known[near[0]]}?" if near else ': write it like "Europe/Berlin"'


def system_zone() -> ZoneInfo:
    """Return the computer's own time zone; raise ValueError where it has one without a name."""
    import tzlocal  # noqa: PLC0415 - 10 ms that a stated zone spares

    try:
        name = tzlocal.get_localzone_name()
    except (KeyError, ValueError) as exc:
        raise ValueError('the computer names several time zones: state yours, like "Europe/Berlin"') from exc
    if not name and Path("/etc/localtime").exists():
        raise ValueError('the computer does not name its time zone: state yours, like "Europe/Berlin"')
    return zone(name or "UTC")


def site(value: str) -> str:
    """Check an address that is scheme and host only; return it without a closing slash."""
    parts = address(value)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError('must be scheme and host only, like "https://afterrun.example.org"')
    return f"{parts.scheme}://{parts.netloc}"


def front(value: str) -> str:
    """Check an address below which the pages lie, perhaps with a path; return it without a closing slash."""
    parts = address(value)
    path = parts.path.rstrip("/")
    if parts.query or parts.fragment or not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", path):
        raise ValueError('must be an address like "https://afterrun.example.org" or "https://example.org/afterrun"')
    return f"{parts.scheme}://{parts.netloc}{path}"


def address(value: str) -> SplitResult:
    """Split an http address; raise ValueError where it is none, or carries a name and password."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not re.fullmatch(r"[!-~]+", value):
        raise ValueError('is no address: write it like "https://host.example"')
    if "@" in parts.netloc:
        raise ValueError("must not hold a name or password: state them in settings of their own")
    return parts


def topic(value: SecretStr) -> SecretStr:
    """Check an ntfy address: its last part is the topic."""
    parts = address(value.get_secret_value())
    if not re.fullmatch(r"(/[^/]+)*/[-_A-Za-z0-9]{1,64}", parts.path) or parts.query or parts.fragment:
        raise ValueError('must end with the topic, like "https://ntfy.sh/my-topic": letters, digits, "-" and "_"')
    return value


def collection(value: str) -> str:
    """Check a CalDAV address: it names one calendar."""
    if not address(value).path.strip("/"):
        raise ValueError('must name the calendar, like "https://dav.example.org/anna/mobility/"')
    return value


def database(value: SecretStr) -> SecretStr:
    """Check that a database's address is one of the two kinds we speak to."""
    url = value.get_secret_value()
    if re.fullmatch(r"(sqlite:///(?!:memory:)[^?]|postgresql\+psycopg://[^\0])[^\0]*", url):
        return value
    if re.match(r"postgres(ql)?(\+\w+)?:", url):
        raise ValueError('must begin with "postgresql+psycopg://"')
    raise ValueError('must be like "sqlite:///afterrun.db" or "postgresql+psycopg://user@host/afterrun"')


def listening(value: str) -> str:
    """Check a host and port to listen at."""
    host, _, port = value.rpartition(":")
    if not (re.fullmatch(r"[\w.-]+|\[[0-9A-Fa-f:.]+\]", host, re.ASCII) and _is_port(port)):
        raise ValueError(f'{quoted(value)} is no address to listen at: write it like "127.0.0.1:8710"')
    return value


def _is_port(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,5}", text, re.ASCII)) and int(text) < 1 << 16


def mailbox(value: str) -> str:
    """Check a mail address, with or without a name before it."""
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+|[^<>@\r\n]*<[^@\s<>]+@[^@\s<>]+>", value):
        raise ValueError(f'{quoted(value)} is no mail address: write it like "anna@example.org"')
    return value


def file_pattern(value: str) -> str:
    """Check a pattern that is compared with a file's name."""
    if not value or "/" in value:
        raise ValueError(f'{quoted(value)} is no pattern for a file\'s name: write it like "*.fit"')
    return value


def short_name(value: str) -> str:
    """Check an athlete's id: a part of file names, addresses and environment variables."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", value):
        raise ValueError(f'{quoted(value)} is no short name: small letters, digits, "-" and "_", 40 at most')
    return value


def birth_year(value: int) -> int:
    """Check a year of birth."""
    this_year = datetime.now(UTC).year
    if not EARLIEST_BIRTH <= value <= this_year:
        raise ValueError(f"{value} is no year of birth: write it with four digits")
    return value


def _stated(value: object) -> object:
    if value == "":
        raise ValueError("is empty: name a folder or file")
    if "\0" in str(value):
        raise ValueError("is no path: it holds a character that no file name may hold")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reports ValueError
    return value


def _opened(value: object) -> object:
    return value.read() if isinstance(value, SecretFile) else value


def _split_at(pattern: str) -> Callable[[object], object]:
    """Let a list also be written as one text, as the environment must."""

    def split(value: object) -> object:
        return [part for part in re.split(pattern, value) if part] if isinstance(value, str) else value

    return split


COMMAS, LINES = _split_at(r"\s*,\s*"), _split_at(r"\s*\n\s*")

Clock = Annotated[time, BeforeValidator(clock)]
ClockOrOff = Annotated[time | None, BeforeValidator(clock_or_off)]
Day = Annotated[date, BeforeValidator(day)]
Speed = Annotated[float, BeforeValidator(speed)]
Zone = Annotated[ZoneInfo, BeforeValidator(zone)]
Whole = Annotated[int, BeforeValidator(_number)]
HeartRate = Annotated[float, BeforeValidator(_number), Field(ge=HEART_RATES[0], le=HEART_RATES[1])]
BirthYear = Annotated[Whole, AfterValidator(birth_year)]
Port = Annotated[Whole, Field(ge=1, le=65535)]
ShortName = Annotated[str, AfterValidator(short_name)]
Text = Annotated[str, Field(min_length=1)]
Place = Annotated[Path, BeforeValidator(_stated)]
Site = Annotated[str, AfterValidator(site)]
Front = Annotated[str, AfterValidator(front)]
Collection = Annotated[str, AfterValidator(collection)]
Listen = Annotated[str, AfterValidator(listening)]
Mailbox = Annotated[str, AfterValidator(mailbox)]
Mailboxes = Annotated[tuple[Mailbox, ...], BeforeValidator(COMMAS), Field(min_length=1)]
Patterns = Annotated[
    tuple[Annotated[str, AfterValidator(file_pattern)], ...], BeforeValidator(COMMAS), Field(min_length=1)
]
Kits = Annotated[frozenset[Kit], BeforeValidator(COMMAS)]
Secret = Annotated[SecretStr, BeforeValidator(_opened), Field(min_length=1)]
Secrets = Annotated[tuple[Secret, ...], BeforeValidator(LINES), BeforeValidator(_opened), Field(min_length=1)]
Topic = Annotated[Secret, AfterValidator(topic)]
Database = Annotated[Secret, AfterValidator(database)]


def holds_secret(annotation: object) -> bool:
    """Tell whether a setting of this type is a secret, which may be given as a file."""
    return annotation is SecretStr or any(map(holds_secret, get_args(annotation)))
