"""Tokens in a file, as the library itself writes them: for a runner who shares them with another program."""

import json
import os
from pathlib import Path
from secrets import token_hex

from service.ports import Refused, Unavailable

# What the library calls the file in a folder, and what it writes into it.
NAME = "garmin_tokens.json"
KEYS = ("di_token", "di_refresh_token", "di_client_id")
NO_TOKENS = "holds no tokens for Garmin: run `afterrun connect garmin_connect`, or name another token_file"


def normal(text: str) -> str:
    """Return tokens in the form in which they are compared; raise ValueError where there are none."""
    said = json.loads(text)
    if not isinstance(said, dict) or not said.get("di_token"):
        raise ValueError("no tokens")
    return json.dumps({key: said.get(key) for key in KEYS})


class TokenFile:
    """The file tokens live in: 0600, and never half written."""

    def __init__(self, place: Path) -> None:
        place = place.expanduser()
        self._place = place / NAME if place.is_dir() or place.suffix.lower() != ".json" else place

    def read(self) -> str:
        """Return the tokens, "" where there is no file; raise Refused where it cannot be read or holds none."""
        try:
            return normal(self._place.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ""
        except OSError as exc:
            raise Refused(f"{self._place} cannot be read ({exc.strerror}): let Afterrun read it") from exc
        except (ValueError, RecursionError) as exc:
            raise Refused(f"{self._place} {NO_TOKENS}") from exc

    def write(self, tokens: str) -> None:
        """Put tokens in the place of the last ones, on the disk before this returns; raise Unavailable where not."""
        beside = self._place.with_name(f".{self._place.name}.{token_hex(8)}")
        try:
            self._place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(tokens)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._place)
        except OSError as exc:
            beside.unlink(missing_ok=True)
            raise Unavailable(f"{self._place} cannot be written ({exc.strerror}): let Afterrun write there") from exc
