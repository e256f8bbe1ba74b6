"""Tokens are sealed at rest, and of two processes that would renew one at the same moment, one waits."""

import pytest
from sqlalchemy import Engine, text

from service.persistence.engine import SqlDatabase
from service.persistence.vault import LEASE, SqlVault, cipher, new_key
from service.ports import Refused, Unavailable
from tests.fakes import Clock

TOKENS = {"access": "nobody-may-see", "expires": 1_800_000_000}
KEY = new_key()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database: SqlDatabase) -> Engine:
    return database.engine


def vault(engine: Engine, clock: Clock, *, athlete: str = "me", keys: str = KEY) -> SqlVault:
    """Return a vault as another process would open it; whoever waits lets time pass."""
    return SqlVault(
        engine, cipher(keys), athlete, "sources.strava", clock=clock, wait=lambda span: clock.forward(seconds=span)
    )


def test_what_is_written_is_read_back_by_another_process(engine: Engine, clock: Clock) -> None:
    assert vault(engine, clock).read() is None

    vault(engine, clock).write({"access": "older"})
    vault(engine, clock).write(TOKENS)

    assert vault(engine, clock).read() == TOKENS


def test_each_athlete_has_their_own(engine: Engine, clock: Clock) -> None:
    vault(engine, clock).write(TOKENS)

    assert vault(engine, clock, athlete="anna").read() is None


def test_what_is_forgotten_is_gone(engine: Engine, clock: Clock) -> None:
    vault(engine, clock).write(TOKENS)
    vault(engine, clock).forget()

    assert vault(engine, clock).read() is None


def test_the_database_holds_no_token_in_plain_sight(engine: Engine, clock: Clock) -> None:
    vault(engine, clock).write(TOKENS)

    with engine.connect() as connection:
        (sealed,) = connection.execute(text("SELECT sealed FROM credentials")).scalars()
    assert b"nobody" not in sealed


def test_a_new_key_reads_what_the_old_one_sealed(engine: Engine, clock: Clock) -> None:
    vault(engine, clock).write(TOKENS)

    assert vault(engine, clock, keys=f"{new_key()}\n{KEY}").read() == TOKENS


def test_a_lost_key_is_said_in_one_line_and_overwrites_nothing(engine: Engine, clock: Clock) -> None:
    vault(engine, clock).write(TOKENS)

    with pytest.raises(Refused, match="afterrun connect strava"):
        vault(engine, clock, keys=new_key()).read()
    assert vault(engine, clock).read() == TOKENS


def test_while_one_renews_another_waits_and_then_gives_up(engine: Engine, clock: Clock) -> None:
    first = vault(engine, clock)
    with first.alone(), pytest.raises(Unavailable, match="another Afterrun"), vault(engine, clock).alone():
        pytest.fail("two at once")
    with vault(engine, clock).alone():
        pass


def test_whoever_waited_goes_on_once_the_other_is_done(engine: Engine, clock: Clock) -> None:
    first = vault(engine, clock)
    holding = first.alone()
    holding.__enter__()

    def until_done(_span: float) -> None:
        holding.__exit__(None, None, None)

    second = SqlVault(engine, cipher(KEY), "me", "sources.strava", clock=clock, wait=until_done)
    with second.alone():
        second.write(TOKENS)
    assert first.read() == TOKENS


def test_after_a_crash_the_lease_runs_out(engine: Engine, clock: Clock) -> None:
    vault(engine, clock).alone().__enter__()
    clock.forward(seconds=LEASE.total_seconds())

    with vault(engine, clock).alone():
        pass


def test_a_process_that_comes_back_late_overwrites_nothing(engine: Engine, clock: Clock) -> None:
    late = vault(engine, clock)
    with late.alone():
        clock.forward(seconds=LEASE.total_seconds())
        with vault(engine, clock).alone():
            vault(engine, clock).write(TOKENS)
            with pytest.raises(Unavailable, match="meanwhile"):
                late.write({"access": "stale"})

    assert vault(engine, clock).read() == TOKENS
