"""Telling the log of the same trouble once, for as long as it stays the same."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from service.ports import EdgeError


class Troubles:
    """What the log has been told of, by what it befell."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told: dict[str, str] = {}

    @contextmanager
    def outlived(self, what: str) -> Iterator[None]:
        """Let nothing that goes wrong inside go further than the log: it is tried again."""
        try:
            yield
        except Exception as exc:  # noqa: BLE001 - a worker outlives any fault of one task
            self._tell(what, exc)
        else:
            self._told.pop(what, None)

    def _tell(self, what: str, exc: Exception) -> None:
        trouble = f"{type(exc).__name__}: {exc}"
        if self._told.get(what) != trouble and isinstance(exc, EdgeError):
            self._log.warning("%s: %s (it is tried again; this is said once)", what, exc)
        elif self._told.get(what) != trouble:
            self._log.error("%s failed; it is tried again, and this is said once", what, exc_info=exc)
        self._told[what] = trouble
