"""PostgreSQL dies and comes back, again and again: a worker of either engine goes on, and each run is told of once."""

import random
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.faults.conftest import Fault, Tally
from tests.faults.test_killed_workers import Machine
from tests.peers import postgresql
from tests.peers.ntfy import NtfyPeer

pytestmark = pytest.mark.faults

DEATHS = 6


@pytest.fixture(params=["local", "procrastinate"])
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Machine, object]]:
    with postgresql.mortal() as found, NtfyPeer() as phone:
        if found is None:
            pytest.skip(f"LEFT OUT: nothing was tested on PostgreSQL ({postgresql.HOW_TO_GET_ONE})")
        server, die = found
        with server.ready() as url:
            machine = Machine(tmp_path, phone, f'database = "{url}"\nengine = "{request.param}"')
            yield machine, die
            machine.app.close()


def test_its_deaths_cost_nothing_but_time(mortal: tuple[Machine, object], tally: Tally) -> None:
    machine, die = mortal
    dice, ended = random.Random(7), Event()

    def again_and_again() -> None:
        # A worker that finds no database at its start says so and ends.
        while not (machine.app.health.look().ready or ended.is_set()):
            ended.wait(0.05)
        for _ in range(DEATHS):
            if ended.wait(dice.uniform(0.2, 2.0)):
                return
            die()  # type: ignore[operator] # see the fixture
            tally.add(Fault.SERVER_GONE)

    killing = Thread(target=again_and_again)
    killing.start()
    try:
        assert machine.lives() > 0, "it was never started anew"
    finally:
        ended.set()
        killing.join()
    tally.add(Fault.SERVER_GONE, 0, doubled=len(machine.phone.messages) - 1)
    machine.check()
