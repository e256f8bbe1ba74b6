"""What is written is read back the same, and two writers wait for one another."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError, StatementError

from service.domain.activity import Lap, Pause, Ref
from service.domain.classification import Classification, Effort, Flag, PastRun, Reason, RunType, Tier
from service.domain.message import Action, Message, Verb
from service.persistence.documents import dump, load
from service.persistence.engine import SqlDatabase
from service.persistence.store import SqlStore
from service.ports import Fate, Standing
from tests.fakes import NOON, raw, run

FULL = replace(
    run(),
    utc_offset=timedelta(hours=2),
    avg_hr=141.5,
    max_hr=172.0,
    climb_m=88.0,
    laps=(Lap(start_s=0, elapsed_s=300, distance_m=1000, avg_hr=140, trigger="manual", intensity="active"),),
    pauses=(Pause(start_s=60, end_s=90),),
    device="watch",
    title="Round the lake",
    tags=("long_run",),
    notes=("cut short",),
    expires_at=NOON + timedelta(days=7),
    link="https://platform.example/activities/7",
    hidden_start=True,
    runner_max_hr=190.0,
    runner_threshold_hr=171.0,
)

VERDICT = Classification(
    run_type=RunType.TEMPO,
    confidence=0.81,
    reasons=(Reason(text="24 min at 96 % of threshold speed", weight=1.5),),
    tier=Tier.STREAMS_HR,
    ruleset="test",
    remembered=PastRun(
        started_at=NOON, elapsed_s=2700, moving_s=2700, distance_m=7500, features={"mins": 45.0}, corrected=RunType.EASY
    ),
    secondary=RunType.LONG,
    flags=frozenset({Flag.HILLY, Flag.FAST}),
    efforts=(Effort(start_s=600, duration_s=1440, distance_m=5800, speed_mps=4.0, relative=0.96),),
    thresholds={"threshold_speed_mps": 4.2},
)

MESSAGE = Message(
    key="one",
    title="After your run",
    body="Walk.",
    why="because",
    useful_until=NOON,
    details=("1. Light walking: 2 min",),
    link="https://afterrun.example/s/1",
    actions=(Action(verb=Verb.DONE, label="Done", url="https://afterrun.example/s/1/done"),),
    starts_at=NOON,
    ends_at=NOON,
    tags=("easy",),
)


@pytest.mark.parametrize("value", [VERDICT, MESSAGE])
def test_a_value_survives_as_a_document(value: object) -> None:
    assert load(type(value), dump(value)) == value


def test_an_activity_is_read_back_whole(database: SqlDatabase) -> None:
    with database.writing() as store:
        number = store.add_activity("me", FULL, "streams-0", bulk=True)

    with database.reading() as store:
        stored = store.activity(number)
    assert stored.activity == FULL
    assert (stored.streams_name, stored.bulk) == ("streams-0", True)
    with database.reading() as store, pytest.raises(KeyError):
        store.activity(number + 1)


def test_a_verdict_under_the_same_rules_is_replaced_and_under_new_ones_comes_first(database: SqlDatabase) -> None:
    with database.writing() as store:
        number = store.add_activity("me", FULL, None, bulk=False)
        store.add_classification(number, replace(VERDICT, run_type=RunType.EASY), NOON)
        store.add_classification(number, VERDICT, NOON)
        store.add_classification(number, replace(VERDICT, ruleset="newer"), NOON + timedelta(days=1))

    with database.reading() as store:
        assert store.classification(number) == replace(VERDICT, ruleset="newer")
        assert list(store.history("me")) == [VERDICT.remembered]
        assert store.unclassified("test") == {}
        assert store.unclassified("newest") == {"me": [number]}
        assert store.unclassified("newest", "you") == {}


def test_what_is_remembered_may_be_asked_for_since_a_moment_with_what_was_corrected_before(
    database: SqlDatabase,
) -> None:
    with database.writing() as store:
        days = {days: _judged(store, NOON - timedelta(days=days)) for days in (9, 8, 7, 2)}
        store.correct(days[9], RunType.EASY, NOON)
        store.add_classification(days[9], _remembering(NOON - timedelta(days=9)), NOON)
        _judged(store, NOON - timedelta(days=30), "you")

        since = store.history("me", since=NOON - timedelta(days=7))
        assert [NOON - past.started_at for past in since] == [timedelta(days=days) for days in (9, 7, 2)]
        assert len(store.history("me")) == 4


def _judged(store: SqlStore, begun: datetime, athlete: str = "me") -> int:
    number = store.add_activity(athlete, run(name=str(begun), started_at=begun), None, bulk=False)
    store.add_classification(number, _remembering(begun), NOON)
    return number


def _remembering(begun: datetime) -> Classification:
    return replace(VERDICT, remembered=replace(VERDICT.remembered, started_at=begun))


def test_the_newest_activity_of_a_source_is_found_whichever_recording_it_was_merged_from(
    database: SqlDatabase,
) -> None:
    with database.writing() as store:
        older, newer = (_judged(store, NOON - timedelta(days=days)) for days in (3, 1))
        store.add_ref("me", Ref(source="platform", external_id="7"), older)

        assert store.newest_start("me", "folder") == store.activity(newer).activity.started_at
        assert store.newest_start("me", "platform") == store.activity(older).activity.started_at
        assert store.newest_start("me", "elsewhere") is None
        assert store.newest_start("you", "folder") is None


def test_an_identifier_stands_for_one_activity_at_a_time(database: SqlDatabase) -> None:
    ref = Ref(source="folder", external_id="again.fit")
    with database.writing() as store:
        first = store.add_activity("me", replace(FULL, ref=ref), None, bulk=False)
        second = store.add_activity("me", replace(FULL, ref=ref), None, bulk=False)
        found = store.activity_of("me", ref)

    assert first != second
    assert found is not None
    assert found.id == second


def test_a_failed_transaction_leaves_nothing_behind(database: SqlDatabase) -> None:
    def fail_half_way() -> None:
        with database.writing() as store:
            store.keep_raw("me", raw(), "0" * 64, bulk=False)
            raise KeyError("half way")

    with pytest.raises(KeyError):
        fail_half_way()

    with database.reading() as store:
        assert store.undecided_raws(10) == []


def test_two_writers_wait_for_one_another(database: SqlDatabase) -> None:
    """On SQLite a read that turns into a write would fail at once; beginning IMMEDIATE makes it wait instead."""
    failures: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(20):
                with database.writing() as store:
                    store.alone_with("me")
                    standing = store.standing("me", "sources.folder")
                    store.set_standing("me", "sources.folder", replace(standing, failures=standing.failures + 1))
        except BaseException as exc:  # noqa: BLE001 - whatever went wrong in the thread fails the test
            failures.append(exc)

    writers = [threading.Thread(target=count_up) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failures == []
    with database.reading() as store:
        assert store.standing("me", "sources.folder").failures == 80


def test_moments_come_back_in_utc_and_a_moment_without_a_zone_is_refused(database: SqlDatabase) -> None:
    tokyo = datetime(2026, 6, 15, 21, 0, tzinfo=timezone(timedelta(hours=9)))
    with database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(last_success=tokyo))

    with database.reading() as store:
        found = store.standing("me", "sources.folder").last_success
    assert found == tokyo
    assert found is not None
    assert found.tzinfo is UTC
    with pytest.raises(StatementError, match="without a zone"), database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(last_success=tokyo.replace(tzinfo=None)))


def test_a_digest_is_claimed_once_a_date(database: SqlDatabase) -> None:
    with database.writing() as store:
        assert store.add_digest("me", date(2026, 6, 15), NOON)
        assert not store.add_digest("me", date(2026, 6, 15), NOON)
        assert store.add_digest("you", date(2026, 6, 15), NOON)
        assert store.was_digested("me", date(2026, 6, 15))
        assert not store.was_digested("me", date(2026, 6, 16))


def test_every_recording_is_counted_by_its_fate(database: SqlDatabase) -> None:
    with database.writing() as store:
        for number, fate in enumerate([Fate.IMPORTED, Fate.IMPORTED, Fate.MALFORMED]):
            store.settle_raw(store.keep_raw("me", raw(), f"{number:064}", bulk=False).id, fate, "")

    with database.reading() as store:
        assert store.count_raws() == {Fate.IMPORTED: 2, Fate.MALFORMED: 1}


def test_a_session_cannot_follow_a_run_that_is_not_there(database: SqlDatabase) -> None:
    with pytest.raises(IntegrityError), database.writing() as store:
        store.add_feedback(99, "too much", NOON)
