"""What is killed: a whole worker, of either engine, on its way from a recording in a folder to a message."""

from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from config.settings import load
from service.application import outbox
from service.bootstrap import build
from service.engine import rota
from tests.faults.reaper import Reaper

# What waits for minutes in real life waits for a moment here, so that a kill costs a second and not a minute.
SHORTLY = timedelta(seconds=1)


def work(settings: Path, said: Connection, fatal: int = 0) -> None:
    """Work until killed, by the reaper at a moment of its choice or by whoever started this; tell the moments."""
    hurry()
    app = build(load(settings, env={}))
    reaper = Reaper(fatal)
    reaper.watch_commits()
    reaper.watch_sends(app.channels.values())
    said.send(0)
    app.worker.start()
    while True:
        said.recv()
        said.send(reaper.passed)


def hurry() -> None:
    """Shorten every wait."""
    outbox.LEASE = SHORTLY
    rota.LOOK_EVERY = rota.SEND_EVERY = SHORTLY
    try:
        from service.engine import procrastinate  # noqa: PLC0415 - where it is installed
    except ImportError:
        return
    procrastinate.GONE_S, procrastinate.HEARTBEAT_S = 2.0, 0.5
    procrastinate.SEE_WHO_IS_GONE = SHORTLY
