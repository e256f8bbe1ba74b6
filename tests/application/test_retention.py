"""What may be kept for so long only goes in time, with all that was made of it; what is the runner's own stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.application.retention import Retention
from service.domain.activity import Activity, Ref
from service.domain.classification import RunType
from service.domain.sessions import Session, SettledError, State
from service.persistence.engine import SqlDatabase
from service.persistence.store import SqlStore
from service.ports import Decoded, Fate, Raw
from tests.application.conftest import House, easy_run
from tests.fakes import NOON, decoded, raw, run

WEEK = timedelta(days=7)
LINK = "https://platform.example/activities/7"


def given(body: bytes = b"as it was", name: str = "7") -> Raw:
    """Return what a platform gives of a run, for a week."""
    return raw(body, name=name, source="platform", lasting_id=True, expires_at=NOON + WEEK, link=LINK)


def on_platform(**more: object) -> Activity:
    return easy_run(source="platform", **({"name": "7"} | more))


@pytest.fixture
def retention(house: House) -> Retention:
    return Retention(house.database, house.ingest.archive, house.ingest.readers)


def comes(house: House, one: Raw, activity: Activity) -> tuple[Session, ...]:
    house.reader.meanings[one.body] = decoded(activity)
    house.ingest.take("me", one)
    return tuple(session for coached in house.coach.coach() for session in coached.sessions)


def left_on_disk(house: House) -> list[Path]:
    return [file for file in house.ingest.archive.folder.rglob("*") if file.is_file()]  # type: ignore[attr-defined]


def activity(house: House, name: str = "7", source: str = "platform") -> Activity | None:
    with house.database.reading() as store:
        found = store.activity_of("me", Ref(source=source, external_id=name))
    return found.activity if found else None


class TestItsTimeHasCome:
    def test_a_run_goes_with_everything_made_of_it_and_its_session_stays(
        self, house: House, retention: Retention
    ) -> None:
        (offered,) = comes(house, given(), on_platform())
        house.feedback.done(offered.id)
        house.feedback.feel(offered.id, "good")

        assert retention.purge(NOON + WEEK) == 1

        assert activity(house) is None
        assert left_on_disk(house) == []
        with house.database.reading() as store:
            assert store.history("me") == []
            assert store.raws_of("me", "platform") == []
            assert store.last_feeling("me") == "good"
        assert house.feedback.session(offered.id) == replace(offered, state=State.DONE, activity=None, changed_at=NOON)

    def test_nothing_goes_before_its_time(self, house: House, retention: Retention) -> None:
        comes(house, given(), on_platform())

        assert retention.purge(NOON + WEEK - timedelta(seconds=1)) == 0
        assert activity(house) is not None

    def test_what_a_file_holds_is_kept_for_good(self, house: House, retention: Retention) -> None:
        house.arrives(easy_run())

        assert retention.purge(NOON + 1000 * WEEK) == 0
        assert activity(house, "one.fit", "folder") is not None

    def test_what_could_not_be_read_goes_too(self, house: House, retention: Retention) -> None:
        house.reader.meanings[b"as it was"] = Decoded(skipped="a swim")
        house.ingest.take("me", given())

        assert retention.purge(NOON + WEEK) == 1
        assert left_on_disk(house) == []

    def test_its_session_is_still_shown_and_can_no_longer_be_corrected(
        self, house: House, retention: Retention
    ) -> None:
        (offered,) = comes(house, given(), on_platform())
        retention.purge(NOON + WEEK)

        let_go = house.feedback.session(offered.id)
        with pytest.raises(SettledError, match="No one run is kept"):
            _ = let_go.run

    def test_once_it_comes_back_nothing_is_offered_again(self, house: House, retention: Retention) -> None:
        (offered,) = comes(house, given(), on_platform())
        retention.purge(NOON + WEEK)

        assert comes(house, given(), on_platform()) == ()
        house.outbox.deliver_due()
        assert len(house.phone.received) == 1
        assert house.feedback.session(offered.id).activity is not None

    def test_runs_kept_for_good_are_judged_by_what_is_left_of_their_past(
        self, house: House, retention: Retention
    ) -> None:
        comes(house, given(), on_platform(started_at=NOON - timedelta(days=2)))
        comes(house, given(b"today", "8"), on_platform(name="8"))
        house.arrives(run(name="own.fit", started_at=NOON - timedelta(hours=5)))

        retention.remove("me", "platform", "7")

        with house.database.reading() as store:
            own = store.activity_of("me", Ref(source="folder", external_id="own.fit"))
        assert [coached.activity_id for coached in house.coach.coach()] == [own.id if own else None]


class TestAlsoFromAFile:
    """The same run once from a platform, for a week, and once from a file, for good."""

    @pytest.mark.parametrize("file_first", [True, False])
    def test_the_files_copy_stays_as_if_the_platform_had_never_told_us(
        self, house: House, retention: Retention, *, file_first: bool
    ) -> None:
        if file_first:
            house.arrives(easy_run(name="own.fit"))
        comes(house, given(), on_platform(title="Tempo with Ann", tags=("workout",)))
        if not file_first:
            house.arrives(easy_run(name="own.fit"))
        both = activity(house)
        assert both is not None
        assert (both.title, both.tags, both.expires_at, both.link) == (
            "Tempo with Ann",
            ("workout",),
            NOON + WEEK,
            LINK,
        )

        retention.purge(NOON + WEEK)
        house.coach.coach()

        assert activity(house) is None
        own = activity(house, "own.fit", "folder")
        assert own == easy_run(name="own.fit")
        (session,) = house.feedback.pending()
        assert house.coach.run(session.run) == own
        assert house.coach.verdict(session.run) is not None

    def test_nothing_of_the_platforms_copy_is_left_on_the_disk(self, house: House, retention: Retention) -> None:
        house.arrives(easy_run(name="own.fit"))
        before = set(left_on_disk(house))
        comes(house, given(), on_platform())
        assert set(left_on_disk(house)) > before

        retention.purge(NOON + WEEK)

        assert set(left_on_disk(house)) == before

    def test_the_files_copy_may_go_and_the_platforms_stays_its_week(self, house: House, retention: Retention) -> None:
        house.arrives(easy_run(name="own.fit"))
        comes(house, given(), on_platform())

        retention.remove("me", "folder", "own.fit")

        assert activity(house, "own.fit", "folder") is None
        left = activity(house)
        assert left == replace(on_platform(), expires_at=NOON + WEEK, link=LINK)


class TestTakenBack:
    def test_what_a_source_gave_is_forgotten_whole(self, house: House, retention: Retention) -> None:
        comes(house, given(), on_platform())
        comes(house, given(b"another", "8"), on_platform(name="8", started_at=NOON - timedelta(days=1)))
        house.arrives(run(name="own.fit", started_at=NOON - timedelta(days=2)))

        assert retention.forget("me", "platform") == 2

        assert (activity(house, "7"), activity(house, "8")) == (None, None)
        assert activity(house, "own.fit", "folder") is not None

    def test_another_run_under_the_same_file_name_stays(self, house: House, retention: Retention) -> None:
        house.arrives(run(name="run.fit", started_at=NOON - timedelta(days=2)))
        house.arrives(run(name="run.fit"))

        with house.database.reading() as store:
            older, _ = store.raws_of("me", "folder")
        retention._let_go_all([older])

        assert activity(house, "run.fit", "folder") == run(name="run.fit")

    def test_a_part_of_a_workout_goes_and_the_other_parts_stay_one_workout(
        self, house: House, retention: Retention
    ) -> None:
        for name, ago, minutes in (("7", 90, 10), ("8", 75, 40), ("9", 30, 12)):
            part = run(
                name=name,
                source="platform",
                started_at=NOON - timedelta(minutes=ago),
                elapsed_s=60.0 * minutes,
                distance_m=150.0 * minutes,
            )
            comes(house, given(name.encode(), name), part)

        retention.remove("me", "platform", "7")
        (judged,) = house.coach.coach()

        with house.database.reading() as store:
            assert [part.activity.ref.external_id for part in store.workout(judged.activity_id)] == ["8", "9"]


class TestALaterState:
    def test_it_takes_the_place_of_the_one_before(self, house: House) -> None:
        comes(house, given(), on_platform(title="Lunch run"))
        later = given(b"as it is")
        house.reader.meanings[later.body] = decoded(on_platform(title="Hills"))

        taken = house.ingest.take("me", later)

        assert taken.fate is Fate.DUPLICATE
        renewed = activity(house)
        assert renewed is not None
        assert renewed.title == "Hills"
        with house.database.reading() as store:
            assert len(store.raws_of("me", "platform")) == 1
        assert len(left_on_disk(house)) == 4  # two states with streams each, until what was let go of is cleared away

    def test_the_verdict_follows_in_place_and_nobody_is_told_again(self, house: House) -> None:
        (offered,) = comes(house, given(), on_platform())
        house.outbox.deliver_due()

        (rewritten,) = comes(house, given(b"as it is"), on_platform(title="6 x 800 m intervals"))
        house.outbox.deliver_due()

        assert rewritten.id == offered.id
        assert rewritten.routine.run_type is RunType.INTERVAL
        assert len(house.phone.received) == 1

    def test_back_to_what_it_was_is_a_change_like_any_other(self, house: House) -> None:
        for body, title in ((b"as it was", "Lunch run"), (b"as it is", "Hills"), (b"as it was", "Lunch run")):
            comes(house, given(body), on_platform(title=title))

        again = activity(house)
        assert again is not None
        assert again.title == "Lunch run"

    def test_a_file_under_a_name_used_before_is_another_run(self, house: House) -> None:
        house.arrives(run(name="run.fit", started_at=NOON - timedelta(days=2)))
        house.arrives(run(name="run.fit"))

        with house.database.reading() as store:
            assert len(store.runs_of("me")) == 2

    def test_the_same_bytes_under_another_title_are_a_later_state(self, house: House) -> None:
        house.reader.meanings[b"fit"] = decoded(on_platform())
        for title in ("Lunch run", "Hills", "Hills"):
            house.ingest.take("me", replace(given(b"fit"), title=title))

        renewed = activity(house)
        assert renewed is not None
        assert renewed.title == "Hills"

    def test_a_file_of_the_same_run_is_still_counted_in(self, house: House) -> None:
        house.arrives(easy_run(name="own.fit", device="Watch"))
        comes(house, given(), on_platform(title="Lunch run"))

        comes(house, given(b"as it is"), on_platform(title="Hills"))

        both = activity(house, "own.fit", "folder")
        assert both is not None
        assert (both.title, both.device) == ("Hills", "Watch")

    def test_a_hidden_start_is_guessed_once(self, house: House) -> None:
        first = on_platform(hidden_start=True)
        comes(house, given(), first)

        comes(
            house, given(b"as it is"), replace(first, started_at=first.started_at + timedelta(hours=3), title="Hills")
        )

        renewed = activity(house)
        assert renewed is not None
        assert (renewed.title, renewed.started_at) == ("Hills", first.started_at)


def test_killed_at_any_commit_it_is_gone_the_next_time(
    house: House, retention: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def dies_at(fatal: int, *, before: bool) -> None:
        passed = 0
        write = SqlDatabase.writing

        @contextmanager
        def writing(database: SqlDatabase, *, urgent: bool = False) -> Iterator[SqlStore]:
            nonlocal passed
            passed += 1
            with write(database, urgent=urgent) as store:
                yield store
                if before and passed == fatal:
                    raise KilledError
            if passed == fatal:
                raise KilledError

        with monkeypatch.context() as danger:
            danger.setattr(SqlDatabase, "writing", writing)
            with pytest.raises(KilledError):
                retention.purge(NOON + WEEK)

    for fatal in (1, 2, 3):
        for before in (True, False):
            comes(house, given(), on_platform())
            dies_at(fatal, before=before)
            retention.purge(NOON + WEEK)
            assert activity(house) is None
            assert left_on_disk(house) == []
