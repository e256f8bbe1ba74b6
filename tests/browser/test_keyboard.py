"""With the keyboard alone: what can be pressed is reached, in sight and not beneath anything, and shows that it is."""

import pytest
from playwright.sync_api import Browser, Page, expect

from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.sessions import Session
from tests.browser.conftest import Serving, a_phone

# An input that a chip stands for is seen by its chip.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const seen = one.closest("label")?.querySelector("span") || one;
  const box = seen.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + Math.min(box.height / 2, 12);
  const there = document.elementFromPoint(x, y);
  const ring = getComputedStyle(seen).outlineStyle !== "none" || getComputedStyle(one).outlineStyle !== "none";
  const own = (part) => seen.contains(part) || part.contains(seen) || part.closest("label")?.contains(one);
  return { what: one.outerHTML.slice(0, 120), clear: there !== null && Boolean(own(there)), ring };
}"""
PRESSED = "a[href], button:not([disabled]), input:not([type=hidden]):not([type=file]), summary"
COUNT = """(selector) => {
  const radios = new Set();
  return [...document.querySelectorAll(selector)].filter((one) => {
    if (!one.checkVisibility() || one.closest("[inert]")) return false;
    if (one.type !== "radio") return true;
    return !radios.has(one.name) && radios.add(one.name);
  }).length;
}"""


def walked(page: Page) -> list[dict[str, object]]:
    """Press Tab from the top to the end, and return where the focus came by."""
    found: list[dict[str, object]] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or (found and focused["what"] == found[0]["what"]):
            break
        found.append(focused)
    return found


@pytest.fixture
def kim(chromium: Browser, serving: Serving) -> tuple[Page, Session]:
    (session,) = serving.run_of("kim", RunType.TEMPO)
    context = a_phone(chromium)
    page = context.new_page()
    page.goto(serving.app.links.sign_in(serving.app.entry.invite("kim")))
    page.get_by_role("button", name="Sign in").press("Enter")
    expect(page.get_by_role("navigation")).to_be_visible()
    return page, session


ADDRESSES = ["/", "/history", "/body", "/preferences", "/more", "/connections", "/connections/strava", "/import"]


def test_every_button_is_reached_in_sight_and_shows_it(kim: tuple[Page, Session], serving: Serving) -> None:
    page, session = kim
    hidden, unmarked, unreached = [], [], []
    base = serving.app.links.base_url
    for address in (*(base + one for one in ADDRESSES), f"{base}/runs/{session.run}", serving.address(session)):
        page.goto(address)
        page.wait_for_load_state()
        way = walked(page)
        hidden += [one["what"] for one in way if not one["clear"]]
        unmarked += [one["what"] for one in way if not one["ring"]]
        unreached += [address] if len(way) < page.evaluate(COUNT, PRESSED) else []

    assert (hidden, unmarked, unreached) == ([], [], [])


def test_from_today_to_done_and_how_it_felt(kim: tuple[Page, Session], serving: Serving) -> None:
    page, session = kim

    page.get_by_role("link", name="Open").press("Enter")
    page.get_by_role("button", name="Start").press("Enter")
    expect(page.locator("#pause")).to_be_focused()
    for _ in session.routine.steps:
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Good", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Done. Well looked after.")).to_be_visible()
    page.get_by_role("link", name="Today").press("Enter")
    page.get_by_role("button", name="Heavy").press("Enter")

    expect(page.get_by_role("heading", name="Tempo run", exact=True)).to_be_visible()
    assert serving.state(session) == "done"
    run = serving.app.runs.newest("kim")
    assert run is not None
    assert run.felt is RunFelt.HEAVY


def test_something_beneath_a_bar_would_be_found(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content('<button style="position:fixed;top:0">x</button><div style="position:fixed;inset:0">y</div>')

    assert not walked(page)[0]["clear"]
    page.close()
