"""A routine reaches the watch as a workout on its day, once, and is put right or taken off with its session."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.catalogue import exercises, load
from integrations import garmin_connect
from integrations.garmin_connect.watch import GONE, LISTEN_EVERY, Watch
from service.domain.classification import RunType
from service.domain.message import Message, Phase
from service.domain.routine import compose
from service.domain.wish import Wish
from service.ports import Change, Channel, Happened, Malformed, Outcome, Shown, Throttled, Unavailable
from tests.fakes import Clock, Vault
from tests.integrations import channel_contract
from tests.integrations.channel_contract import NOW, CalendarChannelContract, Received
from tests.integrations.test_garmin_connect import KIM, tokens_of
from tests.peers.garmin_connect import SPORTS, GarminConnectPeer, all_steps
from tests.peers.http import Trouble, Way

CATALOGUE, POLICY = load()
ROUTINE = compose(Wish(run_type=RunType.TEMPO), CATALOGUE, POLICY)
TODAY, TOMORROW = "2026-11-22", "2026-11-23"


def a_message(key: str = "5f3a0c1e-0001-5000-8000-000000000001") -> Message:
    return replace(PLAIN(key), routine=ROUTINE)


PLAIN = channel_contract.a_message


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def peer() -> Iterator[GarminConnectPeer]:
    with GarminConnectPeer(now=datetime.now(UTC)) as peer:
        yield peer


def a_watch(peer: GarminConnectPeer, clock: Clock, *, vault: Vault | None = None, sport: str = "mobility") -> Watch:
    return garmin_connect.channel(
        base_url=peer.url,
        workout_sport=sport,
        vault=Vault({"tokens": tokens_of(peer)}) if vault is None else vault,
        clock=clock,
        athlete=KIM,
        catalogue=CATALOGUE,
        exercises=exercises(),
    )


@pytest.fixture
def watch(peer: GarminConnectPeer, clock: Clock) -> Watch:
    return a_watch(peer, clock)


def read(workout: dict[str, Any]) -> str:
    """Return everything that a person can read of a workout."""
    notes = [step.get("description") or "" for step in all_steps(workout)]
    return "\n".join([workout["workoutName"], workout["description"], *notes])


class TestTheContract(CalendarChannelContract):
    @pytest.fixture(autouse=True)
    def _with_a_routine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only a routine goes to the watch."""
        monkeypatch.setattr(channel_contract, "a_message", a_message)

    @pytest.fixture
    def channel(self, watch: Watch) -> Channel:
        return watch

    @pytest.fixture
    def received(self, peer: GarminConnectPeer) -> Received:
        return lambda: [read(workout) for _, workout in peer.calendar]

    @pytest.fixture
    def remove(self, peer: GarminConnectPeer) -> Callable[[], object]:
        def remove() -> None:
            peer.workouts.clear()
            peer.schedules.clear()

        return remove

    @pytest.fixture
    def broken(self, peer: GarminConnectPeer, clock: Clock) -> Channel:
        vault = Vault({"tokens": tokens_of(peer).replace("refresh-", "s3cret-nobody-may-see-")})
        peer.tokens.access.clear()
        return a_watch(peer, clock, vault=vault)

    def test_a_message_arrives_whole(self, channel: Channel, received: Received) -> None:
        """What names the run's figures and the link to the session stay at home: they are of no use on a wrist."""
        assert channel.send(a_message())
        (text,) = received()
        for words in (a_message().title, a_message().body, *(step.name for step in ROUTINE.steps)):
            assert words in text
        assert a_message().why not in text
        assert a_message().link not in text

    def test_a_message_without_anything_optional_arrives(self, channel: Channel, received: Received) -> None:
        """One without a routine, such as the morning list, does not go to the watch."""
        with pytest.raises(Malformed):
            channel.send(channel_contract.a_bare_message())
        assert received() == []

    def test_what_is_too_long_keeps_its_beginning(self, channel: Channel, received: Received) -> None:
        channel.send(replace(a_message(), title="Ü" * 2000, body="Ö" * 2000))
        (text,) = received()
        assert "Ü" * 79 in text
        assert "Ö" * 400 in text

    def test_what_has_become_of_a_message_is_put_right_in_its_place(self, channel: Channel, received: Received) -> None:
        """What is done or withdrawn is taken off: in a year there would be two hundred workouts."""
        receipt = channel.send(a_message())
        later = replace(a_message(), title="This evening: 16 min", phase=Phase.CHANGED)
        for _ in range(2):
            receipt = channel.send(later, receipt)
            assert ["This evening: 16 min" in text for text in received()] == [True]
        for phase in (Phase.DONE, Phase.DONE, Phase.WITHDRAWN):
            receipt = channel.send(replace(later, phase=phase), receipt)
            assert receipt == GONE
            assert received() == []


