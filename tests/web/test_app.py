"""The pages: whoever opens an address changes nothing, only a POST acts, and each address is good for one thing."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner
from markupsafe import escape
from starlette.testclient import TestClient

from config import catalogue
from config.figures import motions
from integrations.calendar import feed
from service.domain.classification import RunType
from service.domain.sessions import Session, State
from service.ports import Removed
from service.web.app import Site, make_app
from service.web.figures import Figures
from service.web.links import SESSION_LINK_LASTS, SignedLinks, link_secret
from tests.application.conftest import House, easy_run, house, long_run

__all__ = ["house"]

LINKS = SignedLinks("https://afterrun.example/legs", "a secret")


def site(house: House, *, ready: bool = True) -> Site:
    return Site(
        feedback=house.feedback,
        coach=house.coach,
        calendar=house.calendar,
        athletes=house.athletes,
        links=LINKS,
        figures=Figures(catalogue.load()[0], motions()),
        feed=lambda name, entries: feed(name, entries, now=house.clock.now()),
        clock=house.clock,
        is_ready=lambda: ready,
    )


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    with TestClient(make_app(site(house)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def session(house: House) -> Session:
    (session,) = house.arrives(easy_run())
    return session


def path(session: Session, verb: str = "") -> str:
    address = LINKS.session(session.id).removeprefix(LINKS.base_url)
    return f"{address}/{verb}" if verb else address


def test_a_sessions_page_says_what_to_do_and_why(browser: TestClient, session: Session) -> None:
    page = browser.get(path(session))

    assert page.status_code == 200
    for step in session.routine.steps:
        assert step.name in page.text
    assert "Done" in page.text


def test_a_sessions_page_is_the_receipt_of_the_verdict_too(browser: TestClient, session: Session, house: House) -> None:
    verdict = house.coach.verdict(session.run)
    assert verdict is not None

    page = browser.get(path(session)).text

    assert "Why an easy run" in page
    assert f"{100 * verdict.confidence:.0f} % sure" in page
    assert all(escape(reason.text[1:]) in page for reason in verdict.reasons[:5])


def test_a_run_is_shown_where_its_platform_shows_it(browser: TestClient, house: House) -> None:
    (session,) = house.arrives(
        easy_run(source="strava", device="Garmin Forerunner 245", link="https://strava.example/7")
    )

    page = browser.get(path(session)).text

    assert '<a href="https://strava.example/7" rel="noopener noreferrer">View on Strava</a>' in page
    assert "Garmin Forerunner 245" in page


def test_a_session_whose_run_was_let_go_of_keeps_its_page(browser: TestClient, session: Session, house: House) -> None:
    house.ingest.remove("me", Removed(source="folder", external_id="one.fit"))

    page = browser.get(path(session))

    assert page.status_code == 200
    assert session.routine.steps[0].name in page.text
    assert "Was it something else?" not in page.text
    assert "View on" not in page.text
    refused = browser.post(path(session, "was/tempo"))
    assert refused.status_code == 409
    assert "No one run is kept" in refused.text


def test_every_step_has_its_figure_and_key_poses_where_nothing_shall_move(
    browser: TestClient, session: Session
) -> None:
    page = browser.get(path(session)).text

    for step in session.routine.steps:
        moving, still = (f"/figures/{step.movement}{kind}.svg" for kind in ("", "-still"))
        assert f'src="/legs{moving}"' in page
        assert f'media="(prefers-reduced-motion: reduce)" srcset="/legs{still}"' in page
        assert browser.get(moving).headers["cache-control"].startswith("public")
        assert browser.get(still).headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("verb", ["", "done", "skip", "snooze"])
def test_opening_an_address_changes_nothing(browser: TestClient, session: Session, house: House, verb: str) -> None:
    for _ in range(3):
        browser.get(path(session, verb))
        browser.head(path(session, verb))

    assert house.feedback.session(session.id).state is State.PENDING


@pytest.mark.parametrize(("verb", "state"), [("done", State.DONE), ("skip", State.SKIPPED), ("snooze", State.SNOOZED)])
def test_a_post_acts_and_again_is_no_harm(
    browser: TestClient, session: Session, house: House, verb: str, state: State
) -> None:
    assert browser.post(path(session, verb)).status_code == 200
    assert browser.post(path(session, verb)).status_code == 200

    assert house.feedback.session(session.id).state is state


def test_one_tap_corrects_what_the_run_was(browser: TestClient, session: Session, house: House) -> None:
    browser.get(path(session, "was/tempo"))
    assert house.feedback.session(session.id).routine.run_type is RunType.EASY

    page = browser.post(path(session, "was/tempo"))

    assert "Noted: that was a tempo run" in page.text
    assert house.feedback.session(session.id).routine.run_type is RunType.TEMPO
    assert browser.post(path(session, "was/a-swim")).status_code == 404


def test_what_is_done_cannot_be_skipped_and_the_page_says_so(browser: TestClient, session: Session) -> None:
    browser.post(path(session, "done"))

    answer = browser.post(path(session, "skip"))

    assert answer.status_code == 409
    assert "done already" in answer.text


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda address: address[:-2],
        lambda address: address[:-5] + ("A" if address[-5] != "A" else "B") + address[-4:],
        lambda address: address.replace("/s/", "/s/9"),
        lambda address: f"{address}/destroy",
    ],
)
def test_a_spoilt_address_leads_nowhere(browser: TestClient, session: Session, spoilt: object) -> None:
    assert callable(spoilt)

    assert browser.post(spoilt(path(session))).status_code in {404, 405}
    assert browser.get(spoilt(path(session))).status_code in {404, 405}


def test_an_address_signed_elsewhere_or_for_a_calendar_opens_no_session(browser: TestClient, session: Session) -> None:
    foreign = SignedLinks(LINKS.base_url, "another secret").session(session.id)
    calendar = LINKS.calendar("me").removesuffix(".ics").rpartition("/")[2]

    assert browser.get(foreign.removeprefix(LINKS.base_url)).status_code == 404
    assert browser.get(f"/s/{calendar}").status_code == 404


def test_a_sessions_address_goes_stale(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    token = LINKS.session(session.id).rpartition("/")[2]
    later = time.time() + (SESSION_LINK_LASTS + timedelta(days=1)).total_seconds()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(later))

    with pytest.raises(KeyError):
        LINKS.read_session(token)


def test_the_calendar_feed_holds_what_is_open_and_done_and_no_reproach(browser: TestClient, house: House) -> None:
    now, later = house.arrives(long_run())
    house.feedback.done(now.id)
    address = LINKS.calendar("me").removeprefix(LINKS.base_url)

    body = browser.get(address).text
    assert body.count("BEGIN:VEVENT") == 2
    assert "✓" in body
    house.feedback.skip(later.id)
    assert browser.get(address).text.count("BEGIN:VEVENT") == 1


def test_a_calendar_nobody_has_is_not_found(browser: TestClient) -> None:
    stranger = LINKS.calendar("somebody").removeprefix(LINKS.base_url)

    assert browser.get(stranger).status_code == 404
    assert browser.get("/calendar/guess.ics").status_code == 404


def test_watchers_learn_whether_it_lives_and_whether_it_is_ready(browser: TestClient, house: House) -> None:
    assert browser.get("/healthz").text == "ok\n"
    assert browser.get("/readyz").status_code == 200
    with TestClient(make_app(site(house, ready=False))) as starting:
        assert starting.get("/readyz").status_code == 503


def test_pages_run_no_script_load_nothing_foreign_and_are_not_kept_by_others(
    browser: TestClient, session: Session
) -> None:
    page = browser.get(path(session))

    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in page.headers["cache-control"]
    assert "<script" not in page.text
    assert "//" not in page.text.replace(LINKS.base_url, "").replace("<!doctype", "")


def test_behind_a_proxy_with_a_path_the_pages_stay_below_it(browser: TestClient, session: Session) -> None:
    page = browser.get(path(session)).text

    assert '"/legs/static/afterrun.css"' in page
    assert 'formaction="/legs/s/' in page


def test_the_secret_of_addresses_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    assert link_secret(folder) == link_secret(folder)
    assert (folder / "links.key").stat().st_mode & 0o077 == 0
