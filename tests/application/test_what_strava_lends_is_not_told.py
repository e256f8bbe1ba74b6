"""Whatever happens to a run from Strava: no message holds its title, its place, or a figure of it.

Strava lets nobody pass on what its API gave (its API policy, 5.10). Messages travel through other people's servers.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.application.body import NoSuchRunError
from service.domain.athlete import Listing
from service.domain.body import Felt
from service.domain.feelings import RunFelt
from service.domain.message import Message
from service.domain.movements import Site
from service.domain.putting_off import Later
from service.persistence.archive import FileArchive
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from tests.application.conftest import House, easy_run, furnished
from tests.fakes import even_streams, run

BEGINS = datetime(2026, 6, 15, 9, tzinfo=UTC)
MARK = "Wilhelmine"
TITLES = ["", "easy", "tempo", "10 x 400 m intervals", "long run", "race"]
# A distance, a speed, a pace, a heart rate, a share, a time of hours or of minutes and seconds, and what a run was like
# beside others. Doses of movements hold seconds, minutes and repetitions; hours of the clock are the session's own.
FIGURES = re.compile(
    r"\d\s?(km|mi|m|ft|bpm|beats)\b(?! ball)|/(km|mi)\b|m/s|\d\s?%|[×x]\s?your|your (usual|threshold)|\d:\d\d:\d\d|"
    r"in \d+:\d\d|heart rate (peaked|of|was)|hours? (ahead|behind)|\bsure\b \d",
    re.IGNORECASE,
)


def texts(message: Message) -> Iterator[str]:
    """Yield all that a channel can show of a message."""
    yield from (message.title, message.body, message.why, *message.details, *message.tags)
    if message.routine is not None:
        yield from (message.routine.title, *message.routine.reasons)
        yield from (text for step in message.routine.steps for text in (step.dose, step.cue, step.reason))


def leaks(message: Message) -> list[str]:
    return [text for text in texts(message) if MARK in text or FIGURES.search(text)]


def comes_home(house: House, number: int, kind: int, minutes: int, speed: float, ago: int, offset: int) -> None:
    ended = house.clock.moment - timedelta(minutes=ago)
    seconds = 60 * minutes
    house.arrives(
        run(
            name=f"{number}.json",
            started_at=ended - timedelta(seconds=seconds),
            elapsed_s=seconds,
            distance_m=speed * seconds,
            streams=even_streams(seconds, speed, heart_rate=120 + minutes),
            title=f"{TITLES[kind]} {MARK}",
            utc_offset=timedelta(hours=offset),
            expires_at=house.clock.moment + timedelta(days=7),
        )
    )


def answers(house: House, how: Callable[[int], object]) -> None:
    pending = house.feedback.pending("me")
    if pending:
        how(pending[-1].id)


def says_how_it_felt(house: House) -> None:
    with suppress(NoSuchRunError):
        house.body.run_felt("me", RunFelt.HEAVY)


def passes(house: House, hours: int) -> None:
    for _ in range(0, hours, 5):
        house.clock.forward(hours=5)
        house.feedback.pending()
        house.coach.let_cool()
        house.digest.make_due()
        house.outbox.deliver_due()


RUNS = st.builds(
    lambda *how: lambda house, number: comes_home(house, number, *how),
    st.integers(0, 5),
    st.integers(12, 150),
    st.floats(2.0, 4.5),
    st.sampled_from([2, 40, 300, 600]),
    st.sampled_from([1, 1, -7, 10]),
)
DEEDS = st.one_of(
    RUNS,
    RUNS,
    st.integers(1, 26).map(lambda hours: lambda house, _: passes(house, hours)),
    st.just(lambda house, _: answers(house, house.feedback.done)),
    st.just(lambda house, _: answers(house, house.feedback.skip)),
    st.sampled_from([*Later]).map(
        lambda later: lambda house, _: answers(house, lambda number: house.feedback.put_off(number, later))
    ),
    st.just(lambda house, _: says_how_it_felt(house)),
    st.just(lambda house, _: house.body.tell("me", Felt.SORE, [Site("knee")])),
)


@settings(max_examples=10)
@given(deeds=st.lists(DEEDS, min_size=3, max_size=9))
def test_no_message_holds_a_figure_of_the_run(deeds: list[Callable[[House, int], None]]) -> None:
    with TemporaryDirectory() as place:
        engine = make_engine(f"sqlite:///{place}/afterrun.db")
        upgrade(engine)
        house = furnished(SqlDatabase(engine), FileArchive(Path(place) / "data"))
        house.athletes["me"] = replace(
            house.athletes["me"], timezone=ZoneInfo("Europe/Berlin"), digest_when=Listing.ALWAYS
        )
        house.clock.moment = BEGINS
        for number, deed in enumerate(deeds):
            deed(house, number)
            house.outbox.deliver_due()
        passes(house, 26)
        said = [*house.phone.received, *house.agenda.received]
        said += [message for box in (house.phone, house.agenda) for message, _ in box.put_right]
        house.database.close()

    assert said
    assert [leak for message in said for leak in leaks(message)] == []


def test_the_test_would_notice(house: House) -> None:
    house.arrives(easy_run())
    passes(house, 24)

    assert [message.title for message in house.phone.received if leaks(message)] == ["Good morning: 5 min to catch up"]
