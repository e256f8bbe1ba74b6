"""Where bytes and streams are kept."""

from contextlib import AbstractContextManager
from typing import Protocol

from service.domain.activity import Streams


class Shelf(Protocol):
    """Where raw bytes and streams are put, named by what they hold."""

    def put_raw(self, body: bytes) -> str:
        """Keep the bytes and return their sha256 in hex; keeping them again changes nothing."""

    def put_streams(self, name: str, streams: Streams) -> None:
        """Keep streams under a name; keeping them again replaces them."""


class Archive(Shelf, Protocol):
    """Raw bytes and streams on disk, durable before a call returns."""

    def together(self) -> AbstractContextManager[Shelf]:
        """Return a shelf for many pieces at once: durable at its end, none of them there if it ends in an error."""

    def drop(self, sha256: str) -> None:
        """Take bytes, and the streams that were made of them, off the disk; where there are none is fine."""

    def get_raw(self, sha256: str) -> bytes:
        """Return kept bytes; raise KeyError where there are none."""

    def get_streams(self, name: str) -> Streams:
        """Return kept streams; raise KeyError where there are none."""
