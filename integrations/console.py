"""Messages printed where Afterrun runs.

channel(clock=...)
"""

import sys
from datetime import datetime
from typing import TextIO

from service.domain.message import Message
from service.domain.plain_text import clean, plain_text
from service.ports import Capabilities, Clock, Outcome, Unavailable


def channel(*, clock: Clock) -> "Console":
    """Return the channel to the standard output of this process, whichever it is when a message comes."""
    return Console(clock)


class Console:
    """Prints messages; a repeat is printed again."""

    name = "console"
    capabilities = Capabilities()

    def __init__(self, clock: Clock, stream: TextIO | None = None) -> None:
        self._clock = clock
        self._stream = stream

    def check(self) -> str:
        """Return that printing needs no reaching."""
        return "messages are printed here"

    def send(self, message: Message, earlier: str | None = None) -> str:  # noqa: ARG002 - the port's form
        """Print a message and return when, in local time; raise Unavailable where nobody can read any more."""
        time = f"{self._clock.now().astimezone():%H:%M}"
        stream = self._stream or sys.stdout
        try:
            print(_page(message, time, stream.encoding or "utf-8"), file=stream, flush=True)
        except (OSError, ValueError) as exc:  # a broken pipe or a full disk; a closed stream
            raise Unavailable("the console is closed: start Afterrun in an open one, or turn its channel off") from exc
        return f"printed at {time}"

    def reconcile(self, message: Message, since: datetime) -> Outcome:  # noqa: ARG002 - the port's form
        """Return UNKNOWN: what was printed cannot be read back."""
        return Outcome.UNKNOWN


def _page(message: Message, time: str, encoding: str) -> str:
    """Return a message as a block of its own: the time and title, then the words, set in."""
    words = plain_text(message, fits=lambda _: True, link=True)
    lines = [f"{time}  {clean(message.title)}", *(f"       {line}".rstrip() for line in words.splitlines()), ""]
    return "\n".join(lines).encode(encoding, "replace").decode(encoding)
