"""What the program says of itself: one line an event, as people, journals or programs read it, and never a secret.

record -> line (plain, logfmt or JSON) -> secrets and positions taken out -> stderr
"""

import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from service.domain.plain_text import one_line
from service.engine.redaction import Redactor

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
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LEVELS = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


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
