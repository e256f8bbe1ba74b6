"""The morning list comes once a local date, with one thing to do, and only with something to say."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from service.domain.athlete import Listing
from service.domain.digest import start_of_day
from service.domain.message import Message
from service.domain.quiet import is_quiet
from service.domain.sessions import State
from service.persistence.tables import outbox
from service.ports import Standing, Unavailable
from tests.application.conftest import House, easy_run, long_run
from tests.fakes import NOON, run

MORNING = NOON.replace(hour=6, minute=0) + timedelta(days=1)
DAY = timedelta(days=1)


def lists(house: House) -> list[Message]:
    return [message for message in house.phone.received if "digest" in message.tags]


def preview(house: House, day: date) -> Message:
    message = house.digest.preview("me", day)
    assert message is not None
    return message


def test_it_tells_what_waits_what_was_and_the_week(house: House) -> None:
    now, _ = house.arrives(long_run())
    house.feedback.done(now.id)

    today = preview(house, NOON.date())
    assert today.title == "Good afternoon: 15 min at 19:30"
    assert "This week: 1 of 4" in today.body
    tomorrow = preview(house, NOON.date() + DAY)
    assert "Yesterday: a long run." in tomorrow.body
    assert tomorrow.why == "You ran 21.1 km yesterday."


def test_how_far_one_ran_is_left_out_where_the_source_forbids_passing_it_on(house: House) -> None:
    house.arrives(easy_run(expires_at=NOON + 7 * DAY))

    assert preview(house, NOON.date() + DAY).why == ""


def test_it_comes_at_its_hour_and_once(house: House) -> None:
    house.arrives(easy_run())
    house.clock.moment = MORNING - timedelta(minutes=1)
    assert house.digest.make_due() == 0

    house.clock.moment = MORNING
    assert house.digest.make_due() == 1
    house.clock.forward(hours=3)
    assert house.digest.make_due() == 0
    house.outbox.deliver_due()
    assert len(lists(house)) == 1


def test_with_nothing_to_say_it_is_silent(house: House) -> None:
    house.clock.moment = MORNING

    assert house.digest.preview("me", MORNING.date()) is None
    assert house.digest.make_due() == 0


def test_what_came_home_after_a_silent_list_and_too_late_to_be_announced_is_told_by_another(house: House) -> None:
    house.clock.moment = MORNING
    assert house.digest.make_due() == 0

    house.clock.forward(hours=8)
    house.arrives(easy_run())
    assert [house.digest.make_again("me") for _ in range(2)] == [1, 0]
    house.outbox.deliver_due()

    assert [message.title for message in house.phone.received] == ["Good afternoon: nothing to catch up on"]
    assert "Yesterday: an easy run." in house.phone.received[0].body


def test_what_was_announced_is_no_reason_for_a_second_list(house: House) -> None:
    house.clock.moment = MORNING
    house.digest.make_due()

    house.arrives(run(started_at=MORNING - timedelta(hours=11)))

    assert house.digest.make_again("me") == 0


def test_before_its_hour_a_list_is_not_made_for_runs_that_come_home(house: House) -> None:
    house.clock.moment = MORNING - timedelta(minutes=1)
    house.arrives(easy_run())

    assert house.digest.make_again("me") == 0


def test_who_asks_is_told_what_waits_although_they_have_heard_of_it(house: House) -> None:
    house.arrives(easy_run(title="Tempo"))
    house.outbox.deliver_due()

    assert house.digest.preview("me", NOON.date()) is None
    asked_for = house.digest.asked_for("me", NOON.date())
    assert asked_for is not None
    assert "Start within" in asked_for.body


def test_what_was_left_undone_becomes_one_small_session_that_can_be_done(house: House) -> None:
    (missed,) = house.arrives(easy_run(title="Tempo"))
    house.clock.moment = MORNING
    house.digest.make_due()
    house.outbox.deliver_due()

    (made,) = house.feedback.pending()
    assert made.activity is None
    assert made.routine.seconds <= house.athletes["me"].catch_up_minutes * 60 < missed.routine.seconds
    (message,) = lists(house)
    assert message.title.endswith("min to catch up")
    assert message.link.endswith(f"/s/{made.id}")
    house.feedback.done(made.id)
    assert "min to catch up" not in preview(house, MORNING.date() + DAY).title


def test_what_it_covers_is_settled_with_it(house: House) -> None:
    house.clock.moment = NOON.replace(hour=20)
    (left,) = house.arrives(easy_run(started_at=NOON + timedelta(hours=7, minutes=10)))
    house.outbox.deliver_due()
    house.clock.moment = MORNING
    house.digest.make_due()

    assert house.feedback.session(left.id).state is State.REPLACED
    (made,) = house.feedback.pending()
    with house.database.reading() as store:
        assert [session.id for session in store.covered_by(made.id)] == [left.id]
    house.feedback.done(made.id)
    assert house.feedback.pending() == []
    assert "min to catch up" not in preview(house, MORNING.date() + DAY).title


def test_a_preview_shows_what_would_be_composed_and_keeps_nothing(house: House) -> None:
    house.arrives(easy_run(title="Tempo"))

    message = preview(house, MORNING.date())

    assert message.title.endswith("min to catch up")
    assert message.details
    assert message.link == ""
    assert len(house.feedback.pending()) == 1


def test_an_old_debt_alone_is_not_nagged_about(house: House) -> None:
    house.arrives(easy_run())
    for days in range(6):
        house.clock.moment = MORNING + days * DAY
        house.digest.make_due()
        house.outbox.deliver_due()

    assert len(lists(house)) == 1


def test_a_debt_goes_along_where_there_is_news_and_is_let_go_of_in_the_end(house: House) -> None:
    house.arrives(easy_run(title="Tempo"))
    mornings = []
    for days in (3, 4):
        house.clock.moment = NOON + days * DAY
        (other,) = house.arrives(easy_run(name=f"{days}.fit", started_at=house.clock.now() - timedelta(hours=1)))
        house.feedback.done(other.id)
        mornings.append(preview(house, house.clock.now().date() + DAY))

    fourth_morning, fifth_morning = mornings
    assert fourth_morning.title.endswith("min to catch up")
    assert "glutes" in fourth_morning.body, "what the easy sessions since have not worked"
    assert "What was left of Monday is let go of" in fifth_morning.body
    assert "min to catch up" not in fifth_morning.title


def test_what_waits_to_be_said_is_told_in_the_list_instead(house: House) -> None:
    night = NOON.replace(hour=21)
    house.athletes["me"] = replace(house.athletes["me"], quiet=(time(22), time(6, 30)))
    house.clock.moment = night
    (held,) = house.arrives(easy_run(started_at=night - timedelta(minutes=50)))
    house.clock.moment = MORNING

    house.digest.make_due()
    house.clock.forward(hours=1)
    house.outbox.deliver_due()

    (message,) = house.phone.received
    assert message.title.endswith("min to catch up")
    assert house.feedback.session(held.id).state is State.REPLACED


def test_what_was_put_off_to_tomorrow_is_told_in_the_list_and_nowhere_else(house: House) -> None:
    (session,) = house.arrives(easy_run())
    house.outbox.deliver_due()
    house.feedback.snooze(session.id, MORNING)
    house.clock.moment = MORNING

    house.outbox.deliver_due()
    house.digest.make_due()
    house.clock.forward(hours=1)
    house.outbox.deliver_due()

    (message,) = lists(house)
    assert message.title.endswith("min for today")
    assert message.link.endswith(f"/s/{session.id}")
    assert len(house.phone.received) == 2, "the push after the run, and the list"


def test_a_session_heard_of_this_morning_is_no_reason_for_a_list(house: House) -> None:
    house.clock.moment = MORNING - timedelta(minutes=20)
    house.arrives(easy_run(started_at=MORNING - timedelta(minutes=70)))
    house.outbox.deliver_due()
    house.clock.moment = MORNING

    assert house.digest.make_due() == 0
    house.outbox.deliver_due()
    assert len(house.phone.received) == 1


def test_a_runner_with_nothing_but_a_calendar_finds_the_catch_up_there(house: House) -> None:
    del house.digest.announcer.channels["me"]["phone"]  # type: ignore[attr-defined]
    house.arrives(easy_run())
    house.outbox.deliver_due()
    house.clock.moment = MORNING

    house.digest.make_due()
    house.outbox.deliver_due()

    assert house.agenda.received[-1].title.startswith("To catch up")


def test_a_source_that_needs_a_hand_is_something_to_say(house: House) -> None:
    with house.database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(todo="The folder is gone: make it again."))

    assert "make it again" in preview(house, NOON.date()).body


def test_what_is_to_be_done_soon_is_something_to_say_too(house: House) -> None:
    with house.database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(notice="The key ends on Sunday: make another."))

    assert "ends on Sunday" in preview(house, NOON.date()).body


def test_a_week_offline_ends_in_one_list(house: House) -> None:
    house.phone.faults = [Unavailable("no route")] * 500
    for days in range(7):
        house.clock.moment = NOON + days * DAY
        house.arrives(easy_run(name=f"{days}.fit", started_at=house.clock.now() - timedelta(hours=1)))
        house.clock.moment = MORNING + days * DAY
        house.digest.make_due()
        house.outbox.deliver_due()
    house.phone.faults = []
    house.clock.forward(hours=2)
    house.digest.make_due()
    house.outbox.deliver_due()

    assert len(lists(house)) == 1
    assert len(house.phone.received) == 1


def test_a_run_abroad_belongs_to_the_date_it_was_run_on_there(house: House) -> None:
    late_in_new_york = datetime(2026, 6, 15, 3, 0, tzinfo=UTC)  # eleven in the evening of the 14th
    house.clock.moment = late_in_new_york + timedelta(hours=2)
    house.arrives(run(started_at=late_in_new_york, utc_offset=timedelta(hours=-4)))

    message = preview(house, date(2026, 6, 15))

    assert "Yesterday: an easy run." in message.body
    assert "5 hours behind your own clock" in message.body
    assert "Yesterday" not in preview(house, date(2026, 6, 16)).body


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_nights_the_clocks_change_have_one_digest_each(house: House, change: date) -> None:
    zone = house.athletes["me"].timezone
    moment, tomorrow = start_of_day(change, zone), start_of_day(change + DAY, zone)
    with house.database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(todo=f"look at {change}"))
    made = 0
    while moment < tomorrow:
        house.clock.moment = moment
        made += house.digest.make_due()
        moment += timedelta(minutes=30)
    assert made == 1


ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")]
)
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
NIGHTS = st.none() | st.tuples(CLOCKS, CLOCKS).filter(lambda night: night[0] != night[1])
# Hours between two looks at the clock; a machine that sleeps or is set wrong leaps back and forth.
LEAPS = st.lists(st.integers(-30, 60), min_size=5, max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(leaps=LEAPS, zone=ZONES, at=CLOCKS, quiet=NIGHTS)
def test_whatever_the_clock_does_each_local_date_has_at_most_one_list_and_none_in_quiet_hours(
    house: House, leaps: list[int], zone: ZoneInfo, at: time, quiet: tuple[time, time] | None
) -> None:
    who = f"runner {len(house.athletes)}"
    runner = replace(house.athletes["me"], id=who, timezone=zone, digest_at=at, quiet=quiet, digest_when=Listing.ALWAYS)
    house.athletes[who] = runner
    house.digest.announcer.channels[who] = house.digest.announcer.channels["me"]  # type: ignore[index]
    house.clock.moment = datetime(2026, 10, 23, tzinfo=UTC)
    seen, made = set(), []
    for hours in leaps:
        house.clock.moment += timedelta(hours=hours)
        local = house.clock.moment.astimezone(zone)
        if house.digest.make(who):
            made.append(local.date())
        if local.time() >= at:
            seen.add(local.date())
    assert sorted(made) == sorted(seen)
    with house.database.engine.connect() as connection:
        due = connection.execute(select(outbox.c.due_at).where(outbox.c.athlete == who)).scalars().all()
    assert len(due) == len(made)
    assert not any(is_quiet(moment, runner) for moment in due)
