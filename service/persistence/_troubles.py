"""Telling trouble with the database or the disk as what it is: something that may pass, with what to do about it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, OperationalError

from service.ports import Refused, Unavailable

MAKE_ROOM = "make room on its disk; it goes on by itself then"
# What SQLite says, and what to do where that is not plain.
ADVICE = {
    "disk is full": MAKE_ROOM,
    "disk I/O error": f"look after its disk: it may be full or failing; {MAKE_ROOM}",
    "locked": "another program holds it; it is tried again",
    "readonly": "give the user Afterrun runs as the right to write it",
    "refused": "start it, or correct `database` in the settings",
    "resolve": "correct the host of `database` in the settings, or look after the network",
    "authentication failed": "correct user and password of `database` in the settings",
    "does not exist": "make it, or correct its name in `database` in the settings",
    "unable to open": "check `database` in the settings, and that its folder may be written",
}
DAMAGED = ("file is not a database", "malformed")
RESTORE = "stop Afterrun, then put a backup in its place with `afterrun restore BACKUP --yes`"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def answering() -> Iterator[None]:
    """Raise Unavailable where the database does not answer, Refused where it is damaged."""
    try:
        yield
    except DatabaseError as exc:
        said = str(exc.orig).strip().partition("\n")[0]
        if any(sign in said for sign in DAMAGED):
            raise Refused(f"the database is damaged ({said}): {RESTORE}") from exc
        if not isinstance(exc, OperationalError):
            raise
        advice = next((todo for sign, todo in ADVICE.items() if sign in said), "it is tried again")
        raise Unavailable(f"the database does not answer ({said}): {advice}") from exc


@contextmanager
def storing() -> Iterator[None]:
    """Raise Unavailable where the disk does not take or give what it should."""
    try:
        yield
    except OSError as exc:
        advice = MAKE_ROOM if exc.errno in FULL else "look after its disk and its rights; it is tried again"
        raise Unavailable(f"the data folder cannot be used ({exc.strerror}): {advice}") from exc
