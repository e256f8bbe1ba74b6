"""An archive of recordings: taken in groups, resumed after a kill, tried again, and judged as one past."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import ClassVar

import pytest

from service.application import ingest as ingest_module
from service.application.ingest import HERE_ALREADY, Ingest, Taken
from service.application.reading import ReadersHere
from service.domain.activity import Activity
from service.persistence.archive import FileArchive
from service.persistence.engine import SqlDatabase
from service.ports import Decoded, Fate, Malformed, Raw
from tests.application.conftest import House, easy_run
from tests.fakes import NOON, Decoder, decoded, even_streams, raw, run

GROUP = 4
LATELY = timedelta(days=1)


class KilledError(BaseException):
    """The process dies here."""


@dataclass
class Mortal:
    """A reader of a run a body, named by its day, that may die on the way."""

    media_types: ClassVar[frozenset[str]] = frozenset({"fit"})
    dies_at: str = ""
    read: list[str] = field(default_factory=list)

    def decode(self, raw: Raw) -> Decoded:
        if raw.external_id == self.dies_at:
            raise KilledError
        self.read.append(raw.external_id)
        day = int(raw.external_id)
        return decoded(run(name=raw.external_id, started_at=NOON - timedelta(days=day)))


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "GROUP", GROUP)


def days(count: int) -> list[Raw]:
    """Return so many recordings, each of another day."""
    return [raw(f"day {day}".encode(), name=str(day)) for day in range(count)]


def taking(database: SqlDatabase, archive: FileArchive, reader: Mortal) -> Ingest:
    return Ingest(database, archive, ReadersHere({"fit": reader}))


@pytest.mark.parametrize("fatal", range(0, 11, 2))
def test_after_a_kill_nothing_reported_is_lost_and_nothing_is_taken_twice(
    database: SqlDatabase, archive: FileArchive, fatal: int
) -> None:
    reported: list[str] = []
    dying = taking(database, archive, Mortal(dies_at=str(fatal)))
    with pytest.raises(KilledError):
        reported.extend(name for name, _ in dying.take_all("me", days(11)))

    again = dict(taking(database, archive, Mortal()).take_all("me", days(11)))

    assert all(again[name] == Taken(fate=Fate.DUPLICATE, reason=HERE_ALREADY) for name in reported)
    with database.reading() as store:
        assert store.count_raws() == {Fate.IMPORTED: 11}
        assert len(store.unclassified("none yet")["me"]) == 11


def test_a_kill_costs_the_group_in_hand_and_no_other(database: SqlDatabase, archive: FileArchive) -> None:
    reported: list[str] = []
    with pytest.raises(KilledError):
        reported.extend(name for name, _ in taking(database, archive, Mortal(dies_at="9")).take_all("me", days(12)))

    assert reported == [str(day) for day in range(2 * GROUP)]


def test_each_recording_is_accounted_for_in_the_order_given(database: SqlDatabase, archive: FileArchive) -> None:
    reader = Decoder({b"day 1": Malformed("torn"), b"day 3": Decoded(skipped="a settings file")})
    for day in (0, 2, 4):
        reader.meanings[f"day {day}".encode()] = decoded(run(name=str(day), started_at=NOON - timedelta(days=day)))
    taken = list(Ingest(database, archive, ReadersHere({"fit": reader})).take_all("me", days(5)))

    assert [(name, one.fate) for name, one in taken] == [
        ("0", Fate.IMPORTED),
        ("1", Fate.MALFORMED),
        ("2", Fate.IMPORTED),
        ("3", Fate.NOT_ACTIVITY),
        ("4", Fate.IMPORTED),
    ]


def test_the_same_bytes_twice_in_one_archive_are_one_recording(database: SqlDatabase, archive: FileArchive) -> None:
    twice = [raw(b"day 1", name="1"), raw(b"day 1", name="1")]
    taken = list(taking(database, archive, Mortal()).take_all("me", twice))

    assert [one.fate for _, one in taken] == [Fate.IMPORTED, Fate.DUPLICATE]


def test_what_the_source_says_of_a_run_counts_more_than_the_watch(database: SqlDatabase, archive: FileArchive) -> None:
    told = replace(raw(b"day 1", name="1"), title="Tempo with Ann", sport="trail_running")
    ((_, taken),) = taking(database, archive, Mortal()).take_all("me", [told])

    with database.reading() as store:
        stored = store.activity(taken.activities[0]).activity
    assert (stored.title, stored.sport) == ("Tempo with Ann", "trail_running")


def test_what_could_not_be_read_is_tried_again_when_asked(database: SqlDatabase, archive: FileArchive) -> None:
    reader = Decoder({b"one": Malformed("not read by this release")})
    ingest = Ingest(database, archive, ReadersHere({"fit": reader}))
    ingest.take("me", raw())
    ingest.take("me", replace(raw(b"", name="huge.fit"), withheld="larger than 64 MB"))

    reader.meanings[b"one"] = decoded(run())
    again = dict(ingest.retry("me"))

    assert again["one.fit"].fate is Fate.IMPORTED
    assert again["huge.fit"] == Taken(fate=Fate.MALFORMED, reason="larger than 64 MB")
    assert [name for name, _ in ingest.retry("me")] == ["huge.fit"]


def test_another_runners_quarantine_is_left_alone(database: SqlDatabase, archive: FileArchive) -> None:
    ingest = Ingest(database, archive, ReadersHere({"fit": Decoder({b"one": Malformed("torn")})}))
    ingest.take("you", raw())

    assert list(ingest.retry("me")) == []


def test_runs_judged_before_their_past_was_known_are_judged_anew(house: House) -> None:
    today = easy_run()
    (before,) = house.judged(today)
    house.outbox.deliver_due()

    old = [easy_run(name=f"{day}", started_at=NOON - timedelta(days=day)) for day in range(2, 30, 2)]
    for activity in old:
        house.arrives(activity, bulk=True)
    house.coach.hear_of_the_past("me", min(activity.started_at for activity in old))
    coached = house.coach.coach()

    after = next(one for one in coached if one.activity_id == before.activity_id)
    assert after.verdict.confidence > before.verdict.confidence
    assert [one.id for one in after.sessions] == [one.id for one in before.sessions]
    house.outbox.deliver_due()
    assert len(house.phone.received) == 1


# --- a workout in parts ------------------------------------------------------------------------------------------

WARM_UP, WORK, COOL_DOWN = timedelta(minutes=15), timedelta(minutes=25), timedelta(minutes=10)


def parts() -> list[Activity]:
    """Return a warm-up, some work and a cool-down, each recorded by itself, the last ended five minutes ago."""
    found, start = [], NOON - timedelta(minutes=60)
    for name, length, speed in (("warm", WARM_UP, 2.6), ("work", WORK, 3.6), ("cool", COOL_DOWN, 2.5)):
        seconds = int(length.total_seconds())
        streams = even_streams(seconds, speed, 175.0 if name == "work" else 130.0)
        found.append(run(name=name, started_at=start, elapsed_s=seconds, distance_m=speed * seconds, streams=streams))
        start += length + timedelta(minutes=2)
    return found


def test_a_workout_in_three_recordings_earns_one_routine_after_the_last(house: House) -> None:
    sessions = [house.arrives(part) for part in parts()]

    pending = [session for session in sessions[-1] if session.state.value == "pending"]
    assert len(pending) == 1
    with house.database.reading() as store:
        states = [session.state.value for session in store.sessions_between("me", NOON - LATELY, NOON + LATELY)]
    assert sorted(states) == ["pending", "replaced", "replaced"]


def test_the_parts_are_judged_as_one_whatever_the_order_they_arrive_in(house: House) -> None:
    for part in reversed(parts()):
        (coached,) = house.judged(part)[:1]

    with house.database.reading() as store:
        (workout,) = store.workouts([coached.activity_id]).values()
    assert [part.activity.ref.external_id for part in workout] == ["warm", "work", "cool"]
    assert coached.verdict.remembered.distance_m == pytest.approx(sum(part.distance_m or 0 for part in parts()))