class TestOnTheCalendar:
    def test_it_stands_on_the_runners_own_day(self, peer: GarminConnectPeer, clock: Clock) -> None:
        late = replace(
            a_message(), starts_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
        )  # half past midnight in Berlin
        a_watch(peer, clock).send(late)
        assert [day for day, _ in peer.calendar] == [TOMORROW]

    def test_a_session_that_moves_to_another_day_moves_there(self, peer: GarminConnectPeer, watch: Watch) -> None:
        receipt = watch.send(a_message())
        moved = replace(a_message(), starts_at=NOW + timedelta(days=1), phase=Phase.CHANGED)
        receipt = watch.send(moved, receipt)
        watch.send(moved, receipt)
        assert [day for day, _ in peer.calendar] == [TOMORROW]
        assert len(peer.workouts) == 1

    @pytest.mark.parametrize("at", ["/workout-service/workout", "/calendar-service/", "/workout-service/schedule"])
    @pytest.mark.parametrize("step", [0, 1])
    @pytest.mark.parametrize("takes", [False, True])
    def test_a_move_that_broke_off_is_made_good(
        self, peer: GarminConnectPeer, watch: Watch, at: str, step: int, takes: bool
    ) -> None:
        receipt = watch.send(a_message())
        moved = replace(a_message(), starts_at=NOW + timedelta(days=1), phase=Phase.CHANGED)
        peer.trouble(Trouble(way=Way.CUT, takes=takes), at=at, after=step)
        for _ in range(2):
            with suppress(Unavailable):
                watch.send(moved, receipt)
        watch.send(moved, receipt)
        assert [day for day, _ in peer.calendar] == [TOMORROW]
        assert len(peer.workouts) == 1

    @pytest.mark.parametrize("number", [1, 99], ids=["under its number", "under a new one"])
    def test_what_its_owner_moved_stays_where_it_is(self, peer: GarminConnectPeer, watch: Watch, number: int) -> None:
        receipt = watch.send(a_message())
        (workout,) = peer.workouts
        peer.schedules = {number: (TOMORROW, workout)}
        watch.send(replace(a_message(), starts_at=NOW + timedelta(days=1), phase=Phase.CHANGED), receipt)
        assert peer.schedules == {number: (TOMORROW, workout)}

    def test_what_was_taken_off_the_calendar_is_not_brought_back_by_moving(
        self, peer: GarminConnectPeer, watch: Watch
    ) -> None:
        receipt = watch.send(a_message())
        peer.schedules.clear()
        assert watch.send(replace(a_message(), starts_at=NOW + timedelta(days=1), phase=Phase.CHANGED), receipt) == GONE
        assert (peer.calendar, peer.workouts) == ([], {})

    def test_two_sessions_of_a_day_stand_side_by_side(self, peer: GarminConnectPeer, watch: Watch) -> None:
        watch.send(a_message())
        watch.send(a_message("5f3a0c1e-0002-5000-8000-000000000002"))
        assert [day for day, _ in peer.calendar] == [TODAY, TODAY]

    @pytest.mark.parametrize("sport", list(SPORTS.values()))
    def test_the_watch_takes_it_for_what_the_runner_wants(
        self, peer: GarminConnectPeer, clock: Clock, sport: str
    ) -> None:
        a_watch(peer, clock, sport=sport).send(a_message())
        ((_, workout),) = peer.calendar
        assert workout["sportType"]["sportTypeKey"] == sport

    def test_a_check_makes_nothing(self, peer: GarminConnectPeer, watch: Watch) -> None:
        assert watch.check()
        assert peer.workouts == {}


