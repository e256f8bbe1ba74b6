"""A reader that does what the body of a recording says, for the processes that read."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from service.ports import Decoded, Decoder, Malformed, Raw
from tests.fakes import run

FOREVER_S = 60


class Obedient:
    """Dies, hangs, swells, fails or reads."""

    media_types: ClassVar[frozenset[str]] = frozenset({"fit"})

    def decode(self, raw: Raw) -> Decoded:
        match raw.body.split()[0]:
            case b"die":
                os._exit(9)
            case b"hang":
                time.sleep(FOREVER_S)
            case b"swell":
                return Decoded(skipped=str(len(bytearray(4 * 2**30))))
            case b"break":
                raise AssertionError("never")
            case b"no":
                raise Malformed("not a run")
        return Decoded(activities=(run(name=raw.body.decode()),))


def readers() -> Mapping[str, Decoder]:
    """Return the obedient reader."""
    return {"fit": Obedient()}


def readers_once_there_is(place: Path) -> Mapping[str, Decoder]:
    """Return the obedient reader where a file is; until then the processes cannot be started."""
    if not place.exists():
        raise MemoryError
    return readers()
