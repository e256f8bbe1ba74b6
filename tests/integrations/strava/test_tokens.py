"""A runner's tokens: renewed in time, by one process at a time, and on the disk before they are used."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine

from service.persistence.vault import SqlVault
from service.ports import Refused, Secret, Unavailable
from tests.integrations.strava_home import Home
from tests.peers.http import Trouble, Way
from tests.peers.strava import StravaPeer

HOURS_6 = timedelta(hours=6)


def works(runner: Home) -> bool:
    """Return whether a fresh process gets on with the tokens that are on the disk."""
    try:
        list(runner.source().fetch(None))
    except Refused:
        return False
    return True


def refreshes(peer: StravaPeer) -> int:
    return sum(request.form.get("grant_type") == "refresh_token" for request in peer.requests)


@pytest.mark.parametrize(("left", "renewed"), [(timedelta(minutes=6), 0), (timedelta(minutes=4), 1)])
def test_with_less_than_five_minutes_left_they_are_renewed(runner: Home, left: timedelta, renewed: int) -> None:
    runner.clock.moment += HOURS_6 - left

    list(runner.source().fetch(None))

    assert refreshes(runner.peer) == renewed


def test_for_years_they_are_renewed_again_and_again(runner: Home) -> None:
    for _ in range(20):
        runner.clock.moment += HOURS_6
        assert works(runner)


def test_a_token_used_up_before_its_time_is_renewed_once(runner: Home) -> None:
    runner.peer.expire(7)

    assert works(runner)
    assert refreshes(runner.peer) == 1


@pytest.mark.parametrize("hours", [-30, -6, 6, 30])
def test_a_clock_that_is_wrong_costs_a_renewal_and_no_more(runner: Home, hours: int) -> None:
    strava = runner.clock.now().timestamp()
    runner.peer.now = lambda: strava + HOURS_6.total_seconds()
    runner.clock.forward(hours=hours)

    assert works(runner)


def test_a_runner_who_takes_their_consent_back_is_asked_to_connect(runner: Home) -> None:
    runner.person.takes_back()

    with pytest.raises(Refused, match=r"no longer lets Afterrun in: run `afterrun connect strava`"):
        list(runner.source().fetch(None))


def test_two_processes_do_not_use_up_one_token(runner: Home) -> None:
    runner.clock.moment += HOURS_6
    threads = [Thread(target=lambda: list(runner.source().fetch(None))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refreshes(runner.peer) == 1
    assert works(runner)


def test_while_a_platform_is_away_nothing_is_lost(runner: Home) -> None:
    runner.clock.moment += HOURS_6
    runner.peer.trouble(Trouble(status=503))
    with pytest.raises(Unavailable):
        list(runner.source().fetch(None))

    assert works(runner)


@pytest.mark.parametrize("patient", [True, False])
def test_strava_may_hand_out_the_same_tokens_again(runner: Home, *, patient: bool) -> None:
    runner.peer.always_rotates = patient
    assert runner.source().still_welcome()
    assert runner.source().still_welcome()
    assert works(runner)


class KilledError(BaseException):
    """The process dies here."""


class TestKilled:
    """At every step of a renewal: what is on the disk works afterwards."""

    @contextmanager
    def dying(self, monkeypatch: pytest.MonkeyPatch, where: str, *, before: bool) -> Iterator[None]:
        """Die before or after a method does its work."""
        owner, name = {
            "asking for the lease": (SqlVault, "_taken"),
            "writing": (SqlVault, "write"),
            "asking Strava": (_api(), "refresh"),
            "using the token": (_api(), "get"),
        }[where]
        work = getattr(owner, name)

        def dies(*args: Any, **kwargs: Any) -> object:  # noqa: ANN401 - whatever the method takes
            if before:
                raise KilledError
            work(*args, **kwargs)
            raise KilledError

        with monkeypatch.context() as danger:
            danger.setattr(owner, name, dies)
            yield

    STEPS = ("asking for the lease", "asking Strava", "writing", "using the token")

    @pytest.mark.parametrize("where", STEPS)
    @pytest.mark.parametrize("before", [True, False])
    def test_where_old_tokens_die_once_the_new_ones_are_used(
        self, runner: Home, monkeypatch: pytest.MonkeyPatch, where: str, *, before: bool
    ) -> None:
        runner.peer.lenient = True
        self.renewal_is_killed(runner, monkeypatch, where, before=before)

        assert works(runner)
        assert works(runner)

    @pytest.mark.parametrize(
        ("where", "before"),
        [(where, before) for where in STEPS for before in (True, False)],
    )
    def test_where_old_tokens_die_at_once(
        self, runner: Home, monkeypatch: pytest.MonkeyPatch, where: str, *, before: bool
    ) -> None:
        """Only what Strava has said and the disk has not heard cannot be known: then the runner is asked."""
        self.renewal_is_killed(runner, monkeypatch, where, before=before)

        lost = (where, before) in {("asking Strava", False), ("writing", True)}
        assert works(runner) is not lost
        if lost:
            with pytest.raises(Refused, match="afterrun connect strava"):
                list(runner.source().fetch(None))
            runner.connect()
            assert works(runner)

    def renewal_is_killed(self, runner: Home, monkeypatch: pytest.MonkeyPatch, where: str, *, before: bool) -> None:
        runner.clock.moment += HOURS_6
        with self.dying(monkeypatch, where, before=before), pytest.raises(KilledError):
            list(runner.source().fetch(None))
        runner.clock.forward(minutes=2)  # its lease runs out

    def test_the_new_tokens_are_on_the_disk_before_they_are_used(
        self, runner: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order: list[str] = []
        write, get = SqlVault.write, _api().get

        def writes(vault: SqlVault, secret: Secret) -> None:
            write(vault, secret)
            order.append("written")

        def gets(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
            order.append("used")
            return get(*args, **kwargs)

        runner.clock.moment += HOURS_6
        monkeypatch.setattr(SqlVault, "write", writes)
        monkeypatch.setattr(_api(), "get", gets)
        list(runner.source().fetch(None))

        assert order == ["written", "used"]


@pytest.mark.parametrize("way", [Way.CUT, Way.HALF, Way.SILENCE])
def test_an_answer_that_is_lost_on_the_way_is_told_of_in_one_line(
    runner: Home, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    monkeypatch.setattr("integrations._http.SILENCE_S", 0.3)
    monkeypatch.setattr("integrations._http.WHOLE_S", 0.6)
    runner.clock.moment += HOURS_6
    runner.peer.trouble(Trouble(way=way, takes=True))
    with pytest.raises(Unavailable):
        list(runner.source().fetch(None))

    with pytest.raises(Refused, match="afterrun connect strava"):
        list(runner.source().fetch(None))


def test_on_the_disk_no_token_stands_in_plain_sight(runner: Home) -> None:
    engine: Engine = runner.database.engine
    with engine.connect() as connection:
        (sealed,) = connection.exec_driver_sql("SELECT sealed FROM credentials").scalars().all()
    for token in [*runner.peer.access, *runner.peer.refresh]:
        assert token.encode() not in sealed


def _api() -> Any:  # noqa: ANN401 - a class of stravalib's side
    from integrations.strava._api import Api  # noqa: PLC0415 - stravalib is imported late

    return Api
