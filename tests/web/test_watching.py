"""The doors for watchers, calendars and phones."""

import time
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner
from starlette.testclient import TestClient

from service.web.links import link_secret
from tests.application.conftest import House, long_run
from tests.web.conftest import LINKS, path_of


def test_the_calendar_feed_holds_what_is_open_and_done_and_no_reproach(browser: TestClient, house: House) -> None:
    now, later = house.arrives(long_run())
    house.feedback.done(now.id)
    address = path_of(LINKS.calendar("me"))

    body = browser.get(address).text
    assert body.count("BEGIN:VEVENT") == 2
    assert "✓" in body
    house.feedback.skip(later.id)
    assert browser.get(address).text.count("BEGIN:VEVENT") == 1


def test_a_feed_in_which_nothing_changed_is_the_same_a_day_later_address_and_all(
    browser: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a calendar would show each entry as changed whenever it looks."""
    house.arrives(long_run())
    before = browser.get(path_of(LINKS.calendar("me"))).text
    assert before.count("/s/") >= 2

    tomorrow = int(time.time()) + 86400
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: tomorrow)

    assert browser.get(path_of(LINKS.calendar("me"))).text == before


def test_a_calendar_nobody_has_is_not_found(browser: TestClient) -> None:
    assert browser.get(path_of(LINKS.calendar("somebody"))).status_code == 404
    assert browser.get("/calendar/guess.ics").status_code == 404


def test_a_phone_may_keep_the_pages_among_its_apps(browser: TestClient) -> None:
    manifest = browser.get("/manifest.webmanifest").json()

    assert manifest["scope"] == manifest["start_url"] == "/legs/"
    for icon in manifest["icons"]:
        assert browser.get(path_of(f"https://afterrun.example{icon['src']}")).status_code == 200


def test_the_secret_of_addresses_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    assert link_secret(folder) == link_secret(folder)
    assert (folder / "links.key").stat().st_mode & 0o077 == 0
