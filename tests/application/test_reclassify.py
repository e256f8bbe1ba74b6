"""A changed word or rule is replayed over the history; what was delivered is never delivered again."""

from datetime import timedelta

import pytest

from service.application.reclassify import Reclassify
from service.domain.classification import RunType
from service.domain.judging.titles import read_title
from tests.application.conftest import House, easy_run
from tests.fakes import NOON, keys


@pytest.fixture
def reclassify(house: House) -> Reclassify:
    return Reclassify(database=house.database, archive=house.coach.archive, coach=house.coach, athletes=house.athletes)


def kinds(house: House) -> list[str]:
    with house.database.reading() as store:
        return [run.run_type.value for run in store.runs_between("me", NOON - timedelta(days=9), NOON)]


def test_a_correction_changes_that_run_and_its_open_session(house: House) -> None:
    (session,) = house.arrives(easy_run())
    house.outbox.deliver_due()

    house.coach.correct(session.run, RunType.TEMPO)
    house.outbox.deliver_due()

    assert kinds(house) == ["tempo"]
    assert house.feedback.session(session.id).routine.run_type is RunType.TEMPO
    assert keys(house.phone.received) == [session.key]


def test_a_correction_is_remembered_as_evidence_and_can_be_changed(house: House) -> None:
    (session,) = house.arrives(easy_run())

    house.coach.correct(session.run, RunType.TEMPO)
    house.coach.correct(session.run, RunType.LONG)

    with house.database.reading() as store:
        (remembered,) = store.history("me")
    assert remembered.corrected is RunType.LONG


def test_a_replay_under_the_same_rules_changes_nothing(house: House, reclassify: Reclassify) -> None:
    for day in range(3):
        house.arrives(easy_run(name=f"{day}.fit", started_at=NOON - timedelta(days=day, hours=1)))

    replayed = list(reclassify.replay(preview=False))

    assert len(replayed) == reclassify.count() == 3
    assert not any(run.changes for run in replayed)


def test_a_preview_shows_what_a_change_would_do_and_does_nothing(
    house: House, reclassify: Reclassify, monkeypatch: pytest.MonkeyPatch
) -> None:
    (session,) = house.arrives(easy_run(title="easy"))
    house.outbox.deliver_due()
    monkeypatch.setattr("service.domain.classification.read_title", lambda _: read_title("tempo"))

    (previewed,) = reclassify.replay(preview=True)
    assert previewed.changes
    assert kinds(house) == ["easy"]

    list(reclassify.replay(preview=False))
    house.outbox.deliver_due()
    assert kinds(house) == ["tempo"]
    assert house.feedback.session(session.id).routine.run_type is RunType.TEMPO
    assert len(house.phone.received) == 1
