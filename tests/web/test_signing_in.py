"""Signing in: a link works once, previews use nothing up, a form must be our own, and a stay can be ended."""

from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
from starlette.testclient import TestClient

from service.application.entry import BROWSER_LASTS, RENEWED_AFTER
from service.ports import PassKind
from service.web.asking import COOKIE
from service.web.pages.signing_in import browser_name
from service.web.site import Site
from tests.application.conftest import House
from tests.web.conftest import LINKS, guard, opened, path_of

type SignIn = Callable[..., TestClient]


def test_a_link_shows_a_button_and_only_pressing_it_signs_in(browser: TestClient, site: Site) -> None:
    link = path_of(LINKS.sign_in(site.entry.invite("anna")))

    for _ in range(3):
        assert "Sign in as Anna" in browser.get(link).text
        assert browser.head(link).status_code == 200
    assert COOKIE not in browser.cookies
    answer = browser.post(link, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/legs/"
    assert site.entry.browser(browser.cookies[COOKIE]) is not None


def test_a_link_used_up_says_how_to_get_another(browser: TestClient, site: Site) -> None:
    link = path_of(LINKS.sign_in(site.entry.invite("me")))
    browser.post(link)

    with opened(site) as other:
        assert other.get(link).status_code == other.post(link).status_code == 410
        assert "afterrun link" in other.get(link).text
        assert COOKIE not in other.cookies


def test_the_key_is_out_of_reach_of_scripts_other_sites_and_plain_connections(browser: TestClient, site: Site) -> None:
    answer = browser.post(path_of(LINKS.sign_in(site.entry.invite("me"))), follow_redirects=False)

    kept = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert kept["httponly"]
    assert kept["secure"]
    assert kept["samesite"] == "lax"
    assert kept["path"] == "/legs/"
    assert int(kept["max-age"]) == BROWSER_LASTS.total_seconds()


def test_a_browser_seen_the_next_day_is_given_a_new_key(signed_in: SignIn, house: House) -> None:
    client = signed_in()
    first = client.cookies[COOKIE]
    house.clock.moment += RENEWED_AFTER

    client.get("/")

    assert client.cookies[COOKIE] != first


def test_signing_out_needs_our_own_form(signed_in: SignIn, site: Site) -> None:
    client = signed_in()
    ours = {"guard": guard(site, client)}

    assert client.post("/sign-out").status_code == 403
    assert client.post("/sign-out", data={"guard": "guessed"}).status_code == 403
    assert client.post("/sign-out", data=ours, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/sign-out", data=ours, headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert site.entry.passes("me", PassKind.BROWSER)
    answer = client.post("/sign-out", data=ours, headers={"origin": "https://afterrun.example"}, follow_redirects=False)

    assert answer.status_code == 303
    assert not site.entry.passes("me", PassKind.BROWSER)
    assert COOKIE not in client.cookies


def test_another_browsers_form_is_not_ours(signed_in: SignIn, site: Site) -> None:
    me, anna = signed_in("me"), signed_in("anna")

    assert me.post("/sign-out", data={"guard": guard(site, anna)}).status_code == 403


def test_who_is_not_signed_in_is_told_how_to_and_nothing_changes(browser: TestClient) -> None:
    answer = browser.post("/sign-out")

    assert answer.status_code == 401
    assert "afterrun link" in answer.text


@pytest.mark.parametrize(
    ("told", "called"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15.0; rv:150.0) Gecko Firefox/150.0", "Firefox on a Mac"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_known_by_what_its_owner_calls_it(told: str, called: str) -> None:
    assert browser_name(told) == called
