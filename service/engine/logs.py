"""What the program says of itself: one line an event, as people, journals or programs read it, and never a secret.

record -> line (plain, logfmt or JSON) -> secrets and positions taken out -> stderr
"""

import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from service.domain.plain_text import one_line

OURS = ("service", "integrations", "afterrun")
CHATTY = (
    "apscheduler",
    "procrastinate",
    "psycopg.pool",
    "urllib3",
    "alembic",
    "uvicorn.access",
    "fitparse",
    "stravalib",
)
HIDDEN = "[hidden]"
# Anything shorter would be taken out of words it only happens to stand in.
SHORTEST_SECRET = 6
# What is secret by where it stands, whoever made it up; the part that is kept comes first.
SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        r"((?:bearer|basic)\s+)[\w.~+/=-]{6,}",
        r"((?:authorization|x-api-key|cookie)['\"]?\s*[:=]\s*['\"]?(?:bearer |basic )?)[^\s'\",;]+",
        r"([?&](?:access_token|refresh_token|client_secret|code|token|api_?key|key|auth|signature|sig|password)=)[^&\s'\"]+",
        r"((?:token|secret|password|api_?key|passwd)['\"]?\s*[:=]\s*['\"]?)(?!none\b|null\b)[^\s'\",;}&]{6,}",
        r"(://[^\s:/@]*:)[^\s@/]+(?=@)",
        r"(/(?:s|calendar|in|webhooks/\w+)/)[\w.~=-]{8,}",
        r"((?:lat|lon|lng|latitude|longitude)['\"]?\s*[:=]?\s*)[-+]?\d{1,3}\.\d+",
        r"()[-+]?\d{1,2}\.\d{4,}\s*[,;/]\s*[-+]?\d{1,3}\.\d{4,}",
    )
)
SECRET_NAMES = re.compile(r"token|secret|key|password|code|cookie|session", re.IGNORECASE)

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LEVELS = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


class Redactor:
    """Knows the secrets of this process, and takes them out of what is said."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = Lock()

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these from now on, and the telling parts of those that are addresses."""
        parts = {part for secret in secrets for part in (secret, *_telling(secret)) if len(part) >= SHORTEST_SECRET}
        with self._lock:
            if not parts <= self._known:
                self._known |= parts
                longest_first = sorted(self._known, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def learn_from(self, secret: Mapping[str, Any]) -> None:
        """Hide whatever in a document of tokens is secret by its name."""
        self.learn(_named_secret(secret))

    def __call__(self, text: str) -> str:
        """Return the text without secrets, keys, codes and positions."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        for shape in SHAPES:
            text = shape.sub(rf"\g<1>{HIDDEN}", text)
        return text


def _telling(secret: str) -> list[str]:
    """Return what alone gives a secret address away: its password, and the last part of its path."""
    if "://" not in secret:
        return []
    address = urlsplit(secret)
    return [part for part in (unquote(address.password or ""), address.path.rstrip("/").rpartition("/")[2]) if part]


def _named_secret(document: Mapping[str, Any]) -> Iterable[str]:
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from _named_secret(value)
        elif isinstance(value, str) and SECRET_NAMES.search(name):
            yield value


class Lines(logging.Formatter):
    """Writes a record as people read it; a journal keeps the time itself and wants the level in front."""

    def __init__(self, redactor: Redactor, *, journal: bool = False) -> None:
        super().__init__("%(message)s" if journal else "%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
        self._redactor = redactor
        self._journal = journal

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return what is said as one line: what others wrote in it, such as a file's name, begins no other."""
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text without secrets."""
        text = self._redactor(super().format(record))
        return f"<{_LEVELS.get(record.levelname, 6)}>{text}" if self._journal else text


class Fields(logging.Formatter):
    """Writes a record as one line of fields: as JSON, or as key=value."""

    def __init__(self, redactor: Redactor, *, as_json: bool) -> None:
        super().__init__()
        self._redactor = redactor
        self._write = json.dumps if as_json else _logfmt

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line without secrets."""
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        return self._write({name: self._redactor(str(value)) for name, value in fields.items()})


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    if not record.name.startswith(OURS):
        return {}
    return {name: value for name, value in vars(record).items() if name not in _USUAL}


def _logfmt(fields: Mapping[str, str]) -> str:
    return " ".join(f"{name}={_quoted(value)}" for name, value in fields.items())


def _quoted(value: str) -> str:
    return value if value and not re.search(r"[\s\"=\\]|[^\x20-\x7e]", value) else json.dumps(value, ensure_ascii=False)


def speak_up(style: str, redactor: Redactor) -> None:
    """Send what the program has to say of itself to stderr: style "plain", "logfmt" or "json"."""
    formatters: Mapping[str, logging.Formatter] = {
        "plain": Lines(redactor, journal=_is_journal()),
        "logfmt": Fields(redactor, as_json=False),
        "json": Fields(redactor, as_json=True),
    }
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatters[style])
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _is_journal() -> bool:
    """Tell whether stderr is systemd's journal."""
    named = os.environ.get("JOURNAL_STREAM", "")
    try:
        stat = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{stat.st_dev}:{stat.st_ino}"