class TestFaults:
    def test_where_garmin_does_not_know_one_name_the_routine_comes_without_names(
        self, peer: GarminConnectPeer, watch: Watch
    ) -> None:
        peer.known = peer.known - {("WARM_UP", "STRETCH_LYING_PIRIFORMIS")}
        watch.send(a_message())
        ((_, workout),) = peer.calendar
        assert not any("category" in step for step in all_steps(workout))
        assert [step["description"] for step in all_steps(workout)]

    def test_where_it_takes_none_at_all_the_setting_is_named(self, peer: GarminConnectPeer, watch: Watch) -> None:
        peer.sports = {7: "yoga"}
        with pytest.raises(Malformed, match="workout_sport"):
            watch.send(a_message())

    @pytest.mark.parametrize("at", ["/workout-service/workout", "/workout-service/schedule"])
    @pytest.mark.parametrize("takes", [False, True])
    @pytest.mark.parametrize("way", [Way.ANSWER, Way.CUT, Way.HALF])
    def test_whatever_is_lost_on_the_way_it_stands_there_once_in_the_end(
        self, peer: GarminConnectPeer, watch: Watch, at: str, takes: bool, way: Way
    ) -> None:
        peer.trouble(Trouble(way=way, takes=takes), at=at, after=1 if at.endswith("workout") else 0)
        with pytest.raises(Unavailable):
            watch.send(a_message())
        watch.send(a_message())
        assert [day for day, _ in peer.calendar] == [TODAY]
        assert len(peer.workouts) == 1

    @pytest.mark.parametrize("at", ["/workout-service/workout", "/workout-service/schedule"])
    def test_a_busy_garmin_is_left_alone_and_it_stands_there_once_in_the_end(
        self, peer: GarminConnectPeer, watch: Watch, clock: Clock, at: str
    ) -> None:
        peer.trouble(
            Trouble(status=429, headers={"Retry-After": "60"}), at=at, after=1 if at.endswith("workout") else 0
        )
        with pytest.raises(Throttled):
            watch.send(a_message())
        clock.forward(minutes=2)
        watch.send(a_message())
        assert len(peer.calendar) == len(peer.workouts) == 1

    def test_an_answer_that_was_lost_is_found_again_by_its_mark(self, peer: GarminConnectPeer, watch: Watch) -> None:
        assert watch.reconcile(a_message(), NOW) is Outcome.ABSENT
        watch.send(a_message())
        assert watch.reconcile(a_message(), NOW) is Outcome.ARRIVED
        watch.send(replace(a_message(), title="This evening", phase=Phase.CHANGED), "")
        assert [workout["workoutName"] for _, workout in peer.calendar] == ["This evening"]

    def test_a_receipt_nobody_can_read_brings_nothing_back(self, peer: GarminConnectPeer, watch: Watch) -> None:
        assert watch.send(replace(a_message(), phase=Phase.CHANGED), "from another time") == GONE
        assert peer.calendar == []


class TestListening:
    @pytest.fixture
    def shown(self, watch: Watch) -> list[Shown]:
        message = a_message()
        return [Shown(session_id=7, key=message.key, receipt=watch.send(message), starts_at=NOW)]

    def test_where_nothing_happened_nothing_is_said(self, watch: Watch, shown: list[Shown]) -> None:
        assert list(watch.changes(shown)) == []

    def test_what_was_done_on_the_watch_is_done(
        self, peer: GarminConnectPeer, watch: Watch, shown: list[Shown]
    ) -> None:
        (workout,) = peer.workouts
        peer.put("1", b"", begun=NOW.replace(tzinfo=None), kind="mobility", workout=workout)
        assert list(watch.changes(shown)) == [Change(session_id=7, happened=Happened.DONE)]

    def test_what_was_moved_on_garmins_calendar_moves(
        self, peer: GarminConnectPeer, watch: Watch, shown: list[Shown]
    ) -> None:
        ((entry, (_, workout)),) = peer.schedules.items()
        peer.schedules[entry] = (TOMORROW, workout)
        (change,) = watch.changes(shown)
        assert change == Change(session_id=7, happened=Happened.MOVED, moved_to=NOW + timedelta(days=1))

    def test_a_move_into_the_next_month_is_found(self, peer: GarminConnectPeer, watch: Watch) -> None:
        last = datetime(2026, 11, 30, 18, tzinfo=UTC)
        message = replace(a_message(), starts_at=last)
        shown = Shown(session_id=7, key=message.key, receipt=watch.send(message), starts_at=last)
        ((_, (_, workout)),) = peer.schedules.items()
        peer.schedules = {99: ("2026-12-02", workout)}
        (change,) = watch.changes([shown])
        assert change.moved_to == last + timedelta(days=2)

    def test_what_was_moved_into_the_past_stays(
        self, peer: GarminConnectPeer, watch: Watch, shown: list[Shown]
    ) -> None:
        ((entry, (_, workout)),) = peer.schedules.items()
        peer.schedules[entry] = ("2026-11-20", workout)
        assert list(watch.changes(shown)) == []

    def test_what_was_taken_off_is_left_out(self, peer: GarminConnectPeer, watch: Watch, shown: list[Shown]) -> None:
        peer.schedules.clear()
        assert list(watch.changes(shown)) == [Change(session_id=7, happened=Happened.REMOVED)]

    def test_a_calendar_that_forgets_an_entry_is_not_believed(
        self, peer: GarminConnectPeer, watch: Watch, shown: list[Shown]
    ) -> None:
        peer.trouble(Trouble(status=200, body=b'{"calendarItems": []}'), at="/calendar-service/")
        assert list(watch.changes(shown)) == []

    def test_garmin_is_asked_every_few_minutes_and_no_more(
        self, peer: GarminConnectPeer, watch: Watch, shown: list[Shown], clock: Clock
    ) -> None:
        list(watch.changes(shown))
        asked = len(peer.requests)
        list(watch.changes(shown))
        assert len(peer.requests) == asked
        clock.moment += LISTEN_EVERY
        list(watch.changes(shown))
        assert len(peer.requests) > asked
