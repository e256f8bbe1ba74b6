"""A key that is lost, damaged or open to others is said in one line, and nothing is overwritten."""

import pytest

from service.persistence.vault import SqlVault, cipher, new_key
from service.ports import Refused
from tests.application.conftest import House, house
from tests.faults.conftest import Fault, Tally

__all__ = ["house"]


def test_a_lost_key_is_said_in_one_line_and_overwrites_nothing(house: House, tally: Tally) -> None:
    sealed = SqlVault(house.database.engine, cipher(new_key()), "me", "sources.strava", clock=house.clock)
    sealed.write({"token": "t"})
    lost = SqlVault(house.database.engine, cipher(new_key()), "me", "sources.strava", clock=house.clock)

    with pytest.raises(Refused, match="afterrun connect strava"):
        lost.read()
    assert sealed.read() == {"token": "t"}
    tally.add(Fault.KEY_LOST)
