"""What to do with a message whose turn has come, and when to try again after a failure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.domain.message import Message
from service.domain.sessions import OPEN_STATES, State

# The first failure is often a second's hiccup; an hour is as long as "it may work again" should go unasked.
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# A channel that needs a human is asked again this often, should the human have acted elsewhere.
REFUSED_WAIT = timedelta(hours=1)


class Turn(StrEnum):
    """What to do with a leased message."""

    SEND = "send"
    ASK_FIRST = "ask_first"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The turn a message takes, with the reason where it is dropped."""

    turn: Turn
    reason: str = ""


def decide(
    message: Message, *, now: datetime, session_state: State | None, perhaps_sent_since: datetime | None
) -> Decision:
    """Return what to do with a message at the moment `now`.

    It is dropped where it no longer helps (its moment passed, its session is settled); where an earlier send may have
    arrived, the channel is asked before anything is sent again.
    """
    if message.useful_until <= now:
        return Decision(turn=Turn.DROP, reason="its moment has passed")
    if session_state is not None and session_state not in OPEN_STATES:
        return Decision(turn=Turn.DROP, reason=f"the session is {session_state}")
    if perhaps_sent_since is not None:
        return Decision(turn=Turn.ASK_FIRST)
    return Decision(turn=Turn.SEND)


def wait_after(failures: int, spread: float) -> timedelta:
    """Return how long to wait after the given number of failures in a row (1 or more).

    The wait doubles from 30 s up to an hour; `spread` (0 to 1) takes off up to half, so that many who failed together
    do not come back together.
    """
    full: timedelta = min(FIRST_WAIT * 2 ** min(failures - 1, 16), LONGEST_WAIT)
    return full * (1 - spread / 2)
