"""Reading recordings in this very process: for tests, and for the process that is kept apart for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.ports import Decoded, Decoder, Malformed, Raw

BROKEN_READER = "its reader failed in a way it should not: please report this file's kind; the file is kept"
TOO_MUCH = "reading it takes more memory than any recording of a run does"


class BrokenReaderError(Malformed):
    """A reader raised what it never should: a fault of ours, with its cause, parked like any other."""


def decode(decoders: Mapping[str, Decoder], raw: Raw) -> Decoded:
    """Return what a recording held; raise Malformed, and nothing else, where it cannot be read.

    `decoders` are by media type.
    """
    if raw.withheld:
        raise Malformed(raw.withheld)
    decoder = decoders.get(raw.media_type)
    if decoder is None:
        raise Malformed(f"no reader for {raw.media_type} files")
    try:
        return decoder.decode(raw)
    except Malformed:
        raise
    except MemoryError as exc:
        raise Malformed(TOO_MUCH) from exc
    except Exception as exc:  # a reader that breaks its promise parks one file; it does not stop the others
        raise BrokenReaderError(BROKEN_READER) from exc


@dataclass(frozen=True, slots=True)
class ReadersHere:
    """Reads in the calling process, when the result is asked for. `decoders` are by media type."""

    decoders: Mapping[str, Decoder]

    def begin(self, raw: Raw) -> "ReadingHere":
        """Return the recording as one to be read."""
        return ReadingHere(self.decoders, raw)


@dataclass(frozen=True, slots=True)
class ReadingHere:
    """A recording to be read in the calling process."""

    decoders: Mapping[str, Decoder]
    raw: Raw

    def result(self) -> Decoded:
        """Read it; raise Malformed, and nothing else, where it cannot be read."""
        return decode(self.decoders, self.raw)
