"""The doors platforms knock at: a path nobody guesses, a small body, an answer at once, and nothing done meanwhile."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.application.hearing import Hearing
from service.web.guards import WEBHOOK_PACE
from service.web.site import Site
from service.web.webhooks import LARGEST_BODY, Doors, path_secret, verify_token, webhook_key
from tests.application.conftest import House
from tests.application.test_hearing import Platform, hearing, open_events, platform
from tests.web.conftest import opened

__all__ = ["hearing", "platform"]

KEY = "a key of this machine"
PATH = f"/webhooks/platform/{path_secret(KEY, 'platform')}"


@pytest.fixture
def doors(hearing: Hearing) -> Doors:
    return Doors(hearing, KEY)


@pytest.fixture
def platform_knocks(site: Site, doors: Doors) -> Iterator[TestClient]:
    with opened(replace(site, doors=doors)) as client:
        yield client


def test_an_event_is_answered_at_once_and_only_written_down(
    platform_knocks: TestClient, house: House, platform: Platform
) -> None:
    answer = platform_knocks.post(PATH, content=b"created")

    assert answer.status_code == 200
    assert open_events(house) == 1
    assert platform.told == []


def test_the_first_knock_is_answered_with_the_challenge(platform_knocks: TestClient) -> None:
    token = verify_token(KEY, "platform")

    assert platform_knocks.get(PATH, params={"token": token}).json() == {"answer": token}
    assert platform_knocks.get(PATH, params={"token": "guessed"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/webhooks/platform/guessed", "/webhooks/platform/", f"/webhooks/elsewhere/{path_secret(KEY, 'platform')}"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_does_not_know_the_path_finds_nothing(
    platform_knocks: TestClient, house: House, path: str, method: str
) -> None:
    assert platform_knocks.request(method, path, content=b"created" if method == "POST" else None).status_code == 404
    assert open_events(house) == 0


def test_what_is_not_believed_is_refused_and_changes_nothing(platform_knocks: TestClient, house: House) -> None:
    assert platform_knocks.post(PATH, content=b"forged").status_code == 403
    assert open_events(house) == 0


def test_a_large_body_is_not_read(platform_knocks: TestClient, house: House) -> None:
    assert platform_knocks.post(PATH, content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert open_events(house) == 0


def test_more_than_so_many_have_to_come_again(platform_knocks: TestClient) -> None:
    """As many as a club after a race has come at once; whoever tries the lock is turned away sooner than tired."""
    answers = [platform_knocks.post(PATH, content=b"created").status_code for _ in range(WEBHOOK_PACE.burst + 1)]

    assert answers == [200] * WEBHOOK_PACE.burst + [429]


def test_a_full_disk_is_said_so_that_the_platform_comes_again(
    platform_knocks: TestClient, hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(hearing.database), "writing", full)

    assert platform_knocks.post(PATH, content=b"created").status_code == 500


def test_other_methods_are_none_of_its(platform_knocks: TestClient) -> None:
    assert platform_knocks.put(PATH, content=b"created").status_code == 405
    assert platform_knocks.delete(PATH).status_code == 405


def test_the_key_is_made_once_and_for_the_owners_eyes_only(tmp_path: Path) -> None:
    key = webhook_key(tmp_path)

    assert webhook_key(tmp_path) == key
    assert (tmp_path / "webhooks.key").stat().st_mode & 0o077 == 0
    assert len({path_secret(key, "a"), path_secret(key, "b"), verify_token(key, "a"), json.dumps(key)}) == 4
