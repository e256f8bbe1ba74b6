"""What a start says of itself."""

import logging
from pathlib import Path

import pytest

from config.settings import load
from service.bootstrap import build
from service.cli.running import NAMED, greet


def said(home: Path, athletes: int, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines of a start with so many athletes, each with a folder and a phone."""
    tables = (
        f'[[athletes]]\nid = "a{number}"\n[athletes.sources.folder]\npath = "a{number}"\n'
        f'[athletes.channels.ntfy]\nurl = "http://127.0.0.1:9/a{number}"\n'
        for number in range(athletes)
    )
    (home / "afterrun.toml").write_text("".join(tables))
    (home / "afterrun.toml").chmod(0o600)
    app = build(load(home / "afterrun.toml", env={}))
    with caplog.at_level(logging.INFO, "afterrun"):
        greet(app, None)
    app.close()
    return caplog.messages


def test_it_names_a_household(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert said(tmp_path, 3, caplog) == [
        "runs of a0, a1 and a2 come from folder",
        "routines for a0, a1 and a2 go to ntfy",
    ]


def test_it_counts_a_club(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    many = NAMED + 1

    assert said(tmp_path, many, caplog) == [
        f"runs of {many} athletes come from folder",
        f"routines for {many} athletes go to ntfy",
    ]


def test_it_says_what_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    no_source, no_channel = said(tmp_path, 0, caplog)

    assert no_source.startswith("no source is on: add [sources.folder]")
    assert no_channel.startswith("no channel is on: add [channels.ntfy]")
