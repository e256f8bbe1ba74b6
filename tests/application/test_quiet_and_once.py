"""Whatever a runner and their channels do: nothing in quiet hours, nothing twice, one list a date."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.application.feedback import NoSuchSessionError
from service.application.outbox import LEASE
from service.domain.message import Message
from service.domain.putting_off import Later
from service.domain.quiet import is_quiet
from service.domain.sessions import SettledError
from service.persistence.archive import FileArchive
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from service.ports import Refused, Unavailable
from tests.application.conftest import House, furnished
from tests.fakes import run

ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")]
# Two days before the clocks change in Berlin, so that most courses see it.
BEGINS = datetime(2026, 10, 23, 12, tzinfo=UTC)
TITLES = ["easy", "tempo", "intervals", "long run"]


class Life:
    """One runner's days, and everything they heard, with when."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.heard: list[tuple[datetime, Message]] = []
        self.runs = 0
        take = house.phone.send

        def send(message: Message, earlier: str | None = None) -> str:
            receipt = take(message, earlier)
            if earlier is None:
                self.heard.append((house.clock.moment, message))
            return receipt

        house.phone.send = send  # type: ignore[method-assign]

    def passes(self, minutes: int) -> None:
        """Let time pass, in steps of which each has everything done that is due."""
        for _ in range(max(1, minutes // 120)):
            self.house.clock.moment += timedelta(minutes=min(minutes, 120))
            self.house.feedback.pending()
            self.house.coach.let_cool()
            self.house.digest.make_due()
            self.house.outbox.deliver_due()

    def comes_home(self, kind: int, ago: int) -> None:
        self.runs += 1
        ended = self.house.clock.moment - timedelta(minutes=ago)
        started = ended - timedelta(minutes=50 + self.runs)
        self.house.arrives(run(name=f"{self.runs}.fit", started_at=started, elapsed_s=3000, title=TITLES[kind]))
        self.house.outbox.deliver_due()

    def answers(self, how: Callable[[int], object]) -> None:
        with suppress(NoSuchSessionError, SettledError):
            how(self.house.feedback.newest().id)

    def fails(self, times: int, *, refused: bool) -> None:
        fault = Refused("make a new token") if refused else Unavailable("no route")
        self.house.phone.faults = [fault] * times


DEEDS = st.one_of(
    st.builds(lambda minutes: lambda life: life.passes(minutes), st.integers(5, 1500)),
    st.builds(lambda kind, ago: lambda life: life.comes_home(kind, ago), st.integers(0, 3), st.integers(0, 800)),
    st.just(lambda life: life.answers(life.house.feedback.done)),
    st.just(lambda life: life.answers(life.house.feedback.skip)),
    st.sampled_from([*Later, time(23, 30), time(6, 0)]).map(
        lambda until: lambda life: life.answers(lambda number: life.house.feedback.put_off(number, until))
    ),
    st.builds(lambda times, refused: lambda life: life.fails(times, refused=refused), st.integers(0, 9), st.booleans()),
)


@contextmanager
def a_life(zone: ZoneInfo, digest_at: time, quiet: tuple[time, time]) -> Iterator[Life]:
    with TemporaryDirectory() as place:
        engine = make_engine(f"sqlite:///{place}/afterrun.db")
        upgrade(engine)
        house = furnished(SqlDatabase(engine), FileArchive(Path(place) / "data"))
        me = replace(house.athletes["me"], timezone=zone, digest_at=digest_at, quiet=quiet)
        house.athletes["me"] = me
        house.clock.moment = BEGINS
        yield Life(house)
        house.database.close()


@settings(max_examples=20)
@given(
    zone=st.sampled_from(ZONES),
    digest_at=st.sampled_from([time(7), time(5, 30), time(21)]),
    quiet=st.sampled_from([(time(22), time(6, 30)), (time(1), time(3)), (time(13), time(15))]),
    deeds=st.lists(DEEDS, min_size=4, max_size=20),
)
def test_quiet_hours_hold_and_nothing_is_said_twice(
    zone: ZoneInfo, digest_at: time, quiet: tuple[time, time], deeds: list[Callable[[Life], None]]
) -> None:
    with a_life(zone, digest_at, quiet) as life:
        for deed in deeds:
            deed(life)
        life.house.phone.faults = []
        life.house.clock.moment += LEASE
        life.passes(1500)

        me = life.house.athletes["me"]
        assert not [(at.astimezone(zone), one.title) for at, one in life.heard if is_quiet(at, me)]
        assert max(Counter(one.key for _, one in life.heard).values(), default=1) == 1
        lists = Counter(at.astimezone(zone).date() for at, one in life.heard if "digest" in one.tags)
        assert max(lists.values(), default=1) == 1
