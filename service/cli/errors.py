"""Every error that may reach a person, as lines that say what to do, and the exit code that goes with it."""

from collections.abc import Sequence

from config.settings import SettingsError
from service.application.belongings import NobodyKnownError
from service.application.body import NoSuchRunError
from service.application.feedback import NoSuchSessionError
from service.bootstrap import AlreadyRunningError, NewerSchemaError
from service.domain.sessions import SettledError
from service.domain.wish import Unmet
from service.persistence.backup import BrokenBackupError
from service.persistence.engine import NoDriverError
from service.persistence.keys import UnusableKeyError
from service.persistence.restoring import OccupiedError
from service.ports import EdgeError

ITEM_FAILED, USAGE = 1, 2
TO_BE_PUT_RIGHT = (Unmet, NewerSchemaError, UnusableKeyError, NoDriverError, OccupiedError)
FAILED = (
    *(EdgeError, NoSuchSessionError, NoSuchRunError, NobodyKnownError),
    *(SettledError, AlreadyRunningError, BrokenBackupError),
)


def explain(exc: Exception) -> tuple[int, Sequence[str]]:
    """Return the exit code and the lines to print for an error."""
    if isinstance(exc, SettingsError):
        return USAGE, exc.lines
    if isinstance(exc, TO_BE_PUT_RIGHT):
        return USAGE, [str(exc)]
    if isinstance(exc, FAILED):
        return ITEM_FAILED, [str(exc)]
    if isinstance(exc, OSError):
        return ITEM_FAILED, [f"{exc.filename or 'The system'}: {exc.strerror or exc}"]
    return ITEM_FAILED, [
        f"This should not happen ({type(exc).__name__}): run the command again with --debug to see where."
    ]
