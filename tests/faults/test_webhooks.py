"""Whatever becomes of what Strava tells, and whoever else tells it: in the end what Strava has is what is here."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from service.web.app import make_app
from tests.faults.conftest import Fault, Tally
from tests.faults.homes import AtStrava
from tests.peers.strava import Document, StravaPeer, a_run

NUMBER = 77
NAMES = ("Morning Run", "8 x 400 m", "Tempo with Wilhelmine", "Long slow one")


class Household(AtStrava):
    """A runner at Strava, which tells of each run; what it tells is handed on, or not, by the test."""

    def __init__(self, folder: Path, peer: StravaPeer) -> None:
        super().__init__(folder, peer)
        self.table += "webhook = true\n"
        self.door = ""

    def open_the_door(self) -> None:
        self.connect()
        account = f"webhook {self.peer.client_id}"
        self.app._vault(account, "sources.strava").write({"subscription": NUMBER})
        self.peer.subscription, self.peer.deliver = {"id": NUMBER, "callback_url": ""}, False
        address, _ = self.app.callback("strava")
        self.door = "/webhooks/" + address.partition("/webhooks/")[2]
        self.outside = TestClient(make_app(self.app.site, seconds=lambda: 0.0), raise_server_exceptions=True)

    def told(self, event: Document, *, door: str = "", **headers: str) -> int:  # type: ignore[override] # by Strava
        """Return what Afterrun answers to an event."""
        signed = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.outside.post(door or self.door, content=json.dumps(event), headers=signed).status_code

    def look(self) -> None:
        """Do what a worker does once it was told something."""
        for named in self.app.hearing.due():
            self.app.hearing.act(*named)
        self.app.coach.coach()
        self.app.deliver()

    def titles(self) -> dict[str, str]:
        """Return the titles of the runs that are here, by Strava's numbers."""
        found = "SELECT external_id, title FROM activities WHERE source = 'strava'"
        with self.app.database.engine.connect() as connection:
            return {str(row.external_id): str(row.title) for row in connection.execute(text(found))}


@pytest.fixture
def household(tmp_path: Path) -> Iterator[Household]:
    with StravaPeer() as peer:
        household = Household(tmp_path, peer)
        household.open_the_door()
        yield household
        household.app.close()


def something_happens(household: Household, dice: random.Random) -> None:
    """Have the runner upload a run, or edit or delete one."""
    person = household.peer.athlete(7)
    runs = list(person.activities.values())
    what = dice.choice(["upload", "upload", "edit", "delete"]) if len(runs) > 1 else "upload"
    if what == "upload":
        household.upload()
    elif what == "edit":
        person.edits(dice.choice(runs), name=dice.choice(NAMES))
    else:
        person.deletes(dice.choice(runs))


def handed_on(events: list[Document], late: list[Document], dice: random.Random) -> Iterator[Document]:
    """Yield what arrives now of what was told: some is lost, some doubled, some comes later, in any order."""
    arriving = late + events
    late.clear()
    dice.shuffle(arriving)
    for event in arriving:
        fate = dice.choice(["lost", "late", "doubled", "doubled", "in order"])
        if fate == "late":
            late.append(event)
        elif fate != "lost":
            yield from [event] * (2 if fate == "doubled" else 1)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.faults) for seed in range(2, 9))])
def test_doubled_late_lost_or_out_of_order_the_end_is_the_same(household: Household, seed: int, tally: Tally) -> None:
    dice = random.Random(seed)
    late: list[Document] = []
    seen = 0
    for _ in range(20):
        something_happens(household, dice)
        fresh, seen = household.peer.told[seen:], len(household.peer.told)
        for event in handed_on(fresh, late, dice):
            assert household.told(event) == 200
            if dice.random() < 0.5:
                household.look()
        tally.add(Fault.WEBHOOK, len(fresh))
        household.look()
        household.forward(hours=6)
    for event in late:
        household.told(event)
    household.look()
    household.forward(hours=1)
    assert household.round() == ""

    there = {str(run.id): run.detail["name"] for run in household.peer.athlete(7).activities.values()}
    assert household.titles() == there
    assert household.counted("activities") == len(there)
    keys = Counter(message.key for message in household.phone.received)
    assert max(keys.values()) == 1


def event(number: int, **more: object) -> Document:
    told = {"object_type": "activity", "object_id": number, "aspect_type": "create", "updates": {}, "owner_id": 7}
    return {**told, "subscription_id": NUMBER, "event_time": 1_781_500_000, **more}


def test_forged_and_replayed_ones_cost_a_look_at_most_and_change_nothing(household: Household, tally: Tally) -> None:
    run = household.peer.athlete(7).runs(a_run(household.clock.now()))
    household.forward(hours=2)
    genuine = household.peer.told[-1]
    assert household.told(genuine) == 200
    household.look()
    before, told = household.titles(), len(household.phone.received)
    asked = len(household.peer.requests)

    unproven = [
        (household.told(event(run.id, aspect_type="delete", subscription_id=NUMBER + 1)), 403),
        (household.told(event(run.id, aspect_type="delete", subscription_id=None)), 403),
        (household.told(event(run.id, aspect_type="explode")), 403),
        (household.told(event(run.id, aspect_type="delete"), X_Strava_Signature="t=1,v1=" + "0" * 64), 403),
        (household.told(event(run.id, aspect_type="delete"), door="/webhooks/strava/guessed"), 404),
        (household.told(event(run.id, aspect_type="delete"), door=household.door.replace("strava", "garmin")), 404),
        (household.told(event(run.id, aspect_type="delete", owner_id=8)), 200),
    ]
    household.look()
    assert [answer for answer, _ in unproven] == [expected for _, expected in unproven]
    assert len(household.peer.requests) == asked, "nobody is asked for what nobody believes"

    household.forward(hours=1)
    believed = [
        event(run.id, aspect_type="delete"),
        event(run.id, aspect_type="update", updates={"title": "Forged"}),
        event(run.id + 1),
        event(7, object_type="athlete", aspect_type="update", updates={"authorized": "false"}),
        *[genuine] * 5,
    ]
    for one in believed:
        assert household.told(one) == 200
        household.look()
    tally.add(Fault.FORGED, len(unproven) + len(believed))
    assert household.titles() == before
    assert len(household.phone.received) == told
    assert not household.needs_you()
