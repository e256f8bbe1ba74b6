"""axe-core finds nothing against any page in any of its states, light or dark."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from service.domain.body import Felt
from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.movements import Site
from service.ports import Raw, Stage, Standing
from tests.browser.conftest import Serving, a_phone

type Step = Callable[[Page], None]


def states(serving: Serving) -> Iterator[tuple[str, str, Step | None]]:
    """Yield every page in its states: what it is called, where it is, and what is done there first."""
    base = serving.app.links.base_url
    yield "first today", f"{base}/", None
    yield "first history", f"{base}/history", None
    yield "a form from elsewhere", f"{base}/preferences", _forged
    (session,) = serving.run_of("kim", RunType.INTERVAL)
    address = serving.address(session)
    serving.app.body.tell("kim", Felt.TIGHT, [Site.CALVES])
    with serving.app.database.writing() as store:
        store.set_standing("kim", "sources.folder", Standing(todo="plug the disk in again", trouble="gone"))
    serving.app.entry.issue_token("kim", "home automation")
    yield "today", f"{base}/", None
    yield "session", address, None
    yield "later", address, lambda page: page.locator(".later summary").click()
    yield "player", address, lambda page: page.locator("#start").click()
    yield "hurts", address, lambda page: _press(page, "#start", "#skip", "#hurts")
    yield "end", address, _to_the_end
    serving.app.body.run_felt("kim", RunFelt.GOOD)
    yield "run", f"{base}/runs/{session.run}", None
    yield "history", f"{base}/history", None
    yield "body", f"{base}/body", lambda page: page.get_by_text("The same as a list").click()
    yield "preferences", f"{base}/preferences", None
    yield "preferences with faults", f"{base}/preferences", _wrong
    yield "leaving", f"{base}/connections/strava", lambda page: page.get_by_text("Disconnect Strava").click()
    yield "a talk", f"{base}/connections/calendar", _talk
    _bring_in(serving)
    for name in ("more", "connections", "connections/folder", "import", "quarantine", "devices", "nowhere"):
        yield name, f"{base}/{name}", None
    serving.app.feedback.skip(session.id)
    yield "skipped", address, None
    serving.app.feedback.done(session.id)
    yield "done", address, None
    yield "today, done", f"{base}/", None


def _bring_in(serving: Serving) -> None:
    """Have an import be under way, one be done with something unreadable, and one have broken off."""
    bring, now = serving.app.bring, serving.clock.now()
    reading = replace(bring.begin("kim", "garmin.zip"), stage=Stage.READING, total=318, fates={"imported": 212})
    mixed = {"imported": 12, "duplicate": 3, "malformed": 1}
    done = replace(bring.begin("kim", "export.zip"), stage=Stage.DONE, total=16, fates=mixed, judged=12)
    gone = replace(bring.begin("kim", "phone.zip"), stage=Stage.READING, total=40)
    with serving.app.database.writing() as store:
        store.set_bringing(replace(reading, changed_at=now))
        store.set_bringing(replace(done, troubles=(("17.fit", "cut short: export it again"),)))
        store.set_bringing(replace(gone, changed_at=now - timedelta(days=1)))
    broken = Raw(source="folder", external_id="x.fit", media_type="fit", body=b"broken", received_at=now)
    serving.app.ingest.take("kim", broken)


def _press(page: Page, *buttons: str) -> None:
    for button in buttons:
        page.locator(button).click()


def _to_the_end(page: Page) -> None:
    page.locator("#start").click()
    while page.locator("#finish").is_hidden():
        page.locator("#skip").click()


def _forged(page: Page) -> None:
    page.evaluate("document.querySelector('main [name=guard]').value = 'from elsewhere'")
    page.get_by_role("button", name="Keep").click()


def _talk(page: Page) -> None:
    page.get_by_role("button", name="Send a message to try it").click()
    page.get_by_role("button", name="Yes", exact=True).wait_for()


def _wrong(page: Page) -> None:
    page.locator('[name="athlete.timezone"]').fill("Europe/Berln")
    page.get_by_role("button", name="Keep").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_against_any_page(chromium: Browser, serving: Serving, scheme: str) -> None:
    context = a_phone(chromium, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    found = []
    base, invited = serving.app.links.base_url, serving.app.links.sign_in(serving.app.entry.invite("kim"))
    for address in (base, f"{base}/history", f"{base}/sign-in/used", f"{base}/s/long-ago", invited):
        page.goto(address)
        found += _violations(page, address)
    page.get_by_role("button", name="Sign in").click()
    for name, address, step in states(serving):
        page.goto(address)
        if step:
            step(page)
        found += _violations(page, name)
    context.close()

    assert found == []


def _violations(page: Page, name: str) -> list[str]:
    results = Axe().run(page).response["violations"]
    return [
        f"{name}: {one['id']}: {node['html'][:120]} {node['failureSummary']}"
        for one in results
        for node in one["nodes"]
    ]


def test_axe_would_find_something(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="x.png"></main></html>')

    assert any("image-alt" in found for found in _violations(page, "planted"))
    page.close()
