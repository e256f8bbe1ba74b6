"""Telling trouble with the database or the disk as what it is: something that may pass, with what to do about it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from service.ports import Unavailable

MAKE_ROOM = "make room on its disk; it goes on by itself then"
# What SQLite says, and what to do where that is not plain.
ADVICE = {
    "disk is full": MAKE_ROOM,
    "disk I/O error": f"look after its disk: it may be full or failing; {MAKE_ROOM}",
    "locked": "another program holds it; it is tried again",
    "readonly": "give the user Afterrun runs as the right to write it",
    "unable to open": "check `database` in the settings, and that its folder may be written",
}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def answering() -> Iterator[None]:
    """Raise Unavailable where the database does not answer."""
    try:
        yield
    except OperationalError as exc:
        said = str(exc.orig).strip().partition("\n")[0]
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
