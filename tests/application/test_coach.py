"""From a run to its sessions: offered once, rewritten in place, never offered again."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from service.application import coach
from service.application.coach import judge
from service.domain.activity import richness
from service.domain.classification import Classification, RunType
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


def test_in_quiet_hours_a_run_just_ended_is_announced_and_a_late_upload_waits_for_morning(house: House) -> None:
    night = NOON.replace(hour=22)
    house.athletes["me"] = replace(house.athletes["me"], quiet=(time(22), time(6)))
    house.clock.moment = night

    house.arrives(easy_run(started_at=night - timedelta(minutes=50)))
    house.arrives(easy_run(name="two.fit", started_at=night - timedelta(hours=4)))
    house.outbox.deliver_due()

    assert len(house.phone.received) == 1
    house.clock.moment = night + timedelta(hours=7)
    house.outbox.deliver_due()
    assert len(house.phone.received) == 2


def test_an_easy_run_after_easy_runs_does_not_repeat_itself(house: House) -> None:
    lists = []
    for day in range(3):
        moment = NOON + timedelta(days=day)
        house.clock.moment = moment
        (session,) = house.arrives(
            run(name=f"{day}.fit", started_at=moment - timedelta(hours=1), streams=even_streams(), title="easy")
        )
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
