"""Keys made once and kept for the owner's eyes only."""

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

_PRIVATE_FOLDER = 0o700
_OTHERS = 0o077


# A key handed over by systemd, which no other process can read.
CREDENTIALS = "CREDENTIALS_DIRECTORY"


class OpenKeyError(Exception):
    """Others can read a key; the text says what to do."""


def kept_key(place: Path, make: Callable[[], str]) -> str:
    """Return the key kept at `place`, made now where there is none; raise OpenKeyError where others can read it.

    Of two processes that make one at the same moment, both get the first one's.
    """
    if not place.exists():
        _keep(place, make())
    if os.name == "posix" and place.stat().st_mode & _OTHERS:
        raise OpenKeyError(f"{place} can be read by others: keep it to yourself with `chmod 600 {place}`")
    return place.read_text().strip()


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


def _keep(place: Path, key: str) -> None:
    """Put a key in its place whole and durable, unless one is there by now."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
    with tempfile.NamedTemporaryFile("w", dir=place.parent) as beside:
        beside.write(key)
        beside.flush()
        os.fsync(beside.fileno())
        with suppress(FileExistsError):
            os.link(beside.name, place)
