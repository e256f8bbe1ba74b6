"""Any number of workers on any number of machines, who share one PostgreSQL: duties as procrastinate's jobs.

    every so often: look -> due() -> a job for each -> whichever worker is free does it

A job carries ids and nothing else; what it works on, and how far it got, is in our own tables, under our own leases and
turns. So a job that is lost costs a look, and one done twice costs nothing. The queue has a schema of its own beside
our tables: when procrastinate changes it, it is made anew, and the next look fills it again.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Job, Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from psycopg.sql import SQL, Identifier, Literal

from service.engine import local
from service.engine.duties import Duty, Ids
from service.engine.troubles import Troubles

log = logging.getLogger(__name__)

SCHEMA = "afterrun_jobs"
# Jobs a worker has under way at once: mostly they wait for the outside.
HANDS = 16
# A worker whose heart has been still for so long is gone, and what it had begun is begun again.
GONE_S = 30.0
HEARTBEAT_S = 5.0
SEE_WHO_IS_GONE = timedelta(seconds=10)
TRY_AGAIN_S = 2.0
CONNECT_S = 10.0
URGENT, PATIENT = 10, 0
# A worker that was away asks at once for whatever it missed, up to a day.
MISSED_S = 86_400


class Worker:
    """One of the workers, until it is stopped. What is each process's own affair it does on threads of its own."""

    def __init__(self, duties: Sequence[Duty], conninfo: str, now: Callable[[], float] = time.monotonic) -> None:
        self._conninfo = conninfo
        self._now = now
        self._here = local.Worker([duty for duty in duties if duty.everywhere], now)
        self._queue = Queue(conninfo, [duty for duty in duties if not duty.everywhere])
        self._troubles = Troubles(log)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()), name="procrastinate", daemon=True)
        self._working: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._beat = now()

    def start(self) -> None:
        """Begin, with every duty asked for once right away."""
        make_ready(self._conninfo)
        self._here.start()
        self._thread.start()

    def wake(self, duty: str, *ids: str) -> None:
        """Have a duty done for these ids soon, by whichever worker is free."""
        with self._troubles.outlived("waking"):
            self._queue.add(duty, ids)

    def stuck(self) -> list[str]:
        """Return what no longer gets anywhere; nothing where all is well."""
        still = self._now() - self._beat > GONE_S
        return [*self._here.stuck(), *(["the queue"] if still else [])]

    def stop(self, grace: timedelta) -> bool:
        """Begin nothing more, wait for what is under way, and return whether it ended within `grace`."""
        self._stopping.set()
        if self._working is not None:
            self._working.get_loop().call_soon_threadsafe(self._working.cancel)
        ended = self._here.stop(grace)
        if self._thread.ident is not None:
            self._thread.join(grace.total_seconds())
        self._queue.close()
        return ended and not self._thread.is_alive()

    async def _work(self) -> None:
        self._working = asyncio.current_task()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(HANDS, thread_name_prefix="job"))
        beating = asyncio.create_task(self._beats())
        with suppress(asyncio.CancelledError):
            while not self._stopping.is_set():
                await self._work_until_it_breaks()
        beating.cancel()

    async def _work_until_it_breaks(self) -> None:
        """Work off the queue; where the database goes away, come back a little later."""
        with self._troubles.outlived("the queue"):
            app = self._queue.jobs(self._troubles)
            async with app.open_async():
                await app.run_worker_async(
                    concurrency=HANDS,
                    delete_jobs=DeleteJobCondition.ALWAYS.value,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=GONE_S,
                )
        await asyncio.sleep(TRY_AGAIN_S)

    async def _beats(self) -> None:
        while True:
            self._beat = self._now()
            await asyncio.sleep(HEARTBEAT_S)


