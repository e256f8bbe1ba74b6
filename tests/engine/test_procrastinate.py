"""The engine of many workers keeps the contract, and what a dead worker had begun is begun again by another."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest

from service.engine.procrastinate import GONE_S, SCHEMA, Worker, _cron, make_ready
from service.persistence.engine import conninfo
from tests.engine.engine_contract import PATIENCE_S, EngineContract, Flag, running
from tests.peers.postgresql import Server


@pytest.fixture
def address(postgresql: Server) -> Iterator[str]:
    with postgresql.empty() as url:
        yield conninfo(url)


class TestProcrastinate(EngineContract):
    every = timedelta(seconds=1)

    @pytest.fixture
    def engine(self, address: str) -> Callable[..., Worker]:
        return lambda *duties: Worker(duties, address)

    def test_any_number_of_workers_share_the_duties(self, engine: Callable[..., Worker]) -> None:
        begun: list[str] = []
        done = Flag()

        def do(who: str) -> None:
            begun.append(who)
            done()

        names = [(str(number),) for number in range(50)]
        due = iter([names])
        duty = self.duty(do, lambda: next(due, []))
        with running(engine(duty)), running(engine(duty)):
            assert done.happened(times=50)

        assert sorted(begun) == sorted(who for (who,) in names)

    def test_pages_wake_a_duty_without_being_a_worker(self, engine: Callable[..., Worker]) -> None:
        done = Flag()
        duty = self.duty(done, list)
        pages = engine(duty)
        with running(engine(duty)):
            pages.wake("one", "anna")
            assert done.happened()
        assert pages.stop(timedelta(seconds=PATIENCE_S))

    def test_a_wish_made_again_and_again_waits_in_the_queue_once(
        self, engine: Callable[..., Worker], address: str
    ) -> None:
        make_ready(address)
        pages = engine(self.duty(print, list))
        for _ in range(3):
            pages.wake("one", "anna")
        pages.stop(timedelta(seconds=PATIENCE_S))

        assert jobs(address) == [("one", "todo")]

    @pytest.mark.parametrize("asked_for_again", [False, True])
    def test_what_a_dead_worker_had_begun_is_begun_again(
        self, engine: Callable[..., Worker], address: str, *, asked_for_again: bool
    ) -> None:
        make_ready(address)
        done = Flag()
        with psycopg.connect(address) as connection:
            connection.execute(f"SET search_path = {SCHEMA}")
            connection.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))",
                [2 * GONE_S],
            )
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
                " SELECT 'default', 'one', 'one/anna', 'one/anna', '{\"ids\": [\"anna\"]}', 'doing', id"
                " FROM procrastinate_workers"
            )

        if asked_for_again:
            pages = engine(self.duty(done, list))
            pages.wake("one", "anna")
            pages.stop(timedelta(seconds=PATIENCE_S))

        with running(engine(self.duty(done, list))):
            assert done.happened()

    def test_it_comes_back_when_its_database_was_away(self, engine: Callable[..., Worker], address: str) -> None:
        done = Flag()
        with running(engine(self.duty(done))):
            assert done.happened()
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            assert done.happened(times=3)


def test_a_queue_of_another_release_is_made_anew(address: str) -> None:
    make_ready(address)
    make_ready(address)
    with psycopg.connect(address) as connection:
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS 'procrastinate 1.0'")
        connection.execute(f"DROP TABLE {SCHEMA}.procrastinate_events")

    make_ready(address)

    assert jobs(address) == []


def test_of_several_workers_that_start_at_once_one_makes_the_queue(address: str) -> None:
    starting = [threading.Thread(target=make_ready, args=(address,)) for _ in range(4)]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()

    assert jobs(address) == []


def jobs(address: str) -> list[tuple[str, str]]:
    with psycopg.connect(address) as connection:
        connection.execute(f"SET search_path = {SCHEMA}")
        return connection.execute("SELECT task_name, status::text FROM procrastinate_jobs").fetchall()


@pytest.mark.parametrize(
    ("every", "cron"),
    [
        (timedelta(seconds=5), "* * * * * */5"),
        (timedelta(minutes=1), "*/1 * * * *"),
        (timedelta(minutes=30), "*/30 * * * *"),
        (timedelta(hours=6), "0 */6 * * *"),
    ],
)
def test_a_span_is_written_as_procrastinate_reads_it(every: timedelta, cron: str) -> None:
    assert _cron(every) == cron
