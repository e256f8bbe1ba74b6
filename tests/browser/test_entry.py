"""Who sees what, in real browsers."""

from playwright.sync_api import Browser, expect

from service.domain.classification import RunType
from tests.browser.conftest import Serving, a_phone

BOTS = ("Slackbot-LinkExpanding 1.0", "WhatsApp/2.23", "facebookexternalhit/1.1", "Mozilla/5.0 SafeLinks")


def test_previews_and_prefetching_change_nothing(chromium: Browser, serving: Serving) -> None:
    (session,) = serving.run_of("kim", RunType.TEMPO)
    link, invitation = serving.address(session), serving.app.links.sign_in(serving.app.entry.invite("kim"))
    for bot in BOTS:
        context = a_phone(chromium, user_agent=bot)
        page = context.new_page()
        for address in (link, f"{link}/done", f"{link}/skip", invitation):
            page.goto(address)
            page.wait_for_load_state("networkidle")
        context.close()
    assert serving.app.feedback.session(session.id) == session

    context = a_phone(chromium)
    page = context.new_page()
    page.goto(invitation)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("link", name="History")).to_be_visible()
    context.close()
