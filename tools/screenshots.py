"""Every page in its states, on a phone and on a desk, light and dark, as pictures to look at.

    .venv/bin/python tools/screenshots.py shots                        # all of them, into the folder shots
    .venv/bin/python tools/screenshots.py shots session today          # those whose names begin so
    .venv/bin/python tools/screenshots.py --readme docs/images         # the few that README.md shows

It needs Chromium on the machine, and a phone's kind of letters (Debian: fonts-urw-base35, fonts-noto-core). The runner,
the runs and what was done with them are made up (tools/made_up.py).
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

from config import catalogue
from config.figures import motions
from service.domain.classification import RunType
from service.domain.figure import strip
from tools.made_up import MadeUp, served

SIZES = {"phone": (390, 844), "desk": (1280, 900)}
SCHEMES = ("light", "dark")
AGENTS = {"phone": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "desk": None}
# Those that README.md shows, each light and dark, and what they are called there.
README = {"session-top": "session", "player-work": "player", "run-top": "run", "figures": "figures"}
SHOWN = (
    "roll_calves",
    "wall_ankle",
    "worlds_greatest",
    "side_bends",
    "cat_cow",
    "figure_four",
    "hamstring_lying",
    "glute_bridge",
)
GALLERY = """
body { margin: 0; padding: 20px 28px; font: 600 17px Palatino, "URW Palladio L", P052, Georgia, serif; }
body { display: grid; grid-template-columns: repeat(4, 1fr); gap: 20px 28px; background: #f6f4ee; color: #1a231f; }
figure { margin: 0; text-align: center; }
svg { display: block; width: 100%; height: 150px; margin-bottom: 8px; }
@media (prefers-color-scheme: dark) { body { background: #111614; color: #e9ede8; } }
"""
LOADED = "() => [...document.images].every((one) => one.complete && (one.hidden || one.naturalWidth))"
ALL_AT_ONCE = "() => document.querySelectorAll('img[loading]').forEach((one) => one.removeAttribute('loading'))"

type Act = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    """A picture: where, what is done there first, and whether the whole page is wanted."""

    name: str
    address: str
    act: Act | None = None
    whole: bool = True
    signed_in: bool = True


def shots(kim: MadeUp) -> Iterator[Shot]:
    """Yield every picture there is; what is done to the runner between two of them shows from the next one on."""
    yield from _strangers(kim)
    yield from _first(kim)
    kim.past(weeks=26)
    kim.did_much()
    kim.is_well()
    (tempo,) = kim.runs(RunType.TEMPO)
    yield Shot("figures", _page(kim, "/"), _gallery, whole=False)
    yield from _session(kim.app.links.session(tempo.id))
    yield from _playing(kim.app.links.session(tempo.id))
    yield from _one_waits(kim, tempo.run)
    kim.is_sore()
    kim.is_in_trouble()
    kim.brings_in()
    yield from _looking_after(kim)
    done = kim.app.links.session(tempo.id)
    yield Shot("player-felt", done, lambda page: _play(page, steps=99, then="#done"), whole=False, signed_in=False)
    kim.app.feedback.done(tempo.id)
    yield Shot("session-done", done, signed_in=False)
    yield Shot("today-done", _page(kim, "/"))
    yield from _days_later(kim)


def _page(kim: MadeUp, path: str) -> str:
    return f"{kim.app.links.base_url}{path}"


def _strangers(kim: MadeUp) -> Iterator[Shot]:
    pages = {
        "welcome": _page(kim, "/"),
        "sign-in": kim.app.links.sign_in(kim.app.entry.invite("me")),
        "sign-in-stale": _page(kim, "/sign-in/used-up"),
        "error-link-expired": _page(kim, "/s/long-ago"),
        "error-signed-out": _page(kim, "/history"),
    }
    for name, address in pages.items():
        yield Shot(name, address, signed_in=False)
    yield Shot("error-not-here", _page(kim, "/nowhere"))
    yield Shot("error-forged", _page(kim, "/preferences"), _forged)


def _first(kim: MadeUp) -> Iterator[Shot]:
    for name in ("", "history", "body", "connections", "import", "quarantine"):
        yield Shot(f"first-{name or 'today'}", _page(kim, f"/{name}"))


def _session(address: str) -> Iterator[Shot]:
    yield Shot("session", address, signed_in=False)
    yield Shot("session-known", address)
    yield Shot("session-top", address, whole=False, signed_in=False)
    yield Shot("session-step", address, lambda page: page.locator(".steps summary").nth(1).click(), whole=False)
    yield Shot("session-later", address, lambda page: page.locator(".later summary").click(), whole=False)


def _playing(session: str) -> Iterator[Shot]:
    states: dict[str, Act] = {
        "ready": _play,
        "work": lambda page: _play(page, steps=1, seconds=22),
        "side-switch": lambda page: _until(page, "Other"),
        "reps": lambda page: _play(page, steps=3, seconds=25),
        "hold": lambda page: _play(page, steps=-3, seconds=20),
        "breath": lambda page: _play(page, steps=-1, seconds=13),
        "paused": lambda page: _play(page, steps=1, then="#pause"),
        "away": lambda page: _play(page, steps=1, asleep=40),
        "hurts": lambda page: _play(page, steps=2, then="#hurts"),
        "end": lambda page: _play(page, steps=99),
    }
    for name, act in states.items():
        yield Shot(f"player-{name}", session, act, whole=False, signed_in=False)


def _one_waits(kim: MadeUp, run: int) -> Iterator[Shot]:
    without, corrected = kim.without_heart_rate(), kim.app.runs.between("me", kim.clock.now() - 2 * WEEK, LATER)[-1]
    kim.app.coach.correct(corrected.id, RunType.LONG)
    yield Shot("today", _page(kim, "/"))
    yield Shot("run", _page(kim, f"/runs/{run}"))
    yield Shot("run-top", _page(kim, f"/runs/{run}"), whole=False)
    yield Shot("run-without-heart-rate", _page(kim, f"/runs/{without}"))
    yield Shot("run-corrected", _page(kim, f"/runs/{corrected.id}"))
    yield Shot("run-lent", _page(kim, f"/runs/{kim.lent(without)}"))
    yield Shot("history", _page(kim, "/history"))
    yield Shot("connections-well", _page(kim, "/connections"))


def _looking_after(kim: MadeUp) -> Iterator[Shot]:
    yield Shot("today-needs-a-hand", _page(kim, "/"))
    yield Shot("body", _page(kim, "/body"))
    yield Shot("body-list", _page(kim, "/body"), lambda page: page.get_by_text("The same as a list").click())
    yield Shot("preferences", _page(kim, "/preferences"))
    yield Shot("preferences-wrong", _page(kim, "/preferences"), _wrong)
    yield Shot("more", _page(kim, "/more"))
    yield Shot("connections", _page(kim, "/connections"))
    yield Shot("connection", _page(kim, "/connections/ntfy"))
    yield Shot("connection-strava", _page(kim, "/connections/strava"))
    strava = _page(kim, "/connections/strava")
    yield Shot("connection-leaving", strava, lambda page: page.get_by_text("Disconnect Strava").click())
    yield Shot("connection-talk", strava, _connect)
    yield Shot("import", _page(kim, "/import"))
    yield Shot("quarantine", _page(kim, "/quarantine"))
    kim.app.entry.issue_token("me", "home automation")
    yield Shot("devices", _page(kim, "/devices"))


def _days_later(kim: MadeUp) -> Iterator[Shot]:
    kim.at(19, 7, 10)
    (easy,) = kim.runs(RunType.EASY)
    kim.app.feedback.skip(easy.id)
    yield Shot("session-skipped", kim.app.links.session(easy.id), signed_in=False)
    kim.at(19, 18, 40)
    (interval,) = kim.runs(RunType.INTERVAL)
    kim.at(20, 12)
    yield Shot("session-expired", kim.app.links.session(interval.id), signed_in=False)
    kim.at(21, 7, 5)
    yield Shot("today-catch-up", _page(kim, "/"))
    yield Shot("session-catch-up", kim.app.links.session(kim.waiting().id), signed_in=False)
    kim.at(21, 10, 53)
    now, later = kim.runs(RunType.LONG)
    yield Shot("today-long-run", _page(kim, "/"))
    yield Shot("session-now", kim.app.links.session(now.id), signed_in=False)
    yield Shot("session-evening", kim.app.links.session(later.id))


WEEK = timedelta(days=7)
LATER = datetime(2027, 1, 1).astimezone()


def _gallery(page: Page) -> None:
    """Show some of the figures, at rest."""
    movements, _ = catalogue.load()
    drawn = (f"<figure>{strip(movements[name], motions()[name])}{movements[name].name}</figure>" for name in SHOWN)
    page.goto("about:blank")
    page.set_viewport_size({"width": 1000, "height": 430})
    page.set_content(f"<!doctype html><title>Figures</title><style>{GALLERY}</style>{''.join(drawn)}")


def _wrong(page: Page) -> None:
    page.locator('[name="athlete.timezone"]').fill("Europe/Berln")
    page.get_by_role("button", name="Keep").click()


def _forged(page: Page) -> None:
    page.evaluate("document.querySelector('main [name=guard]').value = 'from elsewhere'")
    page.get_by_role("button", name="Keep").click()


def _connect(page: Page) -> None:
    begin, question = page.get_by_role("button", name="Connect and try it"), page.get_by_role("button", name="Go on")
    if begin.is_visible():
        begin.click()
    while not question.is_visible():
        page.clock.run_for(1500)
        page.wait_for_timeout(100)


def _play(page: Page, *, steps: int = 0, seconds: float = 3, asleep: float = 0, then: str = "") -> None:
    page.locator("#start").click()
    count = page.locator("#laps > i").count()
    for _ in range(min(steps if steps >= 0 else count + steps, count)):
        page.locator("#skip").click()
    page.clock.run_for(int(seconds * 1000))
    if asleep:
        page.clock.fast_forward(int(asleep * 1000))
    if then:
        page.locator(then).click()


def _until(page: Page, label: str) -> None:
    """Play from the first movement with sides until the sides change."""
    _play(page, steps=4)
    for _ in range(120):
        if label in page.locator("#label").inner_text():
            return
        page.clock.run_for(1000)


class Camera:
    """Takes pictures of one size in one scheme, signed in anew whenever time has gone on."""

    def __init__(self, browser: Browser, kim: MadeUp, size: str, scheme: str) -> None:
        self.kim, self.browser, self.width, self.height = kim, browser, *SIZES[size]
        self.scheme = scheme
        self.settings = {
            "color_scheme": scheme,
            "device_scale_factor": 2 if size == "phone" else 1,
            "has_touch": size == "phone",
            "user_agent": AGENTS[size],
        }
        self.known: StorageState | None = None
        self.since: datetime | None = None

    def take(self, shot: Shot, place: Path) -> None:
        """Take a picture; a whole page as if the screen were as high as the page is."""
        if self.since != self.kim.clock.moment:
            self._sign_in()
        with self._page(known=shot.signed_in) as page:
            page.goto(shot.address)
            page.evaluate(ALL_AT_ONCE)
            if shot.act:
                shot.act(page)
            if shot.whole:
                high = page.evaluate("() => document.documentElement.scrollHeight")
                page.set_viewport_size({"width": self.width, "height": max(self.height, high)})
            page.wait_for_function(LOADED)
            page.wait_for_timeout(300)  # a breath for what fades in
            page.screenshot(path=place)

    def _sign_in(self) -> None:
        with self._page(known=False) as page:
            page.goto(self.kim.app.links.sign_in(self.kim.app.entry.invite("me")))
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("navigation").wait_for()
            self.known, self.since = page.context.storage_state(), self.kim.clock.moment

    @contextmanager
    def _page(self, *, known: bool) -> Iterator[Page]:
        viewport: ViewportSize = {"width": self.width, "height": self.height}
        state = self.known if known else None
        context = self.browser.new_context(viewport=viewport, storage_state=state, **self.settings)  # type: ignore[arg-type]
        page = context.new_page()
        page.clock.install(time=self.kim.clock.now())
        page.clock.pause_at(self.kim.clock.now() + timedelta(seconds=1))
        yield page
        context.close()


def main() -> int:
    """Take the pictures asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--scheme", choices=SCHEMES)
    parser.add_argument("--readme", action="store_true")
    wanted = parser.parse_args()
    names, sizes = tuple(README if wanted.readme else wanted.names), [wanted.size] if wanted.size else list(SIZES)
    if wanted.readme:
        sizes = ["phone"]
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        sys.exit("There is no Chromium here: apt-get install -y chromium")
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with served() as kim, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        cameras = {
            f"{size}-{scheme}": Camera(browser, kim, size, scheme)
            for size in sizes
            for scheme in ([wanted.scheme] if wanted.scheme else SCHEMES)
        }
        for shot in shots(kim):
            if names and not shot.name.startswith(names):
                continue
            for name, camera in cameras.items():
                called = f"{README[shot.name]}-{camera.scheme}" if wanted.readme else f"{shot.name}-{name}"
                camera.take(shot, wanted.folder / f"{called}.png")
            print(shot.name, flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
