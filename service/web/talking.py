"""Talks with sources and channels on a page: what an integration asks in a terminal, it asks here.

    begin -> a thread talks -> a question waits on the page -> answer -> ... -> it works, or why not

A talk lives in the memory of this process, for it may hold a half-finished sign-in at a platform, which must not be
begun twice. Nothing of it is kept.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Thread
from time import monotonic

from service.ports import Conversation, EdgeError, Refused

type Meanwhile = Callable[[], str | None]

log = logging.getLogger(__name__)

# As long as it may take to find a code in one's mail.
PATIENCE_S = 600.0
# How often it is seen whether an answer came another way, such as a browser that was sent back here.
LOOK_EVERY_S = 0.5
# The longest is an address that a browser was sent back to, with a code in it.
MOST_ANSWER = 2000
NOBODY = "nobody answered here: begin again when you have the answer at hand"
BROKEN = "that should not happen: the log says why"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is being asked. `yes_or_no` is answered by "yes" or "no", `hidden` is not to be seen over a shoulder."""

    text: str
    hidden: bool = False
    yes_or_no: bool = False


@dataclass(slots=True)
class Talk:
    """One talk: what was said, the question that waits, and how it ended. It is a Conversation to whoever talks.

    `ends` is what is said once it ended well, `trouble` why it did not.
    """

    patience_s: float = PATIENCE_S
    ends: str = ""
    lines: list[str] = field(default_factory=list)
    question: Question | None = None
    trouble: str = ""
    over: bool = False
    _answers: list[str] = field(default_factory=list)
    _changed: Condition = field(default_factory=Condition)

    def say(self, line: str) -> None:
        """Put a line on the page."""
        self.lines.append(line)

    def given(self, name: str) -> str | None:  # noqa: ARG002 - no answer is given beforehand
        """Return None: no answer is given beforehand."""
        return None

    def ask(
        self,
        name: str,  # noqa: ARG002 - no answer is given beforehand
        question: str,
        *,
        hidden: bool = False,
        meanwhile: Meanwhile | None = None,
    ) -> str:
        """Return the answer, or what came meanwhile; raise Refused where nobody gives one in time."""
        return self._wait(Question(text=question, hidden=hidden), meanwhile)

    def confirm(self, name: str, question: str) -> bool:  # noqa: ARG002 - no answer is given beforehand
        """Return whether the answer is yes; raises as `ask` does."""
        return self._wait(Question(text=question, yes_or_no=True)) == "yes"

    def answer(self, text: str) -> None:
        """Answer the question that waits; where none does, nothing happens."""
        with self._changed:
            if self.question is not None:
                self.question = None
                self._answers.append(text)
                self._changed.notify_all()

    def run(self, talks: Callable[[Conversation], None]) -> None:
        """Talk to the end."""
        try:
            talks(self)
        except EdgeError as exc:
            self.trouble = str(exc)
        except ValueError as exc:  # a setting that cannot be
            self.trouble = str(exc)
        except Exception:
            log.exception("a talk about connecting broke off")
            self.trouble = BROKEN
        finally:
            self.question, self.over = None, True

    def _wait(self, question: Question, meanwhile: Meanwhile | None = None) -> str:
        ends = monotonic() + self.patience_s
        with self._changed:
            self._answers.clear()
            self.question = question
            while not self._answers and (left := ends - monotonic()) > 0:
                if meanwhile is not None and (came := meanwhile()):
                    self._answers.append(came)
                else:
                    self._changed.wait(min(left, LOOK_EVERY_S))
            self.question = None
            if not self._answers:
                raise Refused(NOBODY)
            return self._answers.pop()


@dataclass(slots=True)
class Talks:
    """The talks of this process, one at a time about each athlete's source or channel."""

    connect: Callable[[str, str, Conversation], None]
    disconnect: Callable[[str, str, Conversation], None]
    _talks: dict[tuple[str, str], Talk] = field(default_factory=dict)

    def of(self, athlete: str, name: str) -> Talk | None:
        """Return the last talk about a source or channel."""
        return self._talks.get((athlete, name))

    def begin(self, athlete: str, name: str) -> Talk:
        """Begin to connect, or go on with the talk under way."""
        return self._begin(athlete, name, self.connect, "It works.")

    def leave(self, athlete: str, name: str) -> Talk:
        """Begin to give a consent back, or go on with the talk under way."""
        return self._begin(athlete, name, self.disconnect, "Disconnected.")

    def _begin(self, athlete: str, name: str, about: Callable[[str, str, Conversation], None], ends: str) -> Talk:
        talk = self._talks.get((athlete, name))
        if talk is None or talk.over:
            talk = self._talks[athlete, name] = Talk(ends=ends)
            Thread(
                target=talk.run,
                args=(lambda talk: about(athlete, name, talk),),
                name=f"talk with {athlete} about {name}",
                daemon=True,
            ).start()
        return talk

    def forget(self, athlete: str, name: str) -> None:
        """Take a talk that is over off the page."""
        talk = self._talks.get((athlete, name))
        if talk is not None and talk.over:
            del self._talks[athlete, name]
