"""The pages behind the sign-in, in real browsers: two runners apart, a stay that ends, files dropped, places tapped."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from integrations import sample
from integrations.fit.encoder import encode
from service.domain.classification import RunType
from service.domain.movements import BodyArea, Site
from tests.browser.conftest import Serving, a_phone

type SignIn = Callable[[str], Page]


@pytest.fixture
def signed_in(chromium: Browser, serving: Serving) -> Iterator[SignIn]:
    """Return what signs an athlete in on a phone of their own."""
    contexts = []

    def sign_in(athlete: str) -> Page:
        context = a_phone(chromium)
        contexts.append(context)
        page = context.new_page()
        page.goto(serving.app.links.sign_in(serving.app.entry.invite(athlete)))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("navigation")).to_be_visible()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def test_two_runners_see_nothing_of_one_another(signed_in: SignIn, serving: Serving) -> None:
    (mine,) = serving.run_of("kim", RunType.TEMPO)
    kim, anna = signed_in("kim"), signed_in("anna")

    expect(kim.get_by_text(mine.routine.title)).to_be_visible()
    expect(anna.get_by_text("No run has come in of late")).to_be_visible()
    for address in (f"/runs/{mine.run}", "/history", "/"):
        anna.goto(serving.app.links.base_url + address)
        assert mine.routine.title not in anna.content()
        assert "Tempo run" not in anna.content()
    # A link that was forwarded opens its session, and nothing else of whose it is.
    anna.goto(serving.address(mine))
    expect(anna.get_by_role("heading", name=mine.routine.title)).to_be_visible()
    assert anna.locator(f'a[href*="/runs/{mine.run}"]').count() == 0
    anna.get_by_role("link", name="Today").click()
    expect(anna.get_by_text("No run has come in of late")).to_be_visible()


def test_a_stay_that_has_ended_is_said_and_the_routines_own_link_still_works(
    signed_in: SignIn, serving: Serving
) -> None:
    (session,) = serving.run_of("kim", RunType.EASY)
    page = signed_in("kim")
    serving.clock.moment += timedelta(days=100)

    page.get_by_role("button", name="Not today").click()
    page.goto(f"{serving.app.links.base_url}/history")

    expect(page.get_by_role("heading", name="This device is not signed in")).to_be_visible()
    page.goto(serving.address(session))
    expect(page.get_by_role("heading", name=session.routine.title)).to_be_visible()


def test_tapping_the_map_and_the_list_say_the_same(signed_in: SignIn, serving: Serving) -> None:
    page = signed_in("kim")
    page.get_by_role("link", name="Body").click()
    page.wait_for_url("**/body")

    page.locator('[data-site="calves"]').dispatch_event("click")
    page.locator('[data-site="knee"]').first.dispatch_event("click")
    expect(page.locator('input[name="calves"][value="tight"]')).to_be_checked()
    expect(page.locator('input[name="knee"][value="sore"]')).to_be_checked()
    expect(page.locator("#live")).to_have_text("Knee: sore")
    page.get_by_text("The same as a list").click()
    page.locator("#site-hips").get_by_text("Tight").click()
    expect(page.locator('[data-site="hips"]').first).to_have_class("site tight")
    page.get_by_role("button", name="Keep").click()

    expect(page.get_by_text("Noted.")).to_be_visible()
    today = serving.app.body.today("kim")
    assert today.tight == {BodyArea.CALVES, BodyArea.HIPS}
    assert today.sore == {Site.KNEE}


def test_a_file_that_is_chosen_comes_in_and_is_followed(signed_in: SignIn, serving: Serving, tmp_path: Path) -> None:
    page = signed_in("kim")
    file = tmp_path / "sunday.fit"
    file.write_bytes(encode(sample.latest(RunType.LONG, serving.clock.now() - timedelta(hours=1))))
    page.goto(f"{serving.app.links.base_url}/import")

    page.locator("#files").set_input_files(file)

    expect(page.get_by_role("heading", name="sunday.fit")).to_be_visible()
    expect(page.get_by_text("1 recording")).to_be_visible()
    expect(page.get_by_text("1 run judged")).to_be_visible()
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_text("routine waits").or_(page.get_by_text("routines wait"))).to_be_visible()


def test_kit_is_chosen_with_the_keyboard_alone(signed_in: SignIn, serving: Serving) -> None:
    page = signed_in("kim")
    page.goto(f"{serving.app.links.base_url}/preferences")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    page.locator('input[value="roller"]').focus()
    page.keyboard.press("Space")
    page.locator('input[name="evening.at"]').focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Kept.")).to_be_visible()
    assert "roller" not in serving.app.athletes["kim"].kit


ADDRESSES = ("/", "/history", "/body", "/preferences", "/connections", "/connections/strava", "/import", "/devices")


def test_no_page_is_wider_than_its_screen(signed_in: SignIn, serving: Serving) -> None:
    (session,) = serving.run_of("kim", RunType.TEMPO)
    page = signed_in("kim")
    wider = []
    for address in (*ADDRESSES, f"/runs/{session.run}"):
        page.goto(serving.app.links.base_url + address)
        for width in (320, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("() => document.documentElement.scrollWidth") > width:
                wider.append((address, width))

    assert wider == []
