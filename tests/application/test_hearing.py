"""What a platform tells by itself is a hint: it is asked before anything is done, and only it can say somebody left."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from service.application.hearing import Hearing
from service.application.sync import Sync
from service.domain.activity import Ref
from service.ports import (
    Aspect,
    Conversation,
    Event,
    Fate,
    Raw,
    Refused,
    Removed,
    Throttled,
    Unavailable,
)
from tests.application.conftest import House, easy_run
from tests.fakes import NOON, Source, decoded, raw

CREATED = Event(source="platform", owner="77", subject="7", aspect=Aspect.CREATE, at=NOON)
LEFT = replace(CREATED, subject="", aspect=Aspect.LEFT)


@dataclass
class Platform(Source):
    """A source whose platform tells what is new. It gives what it was told of."""

    name: str = "platform"
    ask_every: timedelta = timedelta(minutes=30)
    owner: str | None = "77"
    welcome: bool | Exception = True
    told: list[set[str]] = field(default_factory=list)
    left: bool = False
    has: dict[str, Raw] = field(default_factory=dict)

    def tell(self, names: Collection[str]) -> None:
        self.told.append(set(names))

    def still_welcome(self) -> bool:
        if isinstance(self.welcome, Exception):
            raise self.welcome
        return self.welcome

    def leave(self) -> None:
        self.left = True

    def check(self) -> str:
        if self.left:
            raise Refused("the consent is gone: run `afterrun connect platform`")
        return "in memory"

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        self.asked_with.append(cursor)
        if self.arriving:
            yield from super().fetch(None)
        for name in self.told[-1] if self.told else set(self.has):
            yield self.has.get(name) or Removed(source=self.name, external_id=name), "cursor"


class Hook:
    """Believes bodies that are the names of events it knows."""

    def __init__(self, **events: Event) -> None:
        self.events = {name.encode(): event for name, event in events.items()}

    def challenge(self, query: Mapping[str, str], token: str) -> Mapping[str, str] | None:
        return {"answer": token} if query.get("token") == token else None

    def event(self, body: bytes, headers: Mapping[str, str]) -> Event | None:
        assert headers is not None
        return self.events.get(body)

    def create(self, talk: Conversation, callback: str, token: str) -> None:
        raise NotImplementedError

    def check(self, talk: Conversation, callback: str) -> None:
        raise NotImplementedError

    def remove(self, talk: Conversation) -> None:
        raise NotImplementedError


@pytest.fixture
def platform() -> Platform:
    return Platform(
        has={
            "7": raw(
                b"the run",
                name="7",
                source="platform",
                lasting_id=True,
                expires_at=NOON + timedelta(days=7),
            )
        }
    )


@pytest.fixture
def hearing(house: House, platform: Platform) -> Hearing:
    house.reader.meanings[b"the run"] = decoded(easy_run(name="7", source="platform"))
    sources = {("me", "platform"): platform}
    sync = Sync(house.database, house.ingest, house.athletes, sources, clock=house.clock, spread=lambda: 0.0)
    hooks = {"platform": (Hook(), Hook(created=CREATED, left=LEFT, changed=replace(CREATED, aspect=Aspect.UPDATE)))}
    return Hearing(house.database, sync, house.ingest, hooks, clock=house.clock, wake=lambda *_: None)


def here(house: House) -> bool:
    with house.database.reading() as store:
        return store.activity_of("me", Ref(source="platform", external_id="7")) is not None


def act(hearing: Hearing) -> None:
    for named in hearing.due():
        hearing.act(*named)


def open_events(house: House) -> int:
    with house.database.reading() as store:
        return len(store.open_events("me", "platform"))


class TestHearing:
    def test_an_event_is_written_down_and_the_worker_woken_and_nothing_is_asked_yet(
        self, hearing: Hearing, house: House, platform: Platform
    ) -> None:
        woken: list[tuple[str, str, int]] = []

        def wake(athlete: str, source: str) -> None:
            woken.append((athlete, source, open_events(house)))

        assert replace(hearing, wake=wake).hear("platform", b"created", {})

        assert woken == [("me", "platform", 1)]
        assert platform.told == []

    @pytest.mark.parametrize(("source", "body"), [("platform", b"forged"), ("elsewhere", b"created")])
    def test_what_is_not_believed_changes_nothing(
        self, hearing: Hearing, house: House, source: str, body: bytes
    ) -> None:
        assert not hearing.hear(source, body, {})
        assert open_events(house) == 0

    def test_of_somebody_who_is_nobodys_athlete_nothing_is_kept(
        self, hearing: Hearing, house: House, platform: Platform
    ) -> None:
        platform.owner = "78"

        assert hearing.hear("platform", b"created", {})
        assert open_events(house) == 0

    def test_whose_it_is_may_be_looked_up_where_tokens_are_kept(
        self, hearing: Hearing, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a connection of its own, which must not wait for the event to be written."""

        def owner(_self: Platform) -> str:
            with house.database.writing() as store:
                store.count_raws()
            return "77"

        monkeypatch.setattr(Platform, "owner", property(owner))
        monkeypatch.setattr("service.persistence.engine.BUSY_TIMEOUT_S", 1)

        assert hearing.hear("platform", b"created", {})
        assert open_events(house) == 1

    def test_told_three_times_it_is_one_event(self, hearing: Hearing, house: House) -> None:
        for _ in range(3):
            hearing.hear("platform", b"created", {})

        assert open_events(house) == 1

    def test_a_platform_that_tries_the_door_is_answered(self, hearing: Hearing) -> None:
        assert hearing.challenge("platform", {"token": "t"}, "t") == {"answer": "t"}
        assert hearing.challenge("platform", {"token": "x"}, "t") is None
        assert hearing.challenge("elsewhere", {"token": "t"}, "t") is None


