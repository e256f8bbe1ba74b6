"""The channel that docs/channels.md adds as an example is a channel, and its tests are tests."""

import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import integrations

PAGE = Path(__file__).parents[2] / "docs" / "channels.md"
CHANNEL, TESTS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

gotify = ModuleType("integrations.gotify")
sys.modules[gotify.__name__] = gotify
exec(compile(CHANNEL, f"{PAGE}: the channel", "exec"), gotify.__dict__)  # noqa: S102 - our own page
exec(compile(TESTS, f"{PAGE}: its tests", "exec"), globals())  # noqa: S102 - the same

assert json  # the tests on the page read what was sent with it


@pytest.fixture(autouse=True)
def _found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (*integrations.names(), "gotify")
    monkeypatch.setattr(integrations, "names", lambda: names)


def test_the_example_is_as_short_as_the_page_says() -> None:
    assert len(CHANNEL.splitlines()) < 60


def test_every_channel_has_its_place_on_the_page() -> None:
    tables = set(re.findall(r"^    \[channels\.(\w+)\]", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    channels = {name for name in integrations.names() if hasattr(integrations.load(name), "channel")}
    assert tables == channels - {"gotify", "garmin_connect"}, "garmin_connect has its place among the sources"
