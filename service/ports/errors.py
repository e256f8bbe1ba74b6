"""The only four errors that come from outside."""

from datetime import timedelta


class EdgeError(Exception):
    """Something outside did not go as hoped. The text is one line that tells a person what to do next."""


class Refused(EdgeError):
    """A human is needed (a key was revoked, a scope is missing): pause that source or channel, say so once."""


class Malformed(EdgeError):
    """This payload cannot be used and never will be: park it with its bytes and go on."""


class Unavailable(EdgeError):
    """It may work later: back off and try again.

    `perhaps_done` is True where the request may have taken effect although its answer was lost.
    """

    def __init__(self, text: str, *, perhaps_done: bool = False) -> None:
        super().__init__(text)
        self.perhaps_done = perhaps_done


class Throttled(EdgeError):
    """Asked too often: try again no sooner than `retry_after`."""

    def __init__(self, text: str, retry_after: timedelta) -> None:
        super().__init__(text)
        self.retry_after = retry_after
