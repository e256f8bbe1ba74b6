"""Bringing runs in from the pages: how far it is shows at any time, and a process that dies loses nothing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from service.application.bringing import BROKEN, STALLED_AFTER, WAITS_AT_MOST, Bring, NoSuchImportError
from service.domain.activity import Activity
from service.persistence.store import SqlStore
from service.ports import Bringing, Malformed, Raw, Stage
from tests.application.conftest import House, easy_run
from tests.fakes import NOON, decoded, raw


@dataclass
class Sent:
    """What was sent for an import, as it is found."""

    house: House
    recordings: list[Raw] = field(default_factory=list)
    bulk: bool = False
    breaks: bool = False

    @property
    def total(self) -> int:
        return len(self.recordings)

    def raws(self, now: datetime) -> Iterable[Raw]:
        assert now == self.house.clock.now()
        if self.breaks:
            raise RuntimeError("a secret detail")
        for one in self.recordings:
            self.house.clock.forward(seconds=2)
            yield one

    def holds(self, activity: Activity | Malformed, name: str) -> None:
        body = name.encode()
        self.house.reader.meanings[body] = activity if isinstance(activity, Malformed) else decoded(activity)
        self.recordings.append(raw(body, name=name, source="file"))


@pytest.fixture
def sent(house: House) -> Sent:
    return Sent(house)


@pytest.fixture
def bring(house: House, sent: Sent) -> Bring:
    @contextmanager
    def find(_number: int) -> Iterator[Sent]:
        yield sent

    return Bring(database=house.database, ingest=house.ingest, coach=house.coach, find=find, clock=house.clock)


def brought(bring: Bring, name: str = "export.zip") -> Bringing:
    begun = bring.begin("me", name)
    bring.bring(begun.id)
    return bring.of("me", begun.id)


def test_todays_run_earns_its_routine(bring: Bring, sent: Sent, house: House) -> None:
    sent.holds(easy_run(name="today.fit"), "today.fit")

    done = brought(bring, "today.fit")

    assert (done.stage, done.total, done.fates, done.judged) == (Stage.DONE, 1, {"imported": 1}, 1)
    assert len(house.feedback.pending("me")) == 1


def test_an_archive_is_judged_and_nobody_is_told(bring: Bring, sent: Sent, house: House) -> None:
    sent.bulk = True
    for days in range(8):
        sent.holds(easy_run(name=f"{days}.fit", started_at=NOON - timedelta(days=days, hours=1)), f"{days}.fit")

    done = brought(bring)

    assert (done.stage, done.total, done.judged) == (Stage.DONE, 8, 8)
    assert house.feedback.pending("me") == []


def test_what_cannot_be_read_is_told_with_its_reason(bring: Bring, sent: Sent) -> None:
    sent.holds(easy_run(), "good.fit")
    sent.holds(Malformed("cut short"), "bad.fit")

    done = brought(bring)

    assert done.fates == {"imported": 1, "malformed": 1}
    assert done.troubles == (("bad.fit", "cut short"),)


def test_how_far_it_is_shows_on_the_way(
    bring: Bring, sent: Sent, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        sent.holds(easy_run(name=f"{number}.fit", started_at=NOON - timedelta(hours=2 * number + 1)), f"{number}.fit")
    seen: list[tuple[Stage, int]] = []
    plain = house.database.writing

    @contextmanager
    def watched() -> Iterator[SqlStore]:
        with plain() as store:
            yield store
        seen.extend((one.stage, sum(one.fates.values())) for one in bring.latest("me"))

    monkeypatch.setattr(house.database, "writing", watched)
    brought(bring)

    assert (Stage.READING, 1) in seen
    assert (Stage.READING, 2) in seen
    assert (Stage.JUDGING, 3) in seen


def test_what_broke_off_says_so_and_tells_nothing_of_itself(bring: Bring, sent: Sent) -> None:
    sent.breaks = True

    broken = brought(bring)

    assert (broken.stage, broken.trouble) == (Stage.BROKEN, BROKEN)
    assert not bring.under_way(broken)


def test_begun_again_after_a_crash_it_takes_the_rest(bring: Bring, sent: Sent) -> None:
    begun = bring.begin("me", "export.zip")
    sent.holds(easy_run(), "one.fit")
    with bring.database.writing() as store:
        store.set_bringing(begun)
    bring.ingest.take("me", sent.recordings[0])

    bring.bring(begun.id)
    bring.bring(begun.id)

    done = bring.of("me", begun.id)
    assert (done.stage, done.fates) == (Stage.DONE, {"duplicate": 1})


def test_one_that_waits_for_those_before_it_is_under_way_for_hours(bring: Bring, sent: Sent, house: House) -> None:
    sent.holds(easy_run(), "one.fit")
    waiting = bring.take_up(bring.begin("me", "export.zip"))

    house.clock.moment += timedelta(hours=2)
    assert bring.under_way(waiting)
    bring.bring(waiting.id)
    assert bring.of("me", waiting.id).stage is Stage.DONE
    house.clock.moment += WAITS_AT_MOST
    assert not bring.under_way(waiting)


def test_one_that_went_silent_is_no_longer_under_way(bring: Bring, house: House) -> None:
    begun = bring.begin("me", "export.zip")
    assert bring.under_way(begun)

    house.clock.moment += STALLED_AFTER + timedelta(seconds=1)

    assert not bring.under_way(begun)


def test_an_import_is_its_athletes_alone(bring: Bring) -> None:
    begun = bring.begin("me", "export.zip")

    for athlete, number in (("anna", begun.id), ("me", 999)):
        with pytest.raises(NoSuchImportError):
            bring.of(athlete, number)
    assert bring.latest("anna") == []
