"""What stands around every answer: headers, the path below a proxy, and a pace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.domain.sessions import Session
from service.web.guards import POST_PACE, SAFE_HEADERS, SIGN_IN_PACE
from service.web.pace import MOST_CALLERS, Limiter, Pace
from service.web.site import Site
from tests.web.conftest import opened, path


@pytest.mark.parametrize("address", ["/", "/s/nothing", "/nowhere", "/healthz", "/sign-in/x", "/static/afterrun.css"])
def test_every_answer_has_safe_headers(browser: TestClient, address: str) -> None:
    headers = browser.get(address).headers

    for name in SAFE_HEADERS.keys() - {"Cache-Control"}:
        assert headers[name] == SAFE_HEADERS[name]


def test_an_error_of_ours_has_them_too_and_tells_nothing_of_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_key: str) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(type(site.entry), "invited", lambda _self, key: broken(key))
    with opened(site) as browser:
        answer = browser.get("/sign-in/anything")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"] == SAFE_HEADERS["Content-Security-Policy"]


def test_pages_are_kept_by_nobody_and_files_for_good(browser: TestClient, session: Session) -> None:
    page = browser.get(path(session))
    style = page.text.partition('rel="stylesheet" href="/legs')[2].partition('"')[0]

    assert "no-store" in page.headers["cache-control"]
    assert "immutable" in browser.get(style).headers["cache-control"]
    assert browser.get(style.partition("?")[0]).headers["cache-control"] == "no-cache"
    assert browser.get("/sw.js").headers["cache-control"] == "no-cache"


def test_pages_and_files_come_packed_to_who_can_unpack_them(browser: TestClient, session: Session) -> None:
    address = path(session)
    packed, plain = browser.get(address), browser.get(address, headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert browser.get("/static/player.js").headers["content-encoding"] == "gzip"


def test_no_page_loads_anything_foreign_or_runs_anything_written_into_it(browser: TestClient, session: Session) -> None:
    page = browser.get(path(session)).text

    assert "//" not in page.replace("<!doctype", "")
    assert " style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count("<script src=") + page.count('<script type="application/json"')


def test_everything_stays_below_the_path_whether_the_proxy_takes_it_off_or_not(
    browser: TestClient, session: Session
) -> None:
    address = path(session)
    page = browser.get(address)

    assert page.text == browser.get(f"https://afterrun.example{address}").text
    assert 'href="/legs/static/afterrun.css' in page.text
    assert 'formaction="/legs/s/' in page.text
    assert browser.get("https://afterrun.example/healthz").status_code == 200


def test_who_posts_too_often_is_asked_to_wait(browser: TestClient, session: Session) -> None:
    answers = [browser.post(path(session, "done"), follow_redirects=False) for _ in range(POST_PACE.burst + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {303}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert browser.get(path(session)).status_code == 200


def test_signing_in_has_a_pace_of_its_own(browser: TestClient, session: Session) -> None:
    codes = [browser.post("/sign-in/guess").status_code for _ in range(SIGN_IN_PACE.burst + 1)]

    assert codes == [410] * SIGN_IN_PACE.burst + [429]
    assert browser.post(path(session, "done"), follow_redirects=False).status_code == 303


def test_a_form_longer_than_any_of_ours_is_not_read(browser: TestClient, session: Session) -> None:
    assert browser.post(path(session, "hurts"), content=b"x" * 100_000).status_code == 413


def test_after_a_while_the_next_knock_is_let_in() -> None:
    moment = 0.0
    limiter = Limiter(Pace(burst=2, per_minute=6), lambda: moment)

    assert [limiter.wait("one") for _ in range(3)] == [0, 0, 10]
    assert limiter.wait("other") == 0
    moment = 10.0
    assert [limiter.wait("one") for _ in range(2)] == [0, 10]


@given(st.lists(st.floats(0, 30), max_size=200))
def test_in_the_long_run_nobody_gets_in_more_often_than_the_pace(pauses: list[float]) -> None:
    moment = 0.0
    limiter = Limiter(Pace(burst=5, per_minute=10), lambda: moment)
    let_in = 0
    for pause in pauses:
        moment += pause
        let_in += limiter.wait("one") == 0

    assert let_in <= 5 + moment * 10 / 60 + 1e-6


def test_only_so_many_callers_are_remembered() -> None:
    limiter = Limiter(Pace(burst=1, per_minute=1), lambda: 0.0)
    for number in range(MOST_CALLERS + 1):
        limiter.wait(str(number))

    assert limiter.wait("1") > 0
    assert limiter.wait("0") == 0
