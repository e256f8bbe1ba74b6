"""When a session is offered, how it is split, and what may become of it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.quiet import WARM, is_quiet
from service.domain.routine import Part
from service.domain.sessions import (
    FRESH,
    STAYS_OPEN,
    SettledError,
    State,
    Window,
    offers,
    session_key,
    settle,
    snoozed,
)
from tests.fakes import NOON, run

KINDS = st.sampled_from(RunType)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zoned by hypothesis
ZONES = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")])


def runner(zone: str = "UTC", quiet: tuple[time, time] | None = None) -> Athlete:
    return Athlete(id="me", timezone=ZoneInfo(zone), quiet=quiet)


@pytest.mark.parametrize("kind", [RunType.EASY, RunType.TEMPO, RunType.INTERVAL])
def test_a_run_earns_one_session_from_its_end_on(kind: RunType) -> None:
    activity = run()

    (offer,) = offers(activity, kind, runner(), NOON)

    assert offer.part is Part.WHOLE
    assert offer.window == Window(opens=activity.ended_at, closes=activity.ended_at + FRESH)
    assert offer.announce_at == NOON


def test_a_long_run_in_the_morning_is_split_and_one_near_the_evening_is_not() -> None:
    morning = run()
    late = run(started_at=NOON.replace(hour=17))

    assert [offer.part for offer in offers(morning, RunType.LONG, runner(), NOON)] == [Part.NOW, Part.LATER]
    (whole,) = offers(late, RunType.LONG, runner(), late.ended_at)
    assert whole.part is Part.WHOLE


def test_a_long_run_uploaded_in_the_evening_is_not_split_any_more() -> None:
    (whole,) = offers(run(), RunType.LONG, runner(), NOON.replace(hour=18))

    assert whole.part is Part.WHOLE


@given(kind=KINDS, started_at=MOMENTS, zone=ZONES, late=st.timedeltas(timedelta(0), timedelta(days=2)))
def test_windows_open_before_they_close_and_nothing_is_said_before_the_run_is_over(
    kind: RunType, started_at: datetime, zone: ZoneInfo, late: timedelta
) -> None:
    activity = run(started_at=started_at)
    now = activity.ended_at + late

    sleeper = Athlete(id="me", timezone=zone, quiet=(time(22), time(6, 30)))

    made = offers(activity, kind, sleeper, now)

    assert (made == ()) is (late > FRESH)
    for offer in made:
        assert offer.window.opens < offer.window.closes
        assert offer.announce_at >= now
        assert not is_quiet(offer.announce_at, sleeper)
    assert len({offer.part for offer in made}) == len(made)


def test_a_watch_ahead_of_its_time_does_not_push_the_window_into_the_future() -> None:
    ahead = run(started_at=NOON)

    (offer,) = offers(ahead, RunType.EASY, runner(), NOON)

    assert offer.window.opens == NOON


def test_a_run_from_the_far_future_is_kept_and_not_announced() -> None:
    assert offers(run(started_at=NOON + timedelta(days=2)), RunType.EASY, runner(), NOON) == ()


def test_what_is_heard_of_late_is_for_cold_legs_and_stays_open_for_a_while() -> None:
    activity = run()
    late = activity.ended_at + FRESH - timedelta(minutes=10)

    (offer,) = offers(activity, RunType.TEMPO, runner(), late)
    (prompt,) = offers(activity, RunType.TEMPO, runner(), activity.ended_at + WARM)

    assert offer.cold
    assert offer.window.closes == late + STAYS_OPEN
    assert not prompt.cold


def test_a_run_in_quiet_hours_is_offered_at_once_and_spoken_of_with_the_morning_list() -> None:
    night = NOON.replace(hour=23)
    sleeper = runner(quiet=(time(22), time(6, 30)))

    (offer,) = offers(run(started_at=night - timedelta(minutes=50)), RunType.EASY, sleeper, night)

    assert offer.window.opens < night
    assert offer.announce_at == night.replace(hour=7, minute=10) + timedelta(days=1)
    assert offer.cold


def test_a_session_has_one_name_for_ever_whatever_its_rows_number() -> None:
    elsewhere = NOON.astimezone(ZoneInfo("Asia/Tokyo"))

    assert session_key("me", NOON, Part.NOW) == session_key("me", elsewhere, Part.NOW)
    assert len({session_key(who, NOON, part) for who in ("me", "you") for part in Part}) == 6


@pytest.mark.parametrize("state", State)
def test_done_is_always_possible_and_only_what_is_done_cannot_be_skipped(state: State) -> None:
    assert settle(state, State.DONE) is State.DONE
    if state is State.DONE:
        with pytest.raises(SettledError):
            settle(state, State.SKIPPED)
    else:
        assert settle(state, State.SKIPPED) is State.SKIPPED


def test_a_snooze_leaves_time_to_do_it() -> None:
    moved = snoozed(Window(opens=NOON, closes=NOON + timedelta(hours=2)), NOON + timedelta(hours=4))

    assert moved == Window(opens=NOON + timedelta(hours=4), closes=NOON + timedelta(hours=4) + STAYS_OPEN)