class TestActing:
    def test_what_an_event_is_about_is_asked_for_at_once(
        self, hearing: Hearing, house: House, platform: Platform
    ) -> None:
        hearing.hear("platform", b"created", {})

        act(hearing)

        assert platform.told == [{"7"}]
        assert here(house)
        assert hearing.due() == []

    def test_before_its_turn_but_not_while_the_platform_holds_us(
        self, hearing: Hearing, house: House, platform: Platform
    ) -> None:
        platform.arriving = [Throttled("enough", timedelta(minutes=9))]
        hearing.hear("platform", b"created", {})
        act(hearing)

        assert hearing.due() == []
        house.clock.forward(minutes=9)
        act(hearing)
        assert here(house)

    def test_nor_sooner_than_our_own_wait_after_a_failure(
        self, hearing: Hearing, house: House, platform: Platform
    ) -> None:
        platform.arriving = [Unavailable("away")]
        hearing.hear("platform", b"created", {})
        act(hearing)

        assert hearing.due() == []
        assert open_events(house) == 1
        house.clock.forward(seconds=30)
        act(hearing)
        assert here(house)

    def test_whatever_it_says_the_platforms_state_counts(
        self, hearing: Hearing, house: House, platform: Platform
    ) -> None:
        hearing.hear("platform", b"created", {})
        act(hearing)
        platform.has.clear()
        hearing.hear("platform", b"changed", {})

        act(hearing)

        assert not here(house)

    def test_a_run_it_told_of_twice_is_one_run_and_one_message(self, hearing: Hearing, house: House) -> None:
        for body in (b"created", b"changed", b"created"):
            hearing.hear("platform", body, {})
            act(hearing)
            house.coach.coach()
        house.outbox.deliver_due()

        with house.database.reading() as store:
            assert store.count_raws() == {Fate.IMPORTED: 1}
        assert len(house.phone.received) == 1

    def test_of_a_source_that_is_no_longer_set_up_nothing_is_asked(self, hearing: Hearing, house: House) -> None:
        hearing.hear("platform", b"created", {})
        without = replace(hearing, sync=replace(hearing.sync, sources={}))

        act(without)

        assert open_events(house) == 0


class TestLeaving:
    @pytest.fixture(autouse=True)
    def a_run(self, hearing: Hearing, house: House) -> None:
        hearing.hear("platform", b"created", {})
        act(hearing)
        house.coach.coach()

    def test_what_the_platform_denies_is_a_forgery(self, hearing: Hearing, house: House, platform: Platform) -> None:
        hearing.hear("platform", b"left", {})

        act(hearing)

        assert here(house)
        assert not platform.left
        assert open_events(house) == 0

    def test_what_it_confirms_takes_all_it_lent_and_the_runner_is_told(
        self, hearing: Hearing, house: House, platform: Platform
    ) -> None:
        platform.welcome = False
        hearing.hear("platform", b"left", {})

        act(hearing)

        assert not here(house)
        assert platform.left
        (session,) = house.feedback.pending()
        assert session.activity is None
        with house.database.reading() as store:
            standing = store.standing("me", "sources.platform")
        assert "afterrun connect platform" in standing.todo
        assert hearing.due() == []

    def test_while_it_does_not_say_nothing_is_taken_and_it_is_asked_again(
        self, hearing: Hearing, house: House, platform: Platform
    ) -> None:
        platform.welcome = Unavailable("away")
        hearing.hear("platform", b"left", {})
        act(hearing)
        assert here(house)
        assert open_events(house) == 1
        assert hearing.due() == []

        platform.welcome = False
        house.clock.forward(seconds=30)
        act(hearing)
        assert not here(house)


def test_events_are_forgotten_with_what_was_lent(hearing: Hearing, house: House) -> None:
    hearing.hear("platform", b"created", {})
    act(hearing)

    from service.application.retention import Retention  # noqa: PLC0415 - for this test only

    Retention(house.database, house.ingest.archive, house.ingest.readers).purge(NOON + timedelta(days=8))

    with house.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one() == 0
