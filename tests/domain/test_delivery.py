"""What to do with a message whose turn has come, and what follows a change: the whole tables."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.delivery import (
    FIRST_WAIT,
    LONGEST_WAIT,
    PUT_RIGHT_FOR,
    Decision,
    FollowUp,
    Turn,
    decide,
    follow_up,
    wait_after,
)
from service.domain.message import Message, Phase
from tests.fakes import NOON

MESSAGE = Message(key="one", title="", body="", useful_until=NOON + timedelta(hours=1))
SEND, ASK_FIRST = Decision(turn=Turn.SEND), Decision(turn=Turn.ASK_FIRST)
TOO_LATE = Decision(turn=Turn.DROP, reason="its moment has passed")


@pytest.mark.parametrize(
    ("now", "phase", "perhaps_sent_since", "decision"),
    [
        (NOON, Phase.NEW, None, SEND),
        (NOON, Phase.NEW, NOON, ASK_FIRST),
        (MESSAGE.useful_until, Phase.NEW, None, TOO_LATE),
        (MESSAGE.useful_until, Phase.NEW, NOON, TOO_LATE),
        (NOON, Phase.DONE, None, Decision(turn=Turn.DROP, reason="done before it was sent")),
        (NOON, Phase.WITHDRAWN, None, Decision(turn=Turn.DROP, reason="withdrawn before it was sent")),
        (NOON, Phase.WITHDRAWN, NOON, Decision(turn=Turn.DROP, reason="withdrawn before it was sent")),
    ],
)
def test_a_message_is_sent_asked_about_or_dropped(
    now: datetime, phase: Phase, perhaps_sent_since: datetime | None, decision: Decision
) -> None:
    assert decide(replace(MESSAGE, phase=phase), now=now, perhaps_sent_since=perhaps_sent_since) == decision


@pytest.mark.parametrize("phase", [Phase.DONE, Phase.WITHDRAWN])
def test_what_may_have_arrived_and_is_over_is_looked_for_where_it_can_be_put_right(phase: Phase) -> None:
    over = replace(MESSAGE, phase=phase)

    assert decide(over, now=NOON, perhaps_sent_since=NOON, updates=True) == ASK_FIRST


@pytest.mark.parametrize("perhaps_sent_since", [None, NOON])
@pytest.mark.parametrize("phase", Phase)
def test_what_arrived_is_put_right_for_a_week_where_the_channel_can(
    phase: Phase, perhaps_sent_since: datetime | None
) -> None:
    def turn(now: datetime, *, updates: bool) -> Turn:
        arrived = replace(MESSAGE, phase=phase)
        return decide(arrived, now=now, perhaps_sent_since=perhaps_sent_since, arrived=True, updates=updates).turn

    assert turn(MESSAGE.useful_until, updates=True) is Turn.SEND
    assert turn(MESSAGE.useful_until + PUT_RIGHT_FOR, updates=True) is Turn.DROP
    assert turn(NOON, updates=False) is Turn.DROP


NO, YES = False, True


@pytest.mark.parametrize(
    ("arrived", "begun", "settled", "updates", "still_to_be_said", "over"),
    [
        (YES, NO, YES, YES, FollowUp.SAY_AGAIN, FollowUp.SAY_AGAIN),
        (YES, YES, NO, YES, FollowUp.SAY_AGAIN, FollowUp.SAY_AGAIN),
        (YES, NO, YES, NO, FollowUp.LEAVE, FollowUp.LEAVE),
        (NO, NO, YES, YES, FollowUp.LEAVE, FollowUp.LEAVE),
        (NO, NO, YES, NO, FollowUp.LEAVE, FollowUp.LEAVE),
        (NO, NO, NO, YES, FollowUp.REWORD, FollowUp.WITHDRAW),
        (NO, NO, NO, NO, FollowUp.REWORD, FollowUp.WITHDRAW),
        (NO, YES, NO, YES, FollowUp.REWORD, FollowUp.REWORD),
        (NO, YES, NO, NO, FollowUp.REWORD, FollowUp.REWORD),
    ],
)
def test_what_a_change_does_to_a_message_goes_by_how_far_it_got(
    arrived: bool, begun: bool, settled: bool, updates: bool, still_to_be_said: FollowUp, over: FollowUp
) -> None:
    def what(wanted: Phase) -> FollowUp:
        return follow_up(wanted, arrived=arrived, begun=begun, settled=settled, updates=updates)

    assert what(Phase.NEW) is still_to_be_said
    assert what(Phase.DONE) is what(Phase.WITHDRAWN) is over


@given(failures=st.integers(1, 10_000), spread=st.floats(0, 1))
def test_the_wait_grows_to_an_hour_and_spreads_over_its_upper_half(failures: int, spread: float) -> None:
    wait = wait_after(failures, spread)

    assert FIRST_WAIT / 2 <= wait <= LONGEST_WAIT
    assert wait_after(failures, 1.0) <= wait <= wait_after(failures, 0.0) <= wait_after(failures + 1, 0.0)