class Queue:
    """Where jobs wait. Adding one needs no worker, so that pages can."""

    def __init__(self, conninfo: str, duties: Sequence[Duty]) -> None:
        self._conninfo = conninfo
        self._duties = {duty.name: duty for duty in duties}
        self._lock = threading.Lock()
        self._door: procrastinate.App | None = None

    def add(self, name: str, ids: Ids) -> None:
        """Queue a duty for these ids, unless it waits there already; one under way for them is let end first."""
        once = "/".join([name, *ids])
        priority = URGENT if self._duties[name].urgent else PATIENT
        job = self._opened().configure_task(name, allow_unknown=True, queueing_lock=once, lock=once, priority=priority)
        with suppress(AlreadyEnqueued):
            job.defer(ids=list(ids))

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._door is not None:
                self._door.close()
            self._door = None

    def jobs(self, troubles: Troubles) -> procrastinate.App:
        """Return every duty as a job, and as one that asks for whom it is due."""
        connector = procrastinate.PsycopgConnector(**_connection(self._conninfo))
        app = procrastinate.App(connector=connector, periodic_defaults={"max_delay": MISSED_S})
        app.job_manager = _Insistent(connector)
        for duty in self._duties.values():
            self._register(app, duty, troubles)

        @app.periodic(cron=_cron(SEE_WHO_IS_GONE))
        @app.task(name="begin again", queueing_lock="begin again")
        async def begin_again(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
            """Begin what workers had begun who are gone."""
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=GONE_S):
                try:
                    await app.job_manager.retry_job(job)
                except UniqueViolation:  # it waits there once more already, for this one to let go of its ids
                    await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)

        return app

    def _register(self, app: procrastinate.App, duty: Duty, troubles: Troubles) -> None:
        once = f"look: {duty.name}"

        @app.periodic(cron=_cron(duty.every))
        @app.task(name=once, queueing_lock=once, priority=URGENT)
        def look(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
            with troubles.outlived(duty.name):
                for ids in duty.due():
                    self.add(duty.name, ids)

        @app.task(name=duty.name)
        def do(ids: list[str]) -> None:
            with troubles.outlived(duty.called(tuple(ids))):
                duty.do(*ids)

    def _opened(self) -> procrastinate.App:
        with self._lock:
            if self._door is None:
                connector = procrastinate.SyncPsycopgConnector(**_connection(self._conninfo))
                self._door = procrastinate.App(connector=connector).open()
            return self._door


class _Insistent(JobManager):
    """Says that a job has ended until the database heard it: else it would keep its ids from all others for good."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - as in procrastinate
        """Say that a job has ended."""
        while True:
            with suppress(ConnectorException):
                await super().finish_job(job, status, delete_job)
                return
            await asyncio.sleep(TRY_AGAIN_S)


def make_ready(conninfo: str) -> None:
    """Make the queue's own schema, anew where it is another release's: what waits in it is found again by a look."""
    release = f"procrastinate {version('procrastinate')}"
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [SCHEMA])
        found = connection.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", [SCHEMA]).fetchone()
        if found == (release,):
            return
        schema = Identifier(SCHEMA)
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
        connection.execute(SQL("CREATE SCHEMA {}").format(schema))
        connection.execute(SQL("SET LOCAL search_path = {}").format(schema))
        connection.execute(SchemaManager.get_schema())
        connection.execute(SQL("COMMENT ON SCHEMA {} IS {}").format(schema, Literal(release)))


def _connection(conninfo: str) -> dict[str, Any]:
    """Return how a connector reaches the queue's schema, with few connections: they are for the queue alone."""
    kwargs = {"options": f"-c search_path={SCHEMA}", "application_name": "afterrun jobs"}
    return {"conninfo": conninfo, "kwargs": kwargs, "min_size": 1, "max_size": 4, "timeout": CONNECT_S}


def _cron(every: timedelta) -> str:
    """Return a span as procrastinate's periodic jobs want it, seconds last."""
    seconds = max(1, int(every.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"0 */{hours} * * *"
    return f"*/{minutes} * * * *" if minutes else f"* * * * * */{seconds}"
