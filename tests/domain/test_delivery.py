"""What to do with a message whose turn has come: the whole table."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.delivery import FIRST_WAIT, LONGEST_WAIT, Decision, Turn, decide, wait_after
from service.domain.message import Message
from service.domain.sessions import State
from tests.fakes import NOON

MESSAGE = Message(key="one", title="", body="", useful_until=NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("now", "state", "perhaps_sent_since", "decision"),
    [
        (NOON, None, None, Decision(turn=Turn.SEND)),
        (NOON, State.PENDING, None, Decision(turn=Turn.SEND)),
        (NOON, State.SNOOZED, None, Decision(turn=Turn.SEND)),
        (NOON, State.PENDING, NOON, Decision(turn=Turn.ASK_FIRST)),
        (NOON, State.DONE, None, Decision(turn=Turn.DROP, reason="the session is done")),
        (NOON, State.SKIPPED, NOON, Decision(turn=Turn.DROP, reason="the session is skipped")),
        (NOON, State.EXPIRED, None, Decision(turn=Turn.DROP, reason="the session is expired")),
        (MESSAGE.useful_until, None, None, Decision(turn=Turn.DROP, reason="its moment has passed")),
    ],
)
def test_a_message_is_sent_asked_about_or_dropped(
    now: datetime, state: State | None, perhaps_sent_since: datetime | None, decision: Decision
) -> None:
    assert decide(MESSAGE, now=now, session_state=state, perhaps_sent_since=perhaps_sent_since) == decision


@given(failures=st.integers(1, 10_000), spread=st.floats(0, 1))
def test_the_wait_grows_to_an_hour_and_spreads_over_its_upper_half(failures: int, spread: float) -> None:
    wait = wait_after(failures, spread)

    assert FIRST_WAIT / 2 <= wait <= LONGEST_WAIT
    assert wait_after(failures, 1.0) <= wait <= wait_after(failures, 0.0) <= wait_after(failures + 1, 0.0)
