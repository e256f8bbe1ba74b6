"""An idle worker holds little: what only some need is loaded by them, and memory that is free is given back."""

import ctypes
import gc
import subprocess
import sys
from pathlib import Path

import pytest

from service.engine import memory

WIRED = """
import sys
from pathlib import Path
from config.settings import load
from service.bootstrap import build

app = build(load(Path("afterrun.toml"), env={}))
app.website(), app.worker, app.channels, app.sources
app.close()
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_what_only_some_workers_need_is_not_loaded_by_the_others(tmp_path: Path) -> None:
    (tmp_path / "afterrun.toml").write_text('[sources.folder]\npath = "runs"\n[channels.calendar]\npath = "calendar"\n')

    wired = subprocess.run([sys.executable, "-c", WIRED], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - our own

    loaded = set(wired.stdout.split())
    assert {"sqlalchemy", "starlette", "apscheduler"} <= loaded
    assert not {"alembic", "mako", "cryptography", "fitparse", "stravalib", "garminconnect", "psycopg"} & loaded


def test_where_the_c_library_is_another_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())

    memory.share()
    memory.give_back()


def test_what_is_there_at_the_start_is_not_looked_through_again() -> None:
    before = gc.get_freeze_count()
    there: list[list[int]] = [[] for _ in range(1000)]
    try:
        memory.keep()

        assert gc.get_freeze_count() >= before + len(there)
    finally:
        gc.unfreeze()
