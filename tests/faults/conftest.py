"""What was made to go wrong, and what became of it, counted over all tests and printed at the end of `make faults`."""

from dataclasses import dataclass, field

import pytest

TALLY = pytest.StashKey["Tally"]()


@dataclass
class Count:
    """How often a fault was made, and what came of it."""

    injected: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0


@dataclass
class Tally:
    """The counts, by fault."""

    counts: dict[str, Count] = field(default_factory=dict)

    def add(self, fault: str, *, injected: int, survived: int | None = None, lost: int = 0, doubled: int = 0) -> None:
        """Count a fault; it was survived each time unless stated."""
        count = self.counts.setdefault(fault, Count())
        count.injected += injected
        count.survived += injected if survived is None else survived
        count.lost += lost
        count.doubled += doubled

    def table(self) -> list[str]:
        """Return the counts as lines for a person."""
        rows = [f"{'fault':<62}{'injected':>9}{'survived':>9}{'lost':>6}{'doubled':>8}"]
        rows += [
            f"{fault:<62}{one.injected:>9}{one.survived:>9}{one.lost:>6}{one.doubled:>8}"
            for fault, one in self.counts.items()
        ]
        total = [sum(getattr(one, name) for one in self.counts.values()) for name in ("injected", "survived", "lost")]
        return [*rows, f"{'all':<62}{total[0]:>9}{total[1]:>9}{total[2]:>6}"]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TALLY] = Tally()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Return where faults are counted."""
    return request.config.stash[TALLY]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tally = terminalreporter.config.stash[TALLY]
    if tally.counts:
        terminalreporter.section("faults")
        for line in tally.table():
            terminalreporter.line(line)
