"""The talk that connects a source or channel, and what is kept of it in secret."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

type Secret = Mapping[str, Any]


class Vault(Protocol):
    """What the source or channel of one athlete remembers in secret, such as tokens that rotate. Encrypted at rest."""

    def read(self) -> Secret | None:
        """Return what was written last, None where nothing was; raise Refused where the key to it is lost."""

    def write(self, secret: Secret) -> None:
        """Put a secret in the place of the last one, durable before this returns.

        Raise Unavailable, changing nothing, where `alone` was held and another process has taken it over.
        """

    def forget(self) -> None:
        """Forget the secret."""

    def alone(self) -> AbstractContextManager[None]:
        """Hold the right to replace the secret, over all processes and machines, for as long as one exchange may take.

        Read again once inside: another process may have replaced it. Raise Unavailable where another keeps holding it.
        """


class Conversation(Protocol):
    """A talk with whoever connects a source or channel. Every answer may have been given beforehand, by its name."""

    def say(self, line: str) -> None:
        """Tell something, in one line."""

    def given(self, name: str) -> str | None:
        """Return an answer that was given beforehand, None where none was: for what need not be asked."""

    def ask(
        self, name: str, question: str, *, hidden: bool = False, meanwhile: Callable[[], str | None] | None = None
    ) -> str:
        """Return the answer to a question; raise Refused where nobody is there to give it.

        `name` is the option that answers it beforehand ("code" for --code), `hidden` keeps it off the screen. What
        `meanwhile` returns while the answer is waited for is taken in its place.
        """

    def confirm(self, name: str, question: str) -> bool:
        """Return whether the answer is yes; raises as `ask` does."""
