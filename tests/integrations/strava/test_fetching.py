"""What is asked of Strava and what comes of it: little where nothing is new, edits and deletes, the latest first."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from integrations.strava.runs import Strava
from service.ports import Raw, Refused, Removed, Throttled, Unavailable
from tests.integrations.strava_home import Home
from tests.peers.http import Trouble
from tests.peers.strava import StravaPeer

WEEK = timedelta(days=7)


@dataclass
class Asking:
    """A source that is asked again and again, as the worker does."""

    runner: Home
    source: Strava
    cursor: str | None = None
    given: list[Raw | Removed] = field(default_factory=list)

    def ask(self) -> list[Raw | Removed]:
        """Ask once, and return what came."""
        before = len(self.given)
        for one, cursor in self.source.fetch(self.cursor):
            self.cursor = cursor
            self.given.append(one)
        return self.given[before:]

    def restarts(self) -> None:
        self.source = self.runner.source()


@pytest.fixture
def asking(runner: Home) -> Asking:
    return Asking(runner, runner.source())


def paths(peer: StravaPeer) -> list[str]:
    return [request.path.removeprefix("/api/v3") for request in peer.requests]


def told(one: Raw | Removed) -> dict[str, Any]:
    assert isinstance(one, Raw)
    document: dict[str, Any] = json.loads(one.body)
    return document


class TestNothingNew:
    def test_one_request_tells_that_nothing_is(self, asking: Asking, runner: Home) -> None:
        runner.runs()
        asking.ask()
        runner.peer.requests.clear()

        assert asking.ask() == []
        assert paths(runner.peer) == ["/athlete/activities"]

    def test_so_it_is_after_a_restart(self, asking: Asking, runner: Home) -> None:
        runner.runs()
        asking.ask()
        asking.restarts()
        runner.peer.requests.clear()

        assert asking.ask() == []
        assert paths(runner.peer) == ["/athlete/activities"]

    def test_company_on_a_run_is_no_news(self, asking: Asking, runner: Home) -> None:
        run = runner.runs()
        asking.ask()
        runner.person.edits(run, kudos_count=12, comment_count=3)

        assert asking.ask() == []

    def test_rides_and_swims_are_passed_over(self, asking: Asking, runner: Home) -> None:
        runner.runs(sport_type="Ride", type="Ride")
        runner.runs(sport_type="Swim", type="Swim")

        assert asking.ask() == []
        assert paths(runner.peer) == ["/athlete/activities"]


class TestANewRun:
    def test_it_takes_two_requests_beside_the_list(self, runner: Home) -> None:
        runner.connect("read,activity:read_all")
        runner.peer.requests.clear()
        run = runner.runs()

        Asking(runner, runner.source()).ask()

        assert paths(runner.peer) == ["/athlete/activities", f"/activities/{run.id}", f"/activities/{run.id}/streams"]

    def test_it_may_be_kept_for_a_week_and_is_shown_at_strava(self, asking: Asking, runner: Home) -> None:
        run = runner.runs()

        (raw,) = asking.ask()

        assert isinstance(raw, Raw)
        assert raw.expires_at == raw.received_at + WEEK
        assert raw.link == f"https://www.strava.com/activities/{run.id}"
        assert (raw.external_id, raw.lasting_id, raw.media_type) == (str(run.id), True, "strava")

    def test_the_list_is_asked_for_in_few_large_pages(self, asking: Asking, runner: Home) -> None:
        for number in range(450):
            run = runner.runs(timedelta(hours=1 + number), seconds=60, sport_type="Ride")
            run.streams = {}

        asking.ask()

        asked = [request.query for request in runner.peer.requests]
        assert [query["page"] for query in asked] == ["1", "2", "3"]
        assert {query["per_page"] for query in asked} == {"200"}

    def test_the_latest_comes_first_in_whatever_order_they_are_listed(self, asking: Asking, runner: Home) -> None:
        runner.peer.shuffled = True
        for days in (3, 0, 2, 1):
            runner.runs(timedelta(days=days, hours=1), seconds=60, name=f"{days} days ago")

        names = [told(one)["activity"]["name"] for one in asking.ask()]

        assert names == ["0 days ago", "1 days ago", "2 days ago", "3 days ago"]

    def test_a_run_uploaded_late_is_found_behind_newer_ones(self, asking: Asking, runner: Home) -> None:
        runner.runs()
        asking.ask()
        late = runner.runs(timedelta(days=6, hours=20))

        (raw,) = asking.ask()

        assert isinstance(raw, Raw)
        assert raw.external_id == str(late.id)

    def test_so_far_back_and_no_further(self, asking: Asking, runner: Home) -> None:
        runner.runs(timedelta(days=31))
        runner.runs(timedelta(days=29), seconds=60)

        assert len(asking.ask()) == 1
        runner.clock.forward(days=60)
        assert asking.ask() == []
        after = float(runner.peer.requests[-1].query["after"])
        assert after == (runner.clock.now() - timedelta(days=30)).timestamp()

    def test_after_two_weeks_offline_nothing_is_missing(self, asking: Asking, runner: Home) -> None:
        runner.runs()
        asking.ask()
        for _ in range(14):
            runner.clock.forward(days=1)
            runner.runs(seconds=60)

        assert len(asking.ask()) == 14

    def test_what_strava_adds_to_an_activity_does_no_harm(self, asking: Asking, runner: Home) -> None:
        runner.runs(
            perceived_exertion=5.5, suffer_score=61.7, max_heartrate=171.5, average_temp=-3.5, mystery={"a": [1]}
        )

        (raw,) = asking.ask()

        assert told(raw)["activity"]["max_heartrate"] == 171.5


class TestEdits:
    @pytest.mark.parametrize("change", [{"name": "6 x 800 m"}, {"workout_type": 3}, {"sport_type": "TrailRun"}])
    def test_an_edit_is_a_later_state_under_the_same_name(
        self, asking: Asking, runner: Home, change: dict[str, object]
    ) -> None:
        run = runner.runs()
        asking.ask()
        runner.person.edits(run, **change)

        (raw,) = asking.ask()

        assert isinstance(raw, Raw)
        assert raw.external_id == str(run.id)
        assert told(raw)["activity"].items() >= change.items()
        assert asking.ask() == []

    def test_a_run_that_becomes_a_ride_is_told_of(self, asking: Asking, runner: Home) -> None:
        run = runner.runs()
        asking.ask()
        runner.person.edits(run, sport_type="Ride", type="Ride")

        (raw,) = asking.ask()

        assert told(raw)["activity"]["sport_type"] == "Ride"

    def test_a_ride_that_becomes_a_run_is_new(self, asking: Asking, runner: Home) -> None:
        ride = runner.runs(sport_type="Ride", type="Ride")
        asking.ask()
        runner.person.edits(ride, sport_type="Run", type="Run")

        assert len(asking.ask()) == 1


class TestDeletes:
    def test_a_deleted_run_is_no_more(self, asking: Asking, runner: Home) -> None:
        kept, deleted = runner.runs(timedelta(hours=2)), runner.runs()
        asking.ask()
        runner.person.deletes(deleted)

        assert asking.ask() == [Removed(source="strava", external_id=str(deleted.id))]
        assert asking.ask() == []
        assert str(kept.id) in (asking.cursor or "")

    def test_what_is_only_missing_from_the_list_is_asked_for_and_stays(self, asking: Asking, runner: Home) -> None:
        run = runner.runs()
        asking.ask()
        runner.peer.requests.clear()
        run.detail["start_date"] = (runner.clock.now() - timedelta(days=40)).isoformat()

        came = asking.ask()
        asking.ask()

        assert not any(isinstance(one, Removed) for one in came)
        assert paths(runner.peer).count(f"/activities/{run.id}") == 1

    def test_a_list_that_is_suddenly_empty_deletes_nothing(
        self, asking: Asking, runner: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for hours in (1, 25, 49):
            runner.runs(timedelta(hours=hours), seconds=60)
        asking.ask()
        monkeypatch.setattr(runner.peer, "_list", lambda *_: [])

        assert len(asking.ask()) == 3
        assert not any(isinstance(one, Removed) for one in asking.given)

    def test_a_run_that_goes_private_is_no_more_for_those_who_see_no_private_ones(self, newcomer: Home) -> None:
        newcomer.connect("read,activity:read")
        asking = Asking(newcomer, newcomer.source())
        run = newcomer.runs()
        asking.ask()
        newcomer.person.edits(run, private=True)

        assert asking.ask() == [Removed(source="strava", external_id=str(run.id))]

    def test_and_stays_for_those_who_do(self, asking: Asking, runner: Home) -> None:
        run = runner.runs()
        asking.ask()
        runner.person.edits(run, private=True)

        assert asking.ask() == []

    def test_a_fault_while_a_missing_run_is_asked_for_is_made_up_for(self, asking: Asking, runner: Home) -> None:
        run = runner.runs()
        asking.ask()
        runner.person.deletes(run)
        runner.peer.trouble(Trouble(status=503), at=f"/activities/{run.id}")
        with pytest.raises(Unavailable):
            asking.ask()

        assert asking.ask() == [Removed(source="strava", external_id=str(run.id))]

    def test_a_run_that_was_told_of_may_be_deleted_untold(self, asking: Asking, runner: Home) -> None:
        run = runner.runs()
        asking.source.tell([str(run.id)])
        asking.ask()
        runner.person.deletes(run)

        assert asking.ask() == [Removed(source="strava", external_id=str(run.id))]


class TestSamplesThatComeLate:
    @pytest.fixture
    def late(self, asking: Asking, runner: Home) -> Asking:
        self.run = runner.runs()
        self.run.streams_from = (runner.clock.now() + timedelta(minutes=12)).timestamp()
        asking.ask()
        runner.peer.requests.clear()
        return asking

    def looks(self, runner: Home) -> int:
        return paths(runner.peer).count(f"/activities/{self.run.id}/streams")

    def test_until_then_the_summary_has_to_do(self, late: Asking) -> None:
        (raw,) = late.given
        assert "streams" not in told(raw)

    def test_they_are_looked_for_after_about_five_fifteen_and_forty_five_minutes(
        self, late: Asking, runner: Home
    ) -> None:
        self.run.streams_from = None
        began = runner.clock.now()
        looked_after = []
        for minute in range(1, 181):
            runner.clock.forward(minutes=1)
            before = self.looks(runner)
            late.ask()
            if self.looks(runner) > before:
                looked_after.append(minute)
        assert looked_after == [5, 15, 45]
        assert runner.clock.now() - began == timedelta(hours=3)

    def test_the_source_says_when_to_ask_it_again(self, late: Asking, runner: Home) -> None:
        assert late.source.ready_at == runner.clock.now() + timedelta(minutes=5)
        runner.clock.forward(minutes=5)
        late.ask()
        assert late.source.ready_at == runner.clock.now() + timedelta(minutes=10)

    def test_once_they_are_there_the_run_comes_again_with_them(self, late: Asking, runner: Home) -> None:
        runner.clock.forward(minutes=15)

        (raw,) = late.ask()

        assert isinstance(raw, Raw)
        assert raw.external_id == str(self.run.id)
        assert len(told(raw)["streams"]["time"]) == 2701
        runner.clock.forward(hours=1)
        assert late.ask() == []
        assert late.source.ready_at is None

    def test_so_it_is_after_a_restart(self, late: Asking, runner: Home) -> None:
        late.restarts()
        runner.clock.forward(minutes=15)

        (raw,) = late.ask()

        assert "streams" in told(raw)

    def test_a_run_typed_in_by_hand_has_none_to_wait_for(self, asking: Asking, runner: Home) -> None:
        run = runner.runs(manual=True)
        run.streams = {}

        asking.ask()

        assert asking.source.ready_at is None


class TestToldByStrava:
    def test_only_what_it_tells_of_is_asked_for(self, runner: Home) -> None:
        runner.connect("read,activity:read_all")
        runner.peer.requests.clear()
        runner.runs(timedelta(hours=5))
        told_of = runner.runs()
        asking = Asking(runner, runner.source(webhook=True))
        asking.source.tell([str(told_of.id)])

        (raw,) = asking.ask()

        assert isinstance(raw, Raw)
        assert raw.external_id == str(told_of.id)
        assert paths(runner.peer) == [f"/activities/{told_of.id}", f"/activities/{told_of.id}/streams"]
        assert len(asking.ask()) == 1

    def test_a_run_it_told_of_is_known_when_it_is_listed(self, asking: Asking, runner: Home) -> None:
        asking.source.tell([str(runner.runs().id)])
        asking.ask()

        assert asking.ask() == []

    def test_what_it_says_was_deleted_is_asked_for_first(self, asking: Asking, runner: Home) -> None:
        run = runner.runs()
        asking.ask()
        asking.source.tell([str(run.id)])

        (raw,) = asking.ask()

        assert isinstance(raw, Raw)

    def test_what_is_not_there_and_never_was_here_is_no_news(self, asking: Asking) -> None:
        asking.source.tell(["404", "405"])

        assert asking.ask() == []

    def test_asking_is_the_net_under_it(self, runner: Home) -> None:
        assert runner.source(webhook=True).ask_every == timedelta(minutes=30)
        assert runner.source(webhook=False).ask_every == timedelta(minutes=10)


class TestTheRunnersOwnZones:
    def test_they_go_with_a_run_where_the_runner_lets_us_see_them(self, asking: Asking, runner: Home) -> None:
        runner.runs()

        (raw,) = asking.ask()

        assert told(raw)["runner"] == {"max_hr": 195.9, "threshold_hr": 180.5}

    def test_they_are_asked_for_once_a_day(self, asking: Asking, runner: Home) -> None:
        for _ in range(3):
            runner.runs(seconds=60)
            asking.ask()
            runner.clock.forward(hours=2)

        assert paths(runner.peer).count("/athlete/zones") == 1

    def test_where_the_box_was_not_ticked_they_are_not_asked_for(self, newcomer: Home) -> None:
        newcomer.connect("read,activity:read_all")
        newcomer.runs()

        (raw,) = Asking(newcomer, newcomer.source()).ask()

        assert "runner" not in told(raw)
        assert "/athlete/zones" not in paths(newcomer.peer)

    def test_where_nobody_said_what_was_ticked_they_are_tried(self, newcomer: Home) -> None:
        newcomer.connect("read,activity:read_all", tells=False)
        newcomer.runs()

        (raw,) = Asking(newcomer, newcomer.source()).ask()

        assert "runner" not in told(raw)
        assert paths(newcomer.peer).count("/athlete/zones") == 1


class TestTheBudget:
    def test_it_stops_at_four_fifths_and_goes_on_when_the_window_turns(self, asking: Asking, runner: Home) -> None:
        for number in range(60):
            runner.runs(timedelta(hours=1 + number), seconds=60)

        for _ in range(10):
            try:
                asking.ask()
                break
            except Throttled as exc:
                assert runner.peer.used()[0] <= 80
                runner.clock.forward(seconds=exc.retry_after.total_seconds())

        assert len({one.external_id for one in asking.given}) == 60
        assert not any(request.path.startswith("/oauth") for request in runner.peer.requests)

    def test_two_runners_share_it(self, runner: Home) -> None:
        neighbour = Home(
            peer=runner.peer,
            clock=runner.clock,
            database=runner.database,
            person=runner.peer.athlete(8),
            athlete="bob",
            sharers=("me", "bob"),
        )
        neighbour.connect()
        runner.sharers = ("me", "bob")
        for number in range(60):
            runner.runs(timedelta(hours=1 + number), seconds=60)
        neighbour.runs()

        with pytest.raises(Throttled):
            Asking(runner, runner.source()).ask()
        assert len(Asking(neighbour, neighbour.source()).ask()) == 1
        assert runner.peer.used()[0] <= 80

    def test_what_other_programs_ask_counts_as_well(self, asking: Asking, runner: Home) -> None:
        runner.peer.limits["X-ReadRateLimit"] = (4, 1000)
        for hours in (1, 2, 3):
            runner.runs(timedelta(hours=hours), seconds=60)

        with pytest.raises(Throttled, match="Strava allows 4 reads in 15 min"):
            asking.ask()
        assert runner.peer.used()[0] <= 4

    def test_refused_all_the_same_it_waits_for_the_window_to_turn(self, asking: Asking, runner: Home) -> None:
        runner.clock.forward(minutes=4)
        runner.peer.limits["X-ReadRateLimit"] = (0, 1000)

        with pytest.raises(Throttled) as caught:
            asking.ask()
        assert caught.value.retry_after == timedelta(minutes=11)

    def test_refused_for_the_day_it_waits_for_midnight(self, asking: Asking, runner: Home) -> None:
        runner.peer.limits["X-ReadRateLimit"] = (100, 0)

        with pytest.raises(Throttled) as caught:
            asking.ask()
        assert caught.value.retry_after == timedelta(hours=12)


class TestTrouble:
    def test_an_application_that_was_switched_off_is_explained(self, asking: Asking, runner: Home) -> None:
        runner.peer.active = False

        with pytest.raises(Refused, match=r"paid Strava subscription.*\[sources.folder\]"):
            asking.ask()

    def test_a_secret_that_is_wrong_is_the_settings_matter(self, runner: Home) -> None:
        runner.peer.client_secret = "another"
        runner.clock.forward(hours=7)

        application = runner.application() | {"client_secret": "the-old-one"}
        from integrations.strava.runs import source  # noqa: PLC0415 - with settings of its own

        with pytest.raises(Refused, match=r"client_id and client_secret in \[sources.strava\]"):
            list(source(**application, webhook=False).fetch(None))  # type: ignore[arg-type]

    def test_one_run_that_cannot_be_had_is_parked_with_its_reason(
        self, asking: Asking, runner: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tests.peers.strava import StravaError  # noqa: PLC0415 - raised by hand here

        odd, fine = runner.runs(), runner.runs(timedelta(hours=3))
        seen = runner.peer._seen

        def picky(person: object, token: object, number: str) -> object:
            if number == str(odd.id):
                raise StravaError(422, "Unprocessable Entity")
            return seen(person, token, number)  # type: ignore[arg-type]

        monkeypatch.setattr(runner.peer, "_seen", picky)

        parked, came = asking.ask()

        assert isinstance(parked, Raw)
        assert "422" in parked.withheld
        assert isinstance(came, Raw)
        assert came.external_id == str(fine.id)
        assert asking.ask() == []

    def test_nobody_connected_is_a_humans_matter(self, newcomer: Home) -> None:
        with pytest.raises(Refused, match="afterrun connect strava"):
            list(newcomer.source().fetch(None))
