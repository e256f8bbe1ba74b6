"""Every key opens its own doors and no other; looking changes nothing; acting needs a key, or a form of our own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, select, update
from starlette.testclient import TestClient

from service.domain.sessions import Session, State
from service.persistence.tables import sessions
from service.ports import PassKind
from service.web.api.operations import OPERATIONS
from service.web.app import DOORS
from service.web.asking import COOKIE, Door
from service.web.site import Site
from service.web.webhooks import path_secret
from tests.application.conftest import House
from tests.web.conftest import (
    LINKS,
    app,
    browser,
    clock,
    guard,
    house,
    opened,
    path_of,
    reader,
    session,
    signed_in,
    site,
)

__all__ = ["app", "browser", "clock", "house", "reader", "session", "signed_in", "site"]

type SignIn = Callable[..., TestClient]

# Who comes to a sign-in link is not signed in yet: its key is its proof.
ACTS_WITHOUT_A_FORM = ("/s/", "/sign-in/")


@pytest.fixture
def keys(site: Site, session: Session, signed_in: SignIn) -> dict[str, str]:
    """Return one key of each kind, all of the same runner."""
    hook = "" if site.doors is None else path_secret(site.doors.key, "strava")
    return {
        "session": LINKS.session_token(session.id),
        "calendar": LINKS.calendar("me").rpartition("/")[2].removesuffix(".ics"),
        "invitation": site.entry.invite("me"),
        "browser": signed_in("me").cookies[COOKIE],
        "token": site.entry.issue_token("me", "a script"),
        "webhook": hook,
    }


def attempts(client: TestClient, key: str) -> dict[str, int]:
    """Try a key at every kind of door and return what each answered."""
    strange = {"headers": {"authorization": f"Bearer {key}"}}
    return {
        "session": client.get(f"/s/{key}").status_code,
        "session done": client.post(f"/s/{key}/done", follow_redirects=False).status_code,
        "calendar": client.get(f"/calendar/{key}.ics").status_code,
        "invitation": client.get(f"/sign-in/{key}").status_code,
        "browser": client.get("/more", cookies={COOKIE: key}).status_code,
        "token": client.get("/api/today", **strange).status_code,  # type: ignore[arg-type] # of httpx
        "webhook": client.post(f"/webhooks/strava/{key}", content=b"{}").status_code,
    }


OPENS = {
    "session": {"session": 200, "session done": 303},
    "calendar": {"calendar": 200},
    "invitation": {"invitation": 200},
    "browser": {"browser": 200},
    "token": {"token": 200},
    "webhook": {"webhook": 403},  # let in, and not believed
}
SHUT = {
    "session": 404,
    "session done": 404,
    "calendar": 404,
    "invitation": 410,
    "browser": 401,
    "token": 401,
    "webhook": 404,
}


@pytest.mark.parametrize("kind", OPENS)
@pytest.mark.filterwarnings("ignore:Setting per-request cookies:DeprecationWarning")
def test_a_key_opens_its_own_door_and_no_other(site: Site, keys: dict[str, str], kind: str) -> None:
    with opened(site) as stranger:
        assert attempts(stranger, keys[kind]) == SHUT | OPENS[kind]


@pytest.mark.parametrize(
    "spoil", [lambda key: key[:-1], lambda key: key + "x", lambda key: key.swapcase(), lambda _: ""]
)
@pytest.mark.filterwarnings("ignore:Setting per-request cookies:DeprecationWarning")
def test_a_key_that_is_nearly_one_opens_nothing(site: Site, keys: dict[str, str], spoil: Callable[[str], str]) -> None:
    with opened(site) as stranger:
        for key in map(spoil, keys.values()):
            answers = attempts(stranger, key) if key else {}
            assert all(answer in {401, 404, 405, 410} for answer in answers.values()), answers


def everything(house: House) -> dict[str, list[Any]]:
    """Return every row of every table but those that tell of visits."""
    tables = MetaData()
    with house.database.engine.connect() as connection:
        tables.reflect(connection)
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in tables.sorted_tables
            if table.name != "passes"
        }


def filled(path: str, session: Session) -> str:
    """Return the path of a door about this session."""
    known = {"token": LINKS.session_token(session.id), "name": "folder", "feeling": "good", "kind": "long", "key": "k"}
    known |= {"run_id": str(session.run)}
    for part in path.split("{")[1:]:
        inside = part.partition("}")[0]
        path = path.replace(f"{{{inside}}}", known.get(inside.partition(":")[0], str(session.id)))
    return path


def test_looking_at_any_page_changes_nothing(signed_in: SignIn, site: Site, session: Session, house: House) -> None:
    """Link previews, prefetching browsers and curious children open every address they see."""
    me = signed_in("me")
    site.entry.issue_token("me", "a script")
    before = everything(house)

    for door in DOORS:
        for method in ("GET", "HEAD", "OPTIONS"):
            me.request(method, filled(door.path, session), follow_redirects=False)
    for operation in OPERATIONS:
        for method in ("GET", "HEAD", "OPTIONS"):
            me.request(method, f"/api{filled(operation.path, session)}")

    assert everything(house) == before


ACTING = [door for door in DOORS if door.method == "POST" and not door.path.startswith(ACTS_WITHOUT_A_FORM)]


@pytest.mark.parametrize("door", ACTING, ids=lambda door: door.path)
def test_a_form_that_is_not_our_own_does_nothing(
    signed_in: SignIn, site: Site, session: Session, house: House, door: Door
) -> None:
    me, anna = signed_in("me"), signed_in("anna")
    path, ours = filled(door.path, session), {"guard": guard(site, me)}
    before, passes = everything(house), len(site.entry.passes("me", PassKind.BROWSER))

    answers = [
        me.post(path, follow_redirects=False),
        me.post(path, data={"guard": guard(site, anna)}, follow_redirects=False),
        me.post(path, data=ours, headers={"sec-fetch-site": "cross-site"}, follow_redirects=False),
        me.post(path, data=ours, headers={"sec-fetch-site": "same-site"}, follow_redirects=False),
        me.post(path, data=ours, headers={"origin": "https://afterrun.example.evil.example"}, follow_redirects=False),
        me.post(path, data=ours, headers={"origin": "null"}, follow_redirects=False),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert everything(house) == before
    assert len(site.entry.passes("me", PassKind.BROWSER)) == passes


def test_the_link_of_somebody_who_left_the_settings_leads_nowhere(site: Site, session: Session) -> None:
    calendar = path_of(LINKS.calendar("me"))
    others = {name: athlete for name, athlete in site.athletes.items() if name != "me"}
    with opened(replace(site, athletes=others)) as stranger:  # type: ignore[arg-type] # as after a restart
        page = stranger.get(f"/s/{LINKS.session_token(session.id)}")
        done = stranger.post(f"/s/{LINKS.session_token(session.id)}/done")
        feed = stranger.get(calendar)

    assert (page.status_code, done.status_code, feed.status_code) == (404, 404, 404)


def test_a_link_opens_no_session_that_was_given_its_number_later(site: Site, session: Session, house: House) -> None:
    """Of a session that was deleted, or offered after the backup that was restored: it may be somebody else's now."""
    old, later = path_of(LINKS.session(session.id)), datetime.now(UTC) + timedelta(minutes=1)
    with opened(site) as stranger:
        assert stranger.get(old).status_code == 200
        with house.database.engine.begin() as connection:
            connection.execute(update(sessions).values(athlete="anna", made_at=later))

        assert stranger.get(old).status_code == 404
        assert stranger.post(f"{old}/done").status_code == 404
    assert house.feedback.session(session.id).state is State.PENDING
