"""What is killed: a command at work, or a change of the schema."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from service.cli import main
from service.persistence.engine import make_engine
from service.persistence.migrations import upgrade
from tests.faults.reaper import Reaper


def command(home: Path, words: Sequence[str], said: Connection, fatal: int = 0) -> None:
    """Run a command in a folder, and tell how many moments it had; never end, where `fatal` is one of them."""
    os.chdir(home)
    with open(os.devnull, "w") as nobody:  # noqa: PTH123 - no path is built here
        sys.stdout = sys.stderr = nobody
        reaper = Reaper(fatal)
        reaper.watch_commits()
        reaper.watch_disk()
        with suppress(SystemExit):
            main(words)
    said.send(reaper.passed)


def migration(url: str, said: Connection, fatal: int = 0) -> None:
    """Bring a database up to date, and tell how many statements that took; as above."""
    engine = make_engine(url)
    reaper = Reaper(fatal)
    reaper.watch_statements()
    upgrade(engine)
    engine.dispose()
    said.send(reaper.passed)
