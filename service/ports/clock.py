"""The time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, handed in so that a decision can be tested at any moment."""

    def now(self) -> datetime:
        """Return the current moment in UTC."""
