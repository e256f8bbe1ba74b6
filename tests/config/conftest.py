"""A working folder of its own for every test of the settings, and none of this machine's own files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config import settings
from config.settings import Settings, SettingsError

Load = Callable[..., Settings]
Faults = Callable[..., list[str]]


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the user's and the system's configuration folders be empty."""
    monkeypatch.setattr(settings, "_folders", list)


@pytest.fixture
def load(tmp_path: Path, nowhere: None) -> Load:
    """Return a function that loads settings from a text, with environment variables as its other arguments."""

    def loaded(text: str = "", **env: str) -> Settings:
        (tmp_path / "afterrun.toml").write_text(text, encoding="utf-8")
        return settings.load(env=env, cwd=tmp_path)

    return loaded


@pytest.fixture
def faults(load: Load, tmp_path: Path) -> Faults:
    """Return a function that gives the lines a text is refused with, the settings file named by its name alone."""

    def lines(text: str = "", **env: str) -> list[str]:
        with pytest.raises(SettingsError) as refused:
            load(text, **env)
        return [line.replace(f"{tmp_path}/", "") for line in refused.value.lines]

    return lines
