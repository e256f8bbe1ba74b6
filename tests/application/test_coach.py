"""From a run to its sessions: offered once, rewritten in place, never offered again."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from service.application import coach
from service.application.coach import judge
from service.domain.activity import richness
from service.domain.classification import Classification, RunType
from service.domain.movements import BodyArea
from service.domain.routine import Part
from service.domain.sessions import State
from service.ports import Unavailable
from tests.application.conftest import House, easy_run, long_run
from tests.fakes import NOON, even_streams, keys, run


def test_a_fresh_run_becomes_one_message_and_one_calendar_entry(house: House) -> None:
    (session,) = house.arrives(easy_run())

    house.outbox.deliver_due()

    assert session.routine.run_type is RunType.EASY
    assert keys(house.phone.received) == keys(house.agenda.received) == [session.key]
    message = house.phone.received[0]
    assert message.link == f"https://afterrun.example/s/{session.id}"
    assert len(message.details) == len(session.routine.steps)


def test_a_long_run_gets_five_minutes_now_and_the_rest_in_the_evening(house: House) -> None:
    now, later = house.arrives(long_run())

    assert (now.part, later.part) == (Part.NOW, Part.LATER)
    assert now.routine.seconds <= 300
    assert later.window.opens == NOON.replace(hour=18, minute=30), "half past seven in London's summer"
    house.outbox.deliver_due()
    assert keys(house.phone.received) == [now.key], "the phone hears of the evening in the evening"
    assert set(keys(house.agenda.received)) == {now.key, later.key}, "the calendar knows it at once"
    house.clock.moment = later.window.opens
    house.outbox.deliver_due()
    assert keys(house.phone.received) == [now.key, later.key]


@pytest.mark.parametrize(
    "activity",
    [
        pytest.param(easy_run(started_at=NOON - timedelta(hours=13)), id="ended over twelve hours ago"),
        pytest.param(run(elapsed_s=240, distance_m=700), id="under five minutes"),
        pytest.param(run(sport="cycling"), id="another sport"),
    ],
)
def test_what_is_no_fresh_run_is_kept_and_never_announced(house: House, activity: object) -> None:
    assert house.arrives(activity) == ()  # type: ignore[arg-type]
    house.outbox.deliver_due()
    assert not house.phone.received


def test_runs_imported_in_bulk_are_judged_and_never_announced(house: House) -> None:
    assert house.arrives(easy_run(), bulk=True) == ()
    with house.database.reading() as store:
        assert len(store.history("me")) == 1


def test_a_richer_recording_of_a_run_rewrites_its_session_and_sends_nothing_new(house: House) -> None:
    (first,) = house.arrives(run(title="Easy"))
    house.outbox.deliver_due()

    (again,) = house.arrives(easy_run(name="watch.fit", title="Tempo"))
    house.outbox.deliver_due()

    assert again.id == first.id
    assert again.routine.run_type is RunType.TEMPO
    assert keys(house.phone.received) == [first.key]


def test_a_message_still_waiting_says_what_the_session_is_now(house: House) -> None:
    house.phone.faults = [Unavailable("no route")]
    house.arrives(run(title="Easy"))
    house.outbox.deliver_due()

    (session,) = house.arrives(easy_run(name="watch.fit", title="Tempo"))
    house.clock.forward(minutes=5)
    house.outbox.deliver_due()

    assert "tempo" in house.phone.received[0].title
    assert session.state is State.PENDING


def test_a_run_that_trips_a_fault_of_ours_does_not_hold_up_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(house.coach.archive.__class__, "get_streams", lambda *_: 1 / 0)
        assert house.judged(easy_run()) == []
    later = easy_run(name="two.fit", started_at=NOON + timedelta(hours=2))
    house.clock.moment = later.ended_at

    (coached,) = house.judged(later)

    assert len(coached.sessions) == 1


@pytest.mark.parametrize(("heard_after_runs", "at_night"), [(False, 0), (True, 1)])
def test_quiet_hours_hold_a_run_just_ended_for_the_morning_unless_its_runner_wishes_otherwise(
    house: House, heard_after_runs: bool, at_night: int
) -> None:
    night = NOON.replace(hour=22)
    sleeper = replace(house.athletes["me"], quiet=(time(22), time(6)), heard_after_runs=heard_after_runs)
    house.athletes["me"] = sleeper
    house.clock.moment = night

    (session,) = house.arrives(easy_run(started_at=night - timedelta(minutes=50)))
    house.outbox.deliver_due()

    assert session.routine.cold is not heard_after_runs
    assert len(house.phone.received) == at_night
    morning = night + timedelta(hours=8, minutes=10)
    assert house.agenda.received[0].starts_at == (session.window.opens if heard_after_runs else morning)
    house.clock.moment = morning
    house.outbox.deliver_due()
    assert len(house.phone.received) == 1


def test_a_run_that_comes_home_while_something_is_pending_takes_its_place(house: House) -> None:
    (hard,) = house.arrives(easy_run(title="Tempo"))
    house.outbox.deliver_due()
    house.clock.forward(hours=3)

    (easy,) = house.arrives(easy_run(name="two.fit", started_at=NOON + timedelta(hours=2)))
    house.outbox.deliver_due()

    assert [session.id for session in house.feedback.pending()] == [easy.id], "never a stack"
    assert house.feedback.session(hard.id).state is State.REPLACED
    assert (easy.routine.run_type, easy.routine.also) == (RunType.TEMPO, (RunType.EASY,)), "of the harder one's size"
    assert house.phone.received[-1].title.startswith("After your runs")


def test_an_evening_session_stays_beside_an_easy_run_at_noon_and_is_done_with_one_shortly_before(house: House) -> None:
    _, evening = house.arrives(long_run())
    house.clock.forward(hours=2)
    house.arrives(easy_run(name="two.fit", started_at=NOON + timedelta(hours=1)))
    assert evening.id in {session.id for session in house.feedback.pending()}

    house.clock.moment = evening.window.opens - timedelta(hours=1)
    (last,) = house.arrives(easy_run(name="three.fit", started_at=house.clock.now() - timedelta(minutes=50)))

    assert [session.id for session in house.feedback.pending()] == [last.id]
    assert last.routine.run_type is RunType.LONG, "the thorough part, now that legs are warm"


def test_a_run_uploaded_after_a_later_one_gets_no_session_of_its_own(house: House) -> None:
    (evening,) = house.arrives(easy_run())

    earned = house.arrives(easy_run(name="morning.fit", started_at=NOON - timedelta(hours=5), title="Tempo"))

    assert earned == ()
    (session,) = house.feedback.pending()
    assert session.id == evening.id
    assert (session.routine.run_type, session.routine.also) == (RunType.TEMPO, (RunType.EASY,))


def test_a_session_that_serves_two_runs_still_does_after_its_own_is_corrected(house: House) -> None:
    house.arrives(easy_run(title="Tempo"))
    house.clock.forward(hours=3)
    (session,) = house.arrives(easy_run(name="two.fit", started_at=NOON + timedelta(hours=2)))

    house.coach.correct(session.run, RunType.INTERVAL)

    (again,) = house.feedback.pending()
    assert (again.routine.run_type, again.routine.also) == (RunType.INTERVAL, (RunType.TEMPO,))


def test_what_was_left_undone_is_worked_by_the_next_routine(house: House) -> None:
    for missed in house.arrives(long_run()):
        house.feedback.skip(missed.id)
    house.clock.forward(days=1)

    (session,) = house.arrives(easy_run(name="two.fit", started_at=house.clock.now() - timedelta(hours=1)))

    worked = {area for step in session.routine.steps[1:] for area in step.areas}
    assert {BodyArea.FEET, BodyArea.HIPS, BodyArea.CALVES} <= worked
    assert any(step.reason.startswith("Left over from an earlier session") for step in session.routine.steps)


def test_a_message_kept_waiting_until_legs_are_cold_has_another_routine_and_other_words(house: House) -> None:
    house.phone.faults = [Unavailable("no route")]
    (warm,) = house.arrives(easy_run(title="Tempo"))
    house.outbox.deliver_due()
    house.clock.forward(hours=3)

    assert house.coach.let_cool() == 1
    assert house.coach.let_cool() == 0
    house.outbox.deliver_due()

    (session,) = house.feedback.pending()
    assert session.routine.cold
    assert session.routine.seconds < warm.routine.seconds
    (message,) = house.phone.received
    assert message.title.startswith("Still good after your tempo run")
    assert "Walk first" in message.body


def test_a_message_says_what_is_true_when_it_is_sent(house: House) -> None:
    house.phone.faults = [Unavailable("no route")]
    house.clock.moment = NOON.replace(hour=21)
    house.arrives(easy_run(started_at=NOON.replace(hour=20, minute=10)))
    house.outbox.deliver_due()
    house.clock.forward(hours=3)

    house.outbox.deliver_due()

    (message,) = house.phone.received
    assert message.title.startswith("From yesterday's easy run"), "it is past midnight in London"


def test_what_was_heard_of_in_time_stays_as_it_is(house: House) -> None:
    (warm,) = house.arrives(easy_run())
    house.outbox.deliver_due()
    house.clock.forward(hours=3)

    assert house.coach.let_cool() == 0
    assert house.feedback.session(warm.id).routine == warm.routine


def test_a_calendar_that_is_out_of_order_changes_nothing_about_what_was_heard(house: House) -> None:
    house.agenda.faults = [Unavailable("no route")] * 9
    (warm,) = house.arrives(easy_run())
    house.outbox.deliver_due()
    house.clock.forward(hours=3)

    assert house.coach.let_cool() == 0
    assert house.feedback.session(warm.id).routine == warm.routine


def test_a_session_put_off_is_for_cold_legs(house: House) -> None:
    (warm,) = house.arrives(easy_run(title="Tempo"))
    house.outbox.deliver_due()

    house.feedback.snooze(warm.id, NOON + timedelta(hours=4))
    assert house.coach.let_cool() == 1

    house.clock.forward(hours=4)
    house.outbox.deliver_due()
    assert house.feedback.session(warm.id).routine.cold
    assert house.phone.received[-1].title.startswith("As you wished")


def test_a_piece_too_short_to_count_does_not_take_a_session_away(house: House) -> None:
    (session,) = house.arrives(easy_run())

    house.arrives(run(name="two.fit", started_at=session.window.opens + timedelta(minutes=2), elapsed_s=120))

    assert [one.id for one in house.feedback.pending()] == [session.id]


def test_an_easy_run_after_easy_runs_does_not_repeat_itself(house: House) -> None:
    lists = []
    for day in range(3):
        moment = NOON + timedelta(days=day)
        house.clock.moment = moment
        (session,) = house.arrives(
            run(name=f"{day}.fit", started_at=moment - timedelta(hours=1), streams=even_streams(), title="easy")
        )
        house.feedback.done(session.id)
        lists.append([step.movement for step in session.routine.steps])

    assert lists[2] not in lists[:2]


def test_a_recording_that_got_richer_while_it_was_judged_is_judged_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*args: Any) -> Classification:  # noqa: ANN401 - as the real one is called
        verdict = judge(*args)
        monkeypatch.setattr(coach, "judge", judge)
        with house.database.writing() as store:
            (number,) = store.unclassified("none")["me"]
            store.replace_activity(number, replace(easy_run(), title="Tempo"), None, richness(easy_run()))
        return verdict

    monkeypatch.setattr(coach, "judge", meanwhile)

    assert house.arrives(easy_run()) == ()
    (judged,) = house.coach.coach()
    assert judged.verdict.run_type is RunType.TEMPO


def test_runs_that_another_process_is_judging_are_left_to_it(house: House) -> None:
    with house.database.turn("me/coach"):
        assert house.arrives(easy_run()) == ()
    assert house.coach.due() == ["me"]
    assert len(house.coach.coach()) == 1
