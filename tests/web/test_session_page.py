"""A session's page: whoever opens it changes nothing, only a POST acts, and its address is good for nothing else."""

import json
import re
import time
from datetime import timedelta

import pytest
from itsdangerous import TimestampSigner
from markupsafe import escape
from starlette.testclient import TestClient

from service.domain.classification import RunType
from service.domain.sessions import Session, State
from service.ports import Removed
from service.web.links import SESSION_LINK_LASTS, SignedLinks
from service.web.site import Site
from tests.application.conftest import House, easy_run, long_run
from tests.web.conftest import LINKS, path, path_of

PROGRAM = {"accept": "*/*"}


def test_it_says_what_to_do_and_why(browser: TestClient, session: Session) -> None:
    page = browser.get(path(session))

    assert page.status_code == 200
    for step in session.routine.steps:
        assert str(escape(step.name)) in page.text
        assert str(escape(step.reason)) in page.text
    assert "Done" in page.text


def test_it_is_the_receipt_of_the_verdict_too(browser: TestClient, session: Session, house: House) -> None:
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


def test_it_brings_everything_the_player_plays(browser: TestClient, house: House) -> None:
    _, later = house.arrives(long_run())
    page = browser.get(path(later)).text
    found = re.search(r'<script type="application/json" id="plan">(.*?)</script>', page, re.DOTALL)
    assert found is not None

    plan = json.loads(found[1])

    assert [turn["movement"] for turn in plan["turns"]] == [step.movement for step in later.routine.steps]
    assert plan["key"] == later.key
    assert any(turn.get("instead") for turn in plan["turns"])


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


@pytest.mark.parametrize("verb", ["", "done", "skip", "snooze", "feel/good", "hurts", "was/tempo"])
def test_opening_an_address_changes_nothing(browser: TestClient, session: Session, house: House, verb: str) -> None:
    for _ in range(3):
        browser.get(path(session, verb))
        browser.head(path(session, verb))

    assert house.feedback.session(session.id) == session


@pytest.mark.parametrize(("verb", "state"), [("done", State.DONE), ("skip", State.SKIPPED), ("snooze", State.SNOOZED)])
def test_a_post_acts_and_again_is_no_harm(
    browser: TestClient, session: Session, house: House, verb: str, state: State
) -> None:
    address = path(session)

    assert browser.post(f"{address}/{verb}").url.path == f"/legs{address}"
    assert browser.post(f"{address}/{verb}", headers=PROGRAM).json()["state"] == state

    assert house.feedback.session(session.id).state is state


@pytest.mark.parametrize(
    ("until", "opens"), [("", "14:00"), ("hour", "14:00"), ("evening", "19:30"), ("tomorrow", "07:00")]
)
def test_later_is_an_hour_the_evening_or_tomorrow(
    browser: TestClient, session: Session, house: House, until: str, opens: str
) -> None:
    page = browser.post(path(session, "snooze"), data={"until": until} if until else {})

    moved = house.feedback.session(session.id).window.opens.astimezone(house.athletes["me"].timezone)
    assert f"{moved:%H:%M}" == opens
    assert f"Moved to {'tomorrow ' if until == 'tomorrow' else ''}{opens}." in page.text
    assert browser.post(path(session, "snooze"), data={"until": "never"}).status_code == 422


def test_a_notifications_button_hears_what_came_of_it_and_is_sent_nowhere(
    browser: TestClient, session: Session
) -> None:
    answer = browser.post(path(session, "done"), headers=PROGRAM, follow_redirects=False)

    assert answer.status_code == 200
    assert answer.json() == {"state": "done", "said": ""}


def test_one_tap_says_how_it_was(browser: TestClient, session: Session, house: House) -> None:
    browser.post(path(session, "done"))

    page = browser.post(path(session, "feel/too-much"))

    assert "Noted, thank you" in page.text
    with house.database.reading() as store:
        assert store.last_feeling("me") == "too much"
    assert browser.post(path(session, "feel/rotten")).status_code == 404


def test_one_tap_corrects_what_the_run_was(browser: TestClient, session: Session, house: House) -> None:
    page = browser.post(path(session, "was/tempo"))

    assert "Noted: that was a tempo run" in page.text
    assert house.feedback.session(session.id).routine.run_type is RunType.TEMPO
    assert browser.post(path(session, "was/a-swim")).status_code == 404


def test_what_hurts_gives_way_to_something_else(browser: TestClient, house: House, site: Site) -> None:
    _, later = house.arrives(long_run())
    turn = next(turn for turn in site.play.turns(later) if turn.instead)
    form = {"movement": turn.round.step.movement, "instead": turn.instead[0].round.step.movement}

    page = browser.post(path(later, "hurts"), data=form)

    assert "Left alone from now on" in page.text
    assert turn.instead[0].round.step in house.feedback.session(later.id).routine.steps
    impossible = {"movement": later.routine.steps[-1].movement, "instead": "cartwheel"}
    assert browser.post(path(later, "hurts"), data=impossible).status_code == 422


def test_what_was_left_or_has_run_out_can_still_be_done(browser: TestClient, session: Session, house: House) -> None:
    assert "Done all the same" not in browser.get(path(session)).text
    house.clock.forward(days=2)
    house.feedback.pending()
    page = browser.get(path(session)).text
    assert "Its moment has passed" in page
    assert "Done all the same" in page

    browser.post(path(session, "done"))

    assert house.feedback.session(session.id).state is State.DONE


def test_what_is_done_cannot_be_skipped_and_the_page_says_so(browser: TestClient, session: Session) -> None:
    browser.post(path(session, "done"))

    page, answer = browser.post(path(session, "skip")), browser.post(path(session, "skip"), headers=PROGRAM)

    assert page.status_code == answer.status_code == 409
    assert "done already" in page.text
    assert "done already" in answer.json()["said"]


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

    assert browser.get(path_of(foreign)).status_code == 404
    assert browser.get(f"/s/{calendar}").status_code == 404


def test_its_address_goes_stale(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    token = LINKS.session(session.id).rpartition("/")[2]
    later = time.time() + (SESSION_LINK_LASTS + timedelta(days=1)).total_seconds()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(later))

    with pytest.raises(KeyError):
        LINKS.read_session(token)
