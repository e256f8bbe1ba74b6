"""What to do with a message whose turn has come, when to try again after a failure, and what follows a change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.domain.message import Message, Phase

# The first failure is often a second's hiccup; an hour is as long as "it may work again" should go unasked.
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# No wait of any kind is longer: no platform is believed that asks for more than a day (integrations/_http.py).
LONGEST_OF_ALL = timedelta(days=1)
# A channel that needs a human is asked again this often, should the human have acted elsewhere.
REFUSED_WAIT = timedelta(hours=1)
# An entry in a calendar is put right for as long as somebody may look back at the week it stands in.
PUT_RIGHT_FOR = timedelta(days=7)


# Why a message that was never sent is not missed: it was told otherwise, or there was nothing to tell any more.
LISTED = "told in the morning list"
OUTDATED = "it was no longer so before it could be said"


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
    message: Message,
    *,
    now: datetime,
    perhaps_sent_since: datetime | None,
    arrived: bool = False,
    updates: bool = False,
    brought_by: str = "",
) -> Decision:
    """Return what to do with a message at the moment `now`.

    It is dropped where it no longer helps (its moment passed, what it asks for is done, it was `brought_by` another
    channel in the place of this one); where an earlier send may have
    arrived, the channel is asked before anything is sent again. Once it has `arrived`, and where the channel `updates`,
    what stands there is put right instead; doing so twice harms nobody.
    """
    if arrived:
        return _put_right(message, now, updates=updates)
    perhaps = perhaps_sent_since is not None
    if message.phase is not Phase.NEW:
        return Decision(turn=Turn.ASK_FIRST) if perhaps and updates else _dropped(unsaid(message.phase))
    if message.useful_until <= now:
        return _dropped("its moment has passed")
    if brought_by:
        return _dropped(f"it came by {brought_by} instead")
    return Decision(turn=Turn.ASK_FIRST if perhaps else Turn.SEND)


def _put_right(message: Message, now: datetime, *, updates: bool) -> Decision:
    if not updates:
        return _dropped("what was said there cannot be changed")
    if message.useful_until + PUT_RIGHT_FOR <= now:
        return _dropped("too long ago to be put right")
    return Decision(turn=Turn.SEND)


def _dropped(reason: str) -> Decision:
    return Decision(turn=Turn.DROP, reason=reason)


def unsaid(phase: Phase) -> str:
    """Return why a message in a later phase than NEW is never sent for the first time."""
    return f"{phase} before it was sent"


NEEDLESS = frozenset({LISTED, OUTDATED, *map(unsaid, Phase)})


def waits_because(
    *, now: datetime, due_at: datetime, stands_in: bool, trouble: str, resting_until: datetime | None
) -> str:
    """Return why a message waits, in a few words: for its hour, for others to fail, for its channel."""
    if due_at > now:
        return "only where no other channel brings it by then" if stands_in else "its time has not come"
    if resting_until is not None and resting_until > now:
        return f"its channel rests: {trouble}"
    return f"about to be tried again: {trouble}" if trouble else "about to be sent"


class FollowUp(StrEnum):
    """What a change of a session does to one message about it."""

    LEAVE = "leave"
    REWORD = "reword"
    SAY_AGAIN = "say_again"
    WITHDRAW = "withdraw"


def follow_up(wanted: Phase, *, arrived: bool, begun: bool, settled: bool, updates: bool) -> FollowUp:
    """Return what becomes of a message that should now say `wanted`.

    | it has        | and it                 | it is                                            |
    | ------------- | ---------------------- | ------------------------------------------------ |
    | arrived       | can be changed there   | due again, in place                              |
    | arrived       | cannot                 | left as it is                                    |
    | been given up |                        | left as it is                                    |
    | not been sent | is still to be said    | reworded                                         |
    | not been sent | is not, and is waiting | withdrawn                                        |
    | not been sent | is not, but may be out | reworded: whoever finds that it arrived mends it |
    """
    if arrived:
        return FollowUp.SAY_AGAIN if updates else FollowUp.LEAVE
    if settled:
        return FollowUp.LEAVE
    return FollowUp.REWORD if wanted is Phase.NEW or begun else FollowUp.WITHDRAW


def is_over(until: datetime | None, now: datetime, longest: timedelta = LONGEST_OF_ALL) -> bool:
    """Return whether a wait, or a lease, has ended or never began.

    One that ends later than any could, begun now, was begun by a clock that has been set back since: it is over, too.
    """
    return until is None or not now < until <= now + longest


def wait_after(failures: int, spread: float) -> timedelta:
    """Return how long to wait after the given number of failures in a row (1 or more).

    The wait doubles from 30 s up to an hour; `spread` (0 to 1) takes off up to half, so that many who failed together
    do not come back together.
    """
    full: timedelta = min(FIRST_WAIT * 2 ** min(failures - 1, 16), LONGEST_WAIT)
    return full * (1 - spread / 2)
