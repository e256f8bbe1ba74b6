"""Two at work where one is meant to be: refused, or sharing what there is to do."""

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.application.outbox import Outbox
from service.bootstrap import build
from service.domain.classification import RunType
from service.domain.message import Message
from service.persistence.engine import SqlDatabase, make_engine
from tests.fakes import NOON, Channel, Clock, where_it_is_noon
from tests.faults.conftest import Fault, Tally
from tests.peers.ntfy import NtfyPeer
from tests.peers.postgresql import Server

AFTERRUN = Path(sys.executable).with_name("afterrun")
WEEK = timedelta(days=7)


def test_two_workers_on_postgresql_send_each_message_once(postgresql: Server, tally: Tally) -> None:
    """By mistake or on purpose: what one has leased, the other leaves alone."""
    with postgresql.ready() as url:
        phone = Channel()
        databases = [SqlDatabase(make_engine(url)) for _ in range(2)]
        with databases[0].writing() as store:
            for number in range(60):
                message = Message(key=str(number), title="", body="", useful_until=NOON + WEEK)
                store.add_message("me", "phone", message, NOON)
        outboxes = [Outbox(database, {("me", "phone"): phone}, Clock(), lambda: 0.0) for database in databases]
        sending = [threading.Thread(target=outbox.deliver_due) for outbox in outboxes]
        for thread in sending:
            thread.start()
        for thread in sending:
            thread.join()
        for database in databases:
            database.close()

    assert sorted(message.key for message in phone.received) == sorted(map(str, range(60)))
    tally.add(Fault.TWO_WORKERS, 60)


@pytest.mark.faults
@pytest.mark.parametrize("command", ["run", "worker"])
def test_a_second_worker_on_a_file_is_refused_in_one_line(tmp_path: Path, command: str, tally: Tally) -> None:
    (tmp_path / "afterrun.toml").write_text('[web]\nlisten = "127.0.0.1:0"\n')
    app = build(load(tmp_path / "afterrun.toml", env={}))
    with app.worker_lock():
        second = subprocess.run(  # noqa: S603 - our own
            [AFTERRUN, command], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
    app.close()
    tally.add(Fault.TWO_WORKERS)
    assert second.returncode == 1
    assert second.stderr.splitlines()[-1].startswith("Another Afterrun worker has this database: stop it first")


@pytest.mark.faults
def test_a_run_that_many_take_in_at_once_is_one_run_and_one_message(tmp_path: Path, tally: Tally) -> None:
    """A worker, and somebody impatient at each of four terminals."""
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3)
    with NtfyPeer() as phone:
        (tmp_path / "afterrun.toml").write_text(
            f"""
            [athlete]
            timezone = "{where_it_is_noon()}"
            [web]
            listen = "127.0.0.1:0"
            [sources.folder]
            path = "runs"
            [channels.ntfy]
            url = "{phone.topic()}"
            """
        )
        (tmp_path / "runs").mkdir()
        worker = subprocess.Popen([AFTERRUN, "run"], cwd=tmp_path, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
        try:
            (tmp_path / "runs" / "run.fit").write_bytes(encode(sample.latest(RunType.TEMPO, ended)))
            syncing = [
                subprocess.Popen(  # noqa: S603 - our own
                    [AFTERRUN, "sync", "--json"],
                    cwd=tmp_path,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for _ in range(4)
            ]
            said = [one.communicate(timeout=300) for one in syncing]
        finally:
            worker.terminate()
            worker.wait(60)
    taken = sum(json.loads(out)["imported"] for out, _ in said)
    tally.add(Fault.TWO_WORKERS, 5, doubled=max(len(phone.messages) - 1, 0))
    assert [one.returncode for one in syncing] == [0] * 4, said
    assert taken <= 1
    assert len(phone.messages) == 1
