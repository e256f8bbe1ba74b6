"""From a message's link through the player to done, on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from service.domain.classification import RunType
from service.domain.sessions import Session
from tests.browser.conftest import Serving, a_phone, stand_still

type Open = Callable[[Session], Page]


@pytest.fixture
def session(serving: Serving) -> Session:
    (session,) = serving.run_of("kim", RunType.TEMPO)
    return session


def forward(page: Page, seconds: float) -> None:
    """Let time pass as it does on a phone that is awake."""
    page.clock.run_for(int(seconds * 1000))


def spoken(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.spoken")
    return found


def test_from_the_messages_link_to_done_and_how_it_was(open_session: Open, serving: Serving, session: Session) -> None:
    page = open_session(session)
    page.locator("#start").click()
    expect(page.locator("#name")).to_have_text("Light walking")
    assert "Get ready" in spoken(page)[0]

    for step in session.routine.steps:
        expect(page.locator("#name")).to_have_text(step.name)
        page.locator("#skip").click()
    expect(page.locator("#finish")).to_be_visible()
    page.locator("#done").click()
    page.get_by_role("button", name="Too easy").click()

    expect(page.get_by_text("Done. Well looked after.")).to_be_visible()
    assert serving.state(session) == "done"
    with serving.app.database.reading() as store:
        assert store.last_feeling("kim") == "too easy"


def test_it_runs_by_itself_from_get_ready_to_the_end(open_session: Open, serving: Serving) -> None:
    (session,) = serving.run_of("kim", RunType.EASY)  # every moment of it is lived through
    page = open_session(session)
    page.locator("#start").click()

    forward(page, 11)
    expect(page.locator("#reps")).to_be_empty()
    assert session.routine.steps[0].how in " ".join(spoken(page))
    forward(page, session.routine.seconds + 4 * len(session.routine.steps) * 2)

    expect(page.locator("#finish")).to_be_visible()
    heard = spoken(page)
    assert all(any(f"Next: {step.name}" in words for words in heard) for step in session.routine.steps[1:])
    assert heard[-1].startswith("Done")


def test_a_phone_that_slept_comes_back_at_the_right_place(open_session: Open, session: Session) -> None:
    page = open_session(session)
    page.locator("#start").click()
    forward(page, 12)
    said_before = len(spoken(page))

    page.clock.fast_forward(150_000)

    first, second = session.routine.steps[:2]
    expected = second if first.seconds < 162 - 10 else first
    expect(page.locator("#name")).to_have_text(expected.name)
    assert len(spoken(page)) <= said_before + 1
    expect(page.locator("#missed")).to_contain_text(first.name)
    page.locator("#missed").click()
    expect(page.locator("#name")).to_have_text(first.name)


def test_one_that_slept_through_the_end_says_so_and_offers_the_way_back(open_session: Open, session: Session) -> None:
    page = open_session(session)
    page.locator("#start").click()
    forward(page, 12)

    page.clock.fast_forward(7200_000)

    expect(page.locator("#finish-eyebrow")).to_contain_text("asleep")
    page.locator("#return").click()
    expect(page.locator("#name")).to_have_text(session.routine.steps[0].name)


def test_a_pause_stops_the_clock_and_a_closed_page_goes_on_where_it_was(open_session: Open, session: Session) -> None:
    page = open_session(session)
    page.locator("#start").click()
    page.locator("#skip").click()
    page.locator("#pause").click()
    before = page.locator("#left").inner_text()
    forward(page, 60)
    assert page.locator("#left").inner_text() == before

    page.reload()

    page.get_by_role("button", name="Go on at").click()
    expect(page.locator("#name")).to_have_text(session.routine.steps[1].name)


def test_back_goes_to_the_beginning_of_a_movement_then_to_the_one_before(open_session: Open, session: Session) -> None:
    page = open_session(session)
    page.locator("#start").click()
    page.locator("#skip").click()
    forward(page, 20)

    page.locator("#back").click()
    expect(page.locator("#name")).to_have_text(session.routine.steps[1].name)
    page.locator("#back").click()
    expect(page.locator("#name")).to_have_text(session.routine.steps[0].name)


def test_what_hurts_is_swapped_here_and_in_the_session(open_session: Open, serving: Serving, session: Session) -> None:
    page = open_session(session)
    page.locator("#start").click()
    page.locator("#skip").click()
    hurting = session.routine.steps[1].name

    page.locator("#hurts").click()
    other = page.locator("#relief-name").inner_text().removeprefix("Instead: ")
    page.locator("#take").click()

    expect(page.locator("#name")).to_have_text(other)
    page.evaluate("() => queue.flush()")
    names = [step.name for step in serving.app.feedback.session(session.id).routine.steps]
    assert hurting not in names
    assert names[1] == other


def test_the_keyboard_is_enough(open_session: Open, serving: Serving, session: Session) -> None:
    page = open_session(session)
    press = page.keyboard.press
    page.locator("#start").focus()
    press("Enter")
    expect(page.locator("#pause")).to_be_focused()
    press("ArrowRight")
    expect(page.locator("#name")).to_have_text(session.routine.steps[1].name)
    press("ArrowLeft")
    expect(page.locator("#name")).to_have_text(session.routine.steps[0].name)
    press("Space")
    expect(page.get_by_role("button", name="Go on")).to_be_focused()
    press("Space")
    press("h")
    expect(page.locator("#relief-name")).to_be_focused()
    press("Escape")
    expect(page.locator("#pause")).to_be_focused()
    for _ in session.routine.steps:
        press("ArrowRight")
    expect(page.locator("#finish-name")).to_be_focused()
    press("Tab")
    expect(page.locator("#done")).to_be_focused()
    press("Enter")
    expect(page.get_by_role("button", name="Good")).to_be_focused()
    press("Enter")

    expect(page.get_by_text("Done. Well looked after.")).to_be_visible()
    assert serving.state(session) == "done"


def test_a_screen_reader_hears_each_phase_and_not_each_second(open_session: Open, session: Session) -> None:
    page = open_session(session)
    page.evaluate(
        """() => {
          window.announced = [];
          const live = document.getElementById("live");
          new MutationObserver(() => window.announced.push(live.textContent)).observe(live, { childList: true });
        }"""
    )
    page.locator("#start").click()
    forward(page, 30)

    assert page.evaluate("window.announced.length") == 2
    expect(page.locator("#left")).to_have_attribute("aria-live", "off")


def test_with_reduced_motion_nothing_breathes_and_nothing_rises(
    chromium: Browser, serving: Serving, session: Session
) -> None:
    context = a_phone(chromium, reduced_motion="reduce")
    page = context.new_page()
    stand_still(page)
    page.goto(serving.address(session))
    page.locator("#start").click()
    seen = set()
    for _ in session.routine.steps:
        page.locator("#skip").click()
        forward(page, 12)
        seen.add(page.locator("#breath").get_attribute("r"))

    assert {float(radius or 0) for radius in seen} == {0.0}
    assert page.evaluate("document.getAnimations().length") == 0
    context.close()


@pytest.mark.parametrize("size", [(390, 844), (320, 568), (844, 390), (1280, 900)])
def test_everything_one_presses_is_in_view_and_big_enough(
    open_session: Open, session: Session, size: tuple[int, int]
) -> None:
    page = open_session(session)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.locator("#start").click()

    for name in ("back", "pause", "skip", "hurts", "left", "name"):
        box = page.locator(f"#{name}").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1]
        assert box["height"] >= 44 or name in {"name", "left"}
