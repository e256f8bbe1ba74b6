"""Outdoors the network comes and goes: a page once opened stays, and what was said is sent when it can be."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from service.domain.classification import RunType
from service.domain.sessions import Session
from tests.browser.conftest import Serving

type Open = Callable[[Session], Page]


@pytest.fixture
def session(serving: Serving) -> Session:
    (session,) = serving.run_of("kim", RunType.INTERVAL)
    return session


@pytest.fixture
def kept_page(open_session: Open, session: Session) -> Page:
    """Return a session's page once it is kept on the phone, with all it needs."""
    page = open_session(session)
    page.locator("body[data-kept=all]").wait_for()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def test_the_network_goes_in_the_middle_and_done_is_sent_once_it_is_back(
    kept_page: Page, phone: BrowserContext, serving: Serving, session: Session
) -> None:
    page = kept_page
    page.locator("#start").click()
    serving.stop()
    phone.set_offline(True)

    for _ in session.routine.steps:
        page.locator("#skip").click()
    page.locator("#done").click()
    expect(page.locator("#queued")).to_contain_text("No network")
    page.get_by_role("button", name="Too much").click()
    expect(page.locator("#finish-name")).to_have_text("Thank you")
    assert serving.state(session) == "pending"
    serving.start()
    phone.set_offline(False)

    expect(page.locator("#queued")).to_be_empty()
    assert serving.state(session) == "done"
    with serving.app.database.reading() as store:
        assert store.last_feeling("kim") == "too much"


def test_the_page_opens_again_with_no_network_and_goes_on(kept_page: Page, serving: Serving, session: Session) -> None:
    page = kept_page
    page.locator("#start").click()
    page.locator("#skip").click()
    page.locator("#pause").click()
    serving.stop()

    page.reload()

    page.get_by_role("button", name="Go on at").click()
    expect(page.locator("#name")).to_have_text(session.routine.steps[1].name)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 244, 238)"


def test_what_was_said_before_the_page_was_closed_is_sent_the_next_time_it_opens(
    kept_page: Page, serving: Serving, session: Session
) -> None:
    page = kept_page
    serving.stop()
    page.locator("#start").click()
    for _ in session.routine.steps:
        page.locator("#skip").click()
    page.locator("#done").click()
    expect(page.locator("#queued")).to_contain_text("No network")
    page.close()
    serving.start()

    again = page.context.new_page()
    again.goto(serving.address(session))
    again.evaluate("() => queue.flush()")

    assert serving.state(session) == "done"


def test_an_answer_given_on_the_page_is_kept_too(kept_page: Page, serving: Serving, session: Session) -> None:
    page = kept_page
    serving.stop()

    page.get_by_text("Later", exact=True).click()
    page.get_by_role("button", name="Tomorrow").click()
    expect(page.locator("#kept")).to_contain_text("No network")
    assert serving.state(session) == "pending"
    serving.start()
    page.evaluate("() => queue.flush()")

    assert serving.state(session) == "snoozed"
    page.reload()
    expect(page.get_by_text("Moved to tomorrow 07:00")).to_be_visible()


def test_what_hurts_is_swapped_with_no_network_too(kept_page: Page, serving: Serving, session: Session) -> None:
    page = kept_page
    page.locator("#start").click()
    page.locator("#skip").click()
    hurting = page.locator("#name").inner_text()
    serving.stop()
    page.locator("#hurts").click()
    other = page.locator("#relief-name").inner_text().removeprefix("Instead: ")
    page.locator("#take").click()
    expect(page.locator("#name")).to_have_text(other)
    page.reload()
    page.get_by_role("button", name="Go on at").click()
    expect(page.locator("#name")).to_have_text(other)

    serving.start()
    page.evaluate("() => queue.flush()")

    names = [step.name for step in serving.app.feedback.session(session.id).routine.steps]
    assert other in names
    assert hurting not in names
