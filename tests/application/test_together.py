"""What several threads bring while one waits for the disk is written with one wait more."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from service.application.together import Together

MANY = 50
PATIENCE_S = 60


class Disk:
    """A disk that takes its time: the first write lasts until it is let go on."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.go_on = Event(), Event()
        self.fault = fault

    def write(self, group: Sequence[int]) -> None:
        self.groups.append(list(group))
        self.begun.set()
        assert self.go_on.wait(PATIENCE_S)
        if self.fault and len(self.groups) > 1:
            raise self.fault


def bring_many(disk: Disk) -> list[object]:
    """Bring one, and many more while that is being written; return what became of these."""
    together = Together(disk.write)
    with ThreadPoolExecutor(MANY) as threads:
        first = threads.submit(together.add, 0)
        assert disk.begun.wait(PATIENCE_S)
        others = [threads.submit(together.add, number) for number in range(1, MANY)]
        while len(together._waiting) < MANY - 1:
            assert not first.done()
        disk.go_on.set()
        first.result(PATIENCE_S)
        return [other.exception(PATIENCE_S) for other in others]


def test_who_comes_meanwhile_is_written_at_once_and_everybody_once() -> None:
    disk = Disk()

    assert bring_many(disk) == [None] * (MANY - 1)

    assert disk.groups[0] == [0]
    assert sorted(disk.groups[1]) == list(range(1, MANY))
    assert len(disk.groups) == 2


def test_what_keeps_a_group_from_being_written_all_of_it_hear_of() -> None:
    fault = OSError("full")

    assert bring_many(Disk(fault)) == [fault] * (MANY - 1)


def test_after_a_fault_the_next_is_written() -> None:
    written: list[int] = []

    def write(group: Sequence[int]) -> None:
        if 1 in group:
            raise OSError("full")
        written.extend(group)

    together = Together(write)
    with pytest.raises(OSError, match="full"):
        together.add(1)
    together.add(2)

    assert written == [2]
