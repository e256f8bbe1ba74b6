"""Keys made once and kept for the owner's eyes only."""

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from service.persistence.archive import to_disk

_PRIVATE_FOLDER = 0o700
_OTHERS = 0o077


# A key handed over by systemd, which no other process can read.
CREDENTIALS = "CREDENTIALS_DIRECTORY"


# Of those made here none is shorter; what is was cut, and would be guessed.
_SHORTEST = 32


class UnusableKeyError(Exception):
    """A key must not be used; the text says why, and what to do."""


class OpenKeyError(UnusableKeyError):
    """Others can read a key."""


class DamagedKeyError(UnusableKeyError):
    """A key is not as it was made."""


def kept_key(place: Path, make: Callable[[], str]) -> str:
    """Return the key kept at `place`, made now where there is none; raise OpenKeyError where others can read it.

    Raise DamagedKeyError where it is empty or cut short: nothing is put in its place then, for it may be in a backup.

    Of two processes that make one at the same moment, both get the first one's.
    """
    if not place.exists():
        _keep(place, make())
    if os.name == "posix" and place.stat().st_mode & _OTHERS:
        raise OpenKeyError(f"{place} can be read by others: keep it to yourself with `chmod 600 {place}`")
    key = place.read_text(errors="replace").strip()
    if len(key) < _SHORTEST:
        raise DamagedKeyError(
            f"{place} is empty or cut short: put it back from a backup, or remove it to have a new one made (what the"
            f" old one sealed or signed is lost then)"
        )
    return key


def handed_over(name: str, env: Mapping[str, str] = os.environ) -> str | None:
    """Return the key systemd handed over as a credential, None where it did not."""
    place = Path(env[CREDENTIALS]) / name if CREDENTIALS in env else None
    return place.read_text().strip() if place is not None and place.is_file() else None


def put_key(place: Path, key: str) -> None:
    """Put a key in the place of the one that is there, whole and durable."""
    with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False) as beside:
        beside.write(key)
        beside.flush()
        os.fsync(beside.fileno())
    Path(beside.name).replace(place)
    to_disk(place.parent)


def _keep(place: Path, key: str) -> None:
    """Put a key in its place whole and durable, unless one is there by now."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
    with tempfile.NamedTemporaryFile("w", dir=place.parent) as beside:
        beside.write(key)
        beside.flush()
        os.fsync(beside.fileno())
        with suppress(FileExistsError):
            os.link(beside.name, place)
    to_disk(place.parent)
