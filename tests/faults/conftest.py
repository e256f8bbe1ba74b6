"""What was made to go wrong, and what became of it, counted over all tests and printed at the end of `make faults`."""

import platform
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, cast

import pytest

COUNTED = "fault"


class Fault(StrEnum):
    """What is made to go wrong, in the order it is told of."""

    KILLED_ON_FILE = "kill -9 of one process, SQLite"
    KILLED_ON_POSTGRESQL = "kill -9 of one process, PostgreSQL"
    KILLED_WORKERS = "kill -9 of a worker, procrastinate on PostgreSQL"
    KILLED_DELIVERY = "kill -9 while messages go to phone, mail and calendar"
    KILLED_IMPORT = "kill -9 while files are imported"
    KILLED_KEEPING = "kill -9 of backup, restore and rotate-key"
    KILLED_MIGRATION = "kill -9 while a database is brought up to date"
    SERVER_GONE = "PostgreSQL killed and started again"
    DISK_FULL = "disk full"
    LOCKED = "database locked by another program"
    CLOCK = "clock jumps"
    DST = "nights the clocks change"
    OFFLINE = "a week offline, asked in vain"
    MISERY = "403, 429, 5xx, cut, half, silent, dripping, HTML for JSON"
    REVOKED = "401, revoked"
    MISERY_SENDING = "the same while messages are sent"
    WEBHOOK = "webhooks doubled, late, lost, out of order"
    FORGED = "webhooks forged or replayed"
    HOSTILE = "hostile files"
    TWO_WORKERS = "two at work on one database"
    OLD_DATABASE = "old databases"
    NEW_DATABASE = "a newer database"
    CHANNEL_DOWN = "a channel down for a day, tried in vain"
    KEY_LOST = "a key lost, damaged or open to others"


@dataclass
class Count:
    """How often a fault was made, and what came of it."""

    injected: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Count)))


class Tally:
    """Counts what a test makes go wrong; it was survived where the test passes."""

    def __init__(self, properties: list[tuple[str, object]]) -> None:
        self._properties = properties

    def add(self, fault: Fault, injected: int = 1, *, lost: int = 0, doubled: int = 0) -> None:
        """Count a fault made so many times, and how many runs or messages it lost or doubled."""
        self._properties.append((COUNTED, [fault.value, injected, lost, doubled]))


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Return where faults are counted: what is noted on a test comes along from whichever process ran it."""
    return Tally(request.node.user_properties)


def counted(reports: Iterable[pytest.TestReport]) -> dict[str, Count]:
    """Return the counts by fault."""
    counts: dict[str, Count] = {}
    for report in reports:
        for name, value in report.user_properties:
            if name == COUNTED:
                fault, injected, lost, doubled = cast("tuple[str, int, int, int]", value)  # as Tally wrote it
                one = Count(injected, injected if report.passed else 0, lost, doubled)
                counts[fault] = counts.get(fault, Count()) + one
    return counts


def table(counts: dict[str, Count]) -> Iterator[str]:
    """Yield the counts as lines for a person."""
    yield f"{'fault':<60}{'injected':>9}{'survived':>9}{'lost':>6}{'doubled':>8}"
    for fault in Fault:
        if one := counts.get(fault.value):
            yield f"{fault.value:<60}{one.injected:>9}{one.survived:>9}{one.lost:>6}{one.doubled:>8}"
        else:
            yield f"{fault.value:<60}{'LEFT OUT':>9}"
    one = sum(counts.values(), Count())
    yield f"{'all':<60}{one.injected:>9}{one.survived:>9}{one.lost:>6}{one.doubled:>8}"


def on_what() -> str:
    """Say what it was counted on."""
    parts = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", platform.platform(terse=True)]
    return ", ".join(parts)


def pytest_terminal_summary(terminalreporter: Any) -> None:  # noqa: ANN401 - pytest does not export its type
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    counts = counted(one for one in reports if isinstance(one, pytest.TestReport) and one.when == "call")
    if counts and not terminalreporter.config.option.markexpr:  # in `make faults`, where all of them are tried
        terminalreporter.section("faults")
        terminalreporter.line(f"on {on_what()}")
        for line in table(counts):
            terminalreporter.line(line)
