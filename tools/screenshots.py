"""Every page in its states, on a phone and on a desk, light and dark, as pictures to look at.

    .venv/bin/python tools/screenshots.py shots             # all of them, into the folder shots
    .venv/bin/python tools/screenshots.py shots session     # those whose names begin with "session"
    .venv/bin/python tools/screenshots.py --readme          # the few that README.md shows, into docs/images

It needs Chromium on the machine. The runner, the runs and what was done with them are made up (integrations/sample.py).
"""

import argparse
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from config import catalogue
from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.bootstrap import App, build
from service.demo import StandingClock
from service.domain.body import Felt, Said
from service.domain.classification import RunType
from service.domain.movements import Kit, Site
from service.domain.routine import Part, compose
from service.domain.sessions import Offer, State, Window
from service.domain.wish import Wish
from service.ports import NewSession, Raw, Standing
from service.ports import Stage as How

ROOT = Path(__file__).resolve().parents[1]
PORT = 8799
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
SCHEMES = ("light", "dark")
SETTINGS = f"""\
base_url = "http://127.0.0.1:{PORT}"

[athlete]
name = "Kim"
timezone = "Europe/Berlin"

[sources.folder]
path = "runs"

[channels.calendar]
path = "calendar"

[channels.ntfy]
url = "http://127.0.0.1:9/legs"
"""


@dataclass
class Stage:
    """A made-up runner's Afterrun with its pages being served. `now` is what its clock says."""

    app: App
    clock: StandingClock

    def take(self, kind: RunType) -> str:
        """Take in a run that ended two minutes ago and return the address of the session it earned."""
        activity = sample.latest(kind, self.clock.now() - timedelta(minutes=2))
        self._take(f"{activity.started_at:%Y-%m-%d-%H%M}.fit", encode(activity), bulk=False)
        (case,) = (one for one in self.app.coach.coach() if one.sessions)
        return self.app.links.session(case.sessions[-1].id)

    def past(self, weeks: int) -> None:
        """Take in the weeks before."""
        for activity in sample.history(self.clock.now() - timedelta(hours=20), weeks=weeks):
            self._take(f"{activity.started_at:%Y-%m-%d-%H%M}.fit", encode(activity), bulk=True)
        self.app.coach.coach()

    def troubles(self) -> None:
        """Let something need a hand, something be unreadable, something hurt, and sessions of the past be done."""
        now, week = self.clock.now(), timedelta(days=7)
        with self.app.database.writing() as store:
            todo = "the token was refused: make a new one in ntfy's settings, then connect again"
            standing = Standing(last_success=now - timedelta(days=2), failures=3, trouble=todo, todo=todo)
            store.set_standing("me", "channels.ntfy", standing)
            store.set_standing("me", "sources.folder", Standing(last_success=now - timedelta(seconds=40)))
            store.add_said("me", Said(site=Site.KNEE, felt=Felt.SORE, at=now - timedelta(days=4)))
            store.add_said("me", Said(site=Site.CALVES, felt=Felt.TIGHT, at=now - timedelta(days=1)))
        for number, moment in enumerate(now - week * back / 3 for back in range(1, 60)):
            self._one_of_old(number, moment)
        begun = self.app.bring.begin("me", "export_2291.zip")
        fates = {"imported": 812, "duplicate": 14, "malformed": 1}
        troubles = (("activities/17.fit.gz", "cut short: export it again"),)
        reading = replace(begun, stage=How.READING, total=1290, fates=fates, troubles=troubles, changed_at=now)
        over = replace(
            self.app.bring.begin("me", "sunday.fit"), stage=How.DONE, total=1, fates={"imported": 1}, judged=1
        )
        with self.app.database.writing() as store:
            store.set_bringing(reading)
            store.set_bringing(over)
        self._take("cut-short.fit", b"not a recording at all", bulk=True)
        self.app.entry.issue_token("me", "home automation")

    def _one_of_old(self, number: int, moment: datetime) -> None:
        """Write a session done long ago, and how it was."""
        routine = compose(Wish(run_type=list(RunType)[number % 4], seed=number, kit=frozenset(Kit)), *catalogue.load())
        window = Window(opens=moment, closes=moment + timedelta(hours=12))
        offer = Offer(part=Part.WHOLE, window=window, announce_at=moment)
        with self.app.database.writing() as store:
            session = store.add_session("me", None, NewSession(key=str(uuid4()), offer=offer, routine=routine), moment)
            if session is not None and number % 5:
                store.settle_session(session, State.DONE, moment)
                store.add_feedback(session, ("good", "good", "too much", "good", "too easy")[number % 5], moment)

    def _take(self, name: str, body: bytes, *, bulk: bool) -> None:
        raw = Raw(source="folder", external_id=name, media_type="fit", body=body, received_at=self.clock.now())
        self.app.ingest.take("me", raw, bulk=bulk)


type Act = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    """A picture: where, what is done there first, and whether the whole page is wanted."""

    name: str
    address: str
    act: Act | None = None
    whole: bool = True
    signed_in: bool = True


def shots(stage: Stage) -> Iterator[Shot]:
    """Yield every picture there is; what is done to the runner between two of them shows from the next one on."""
    base, app = stage.app.links.base_url, stage.app
    yield Shot("welcome", f"{base}/", signed_in=False)
    yield Shot("sign-in", app.links.sign_in(app.entry.invite("me")), signed_in=False)
    yield Shot("sign-in-stale", f"{base}/sign-in/used-up", signed_in=False)
    yield Shot("error-not-here", f"{base}/nowhere", signed_in=False)
    yield Shot("error-signed-out", f"{base}/history", signed_in=False)
    yield Shot("first-today", f"{base}/")
    yield Shot("first-history", f"{base}/history")
    yield Shot("first-connections", f"{base}/connections")
    yield Shot("first-quarantine", f"{base}/quarantine")
    stage.past(weeks=26)
    tempo = stage.take(RunType.TEMPO)
    yield Shot("session", tempo, signed_in=False)
    yield Shot("session-known", tempo)
    yield Shot("session-top", tempo, whole=False, signed_in=False)
    yield Shot(
        "session-later", tempo, lambda page: page.locator(".later summary").click(), whole=False, signed_in=False
    )
    yield from _playing(tempo)
    yield Shot("today", f"{base}/")
    stage.troubles()
    yield Shot("today-needs-a-hand", f"{base}/")
    newest = app.runs.newest("me")
    yield Shot("run", f"{base}/runs/{newest.id if newest else 0}")
    yield Shot("history", f"{base}/history")
    yield Shot("body", f"{base}/body")
    yield Shot("body-list", f"{base}/body", lambda page: page.get_by_text("The same as a list").click())
    yield Shot("preferences", f"{base}/preferences")
    yield Shot("preferences-wrong", f"{base}/preferences", _wrong)
    yield Shot("more", f"{base}/more")
    yield Shot("connections", f"{base}/connections")
    yield Shot("connection", f"{base}/connections/ntfy")
    yield Shot("import", f"{base}/import")
    yield Shot("quarantine", f"{base}/quarantine")
    yield Shot("devices", f"{base}/devices")
    app.feedback.done(app.feedback.newest("me").id)
    yield Shot("session-done", tempo, signed_in=False)
    yield Shot("today-done", f"{base}/")


def _playing(session: str) -> Iterator[Shot]:
    states: dict[str, Act] = {
        "ready": _play,
        "work": lambda page: _play(page, steps=2, seconds=22),
        "reps": lambda page: _play(page, steps=3, seconds=25),
        "breath": lambda page: _play(page, steps=-1, seconds=13),
        "paused": lambda page: _play(page, steps=1, then="#pause"),
        "hurts": lambda page: _play(page, steps=2, then="#hurts"),
        "end": lambda page: _play(page, steps=99),
    }
    for name, act in states.items():
        yield Shot(f"player-{name}", session, act, whole=False, signed_in=False)


def _wrong(page: Page) -> None:
    page.locator('[name="athlete.timezone"]').fill("Europe/Berln")
    page.get_by_role("button", name="Keep").click()


def _play(page: Page, *, steps: int = 0, seconds: float = 3, then: str = "") -> None:
    page.locator("#start").click()
    count = page.locator("#laps > i").count()
    for _ in range(min(steps if steps >= 0 else count + steps, count)):
        page.locator("#skip").click()
    page.clock.run_for(int(seconds * 1000))
    if then:
        page.locator(then).click()
    page.wait_for_timeout(400)


@contextmanager
def staged() -> Iterator[Stage]:
    """Set up a made-up runner and serve the pages."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "afterrun.toml"
        place.write_text(SETTINGS, encoding="utf-8")
        clock = StandingClock(datetime.now(UTC).replace(hour=16, minute=20, second=0, microsecond=0))
        app = build(load(place, env={}), clock)
        config = uvicorn.Config(app.website(), port=PORT, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield Stage(app, clock)
        server.should_exit = True
        thread.join()
        app.close()


class Camera:
    """Takes pictures of one size in one scheme."""

    def __init__(self, browser: Browser, stage: Stage, size: str, scheme: str) -> None:
        self.stage, self.width, self.height = stage, *SIZES[size]
        self.settings = {
            "color_scheme": scheme,
            "device_scale_factor": 2 if size == "phone" else 1,
            "has_touch": size == "phone",
        }
        self.browser = browser
        with self._page(known=False) as page:
            page.goto(stage.app.links.sign_in(stage.app.entry.invite("me")))
            page.get_by_role("button", name="Sign in").click()
            self.known = page.context.storage_state()

    def take(self, shot: Shot, place: Path) -> None:
        """Take a picture; a whole page as if the screen were as high as the page is."""
        with self._page(known=shot.signed_in) as page:
            page.goto(shot.address)
            if shot.act:
                shot.act(page)
            if shot.whole:
                high = page.evaluate("() => document.documentElement.scrollHeight")
                page.set_viewport_size({"width": self.width, "height": max(self.height, high)})
            page.wait_for_timeout(250)
            page.screenshot(path=place)

    @contextmanager
    def _page(self, *, known: bool) -> Iterator[Page]:
        viewport: ViewportSize = {"width": self.width, "height": self.height}
        state = self.known if known else None
        context = self.browser.new_context(viewport=viewport, storage_state=state, **self.settings)  # type: ignore[arg-type]
        page = context.new_page()
        page.clock.install(time=self.stage.clock.now())
        page.clock.pause_at(self.stage.clock.now() + timedelta(seconds=1))
        yield page
        context.close()


def main() -> int:
    """Take the pictures asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--scheme", choices=SCHEMES)
    wanted = parser.parse_args()
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        sys.exit("There is no Chromium here: apt-get install -y chromium")
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with staged() as stage, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        sizes, schemes = [wanted.size] if wanted.size else SIZES, [wanted.scheme] if wanted.scheme else SCHEMES
        cameras = {f"{size}-{scheme}": Camera(browser, stage, size, scheme) for size in sizes for scheme in schemes}
        for shot in shots(stage):
            if wanted.names and not shot.name.startswith(tuple(wanted.names)):
                continue
            for name, camera in cameras.items():
                camera.take(shot, wanted.folder / f"{shot.name}-{name}.png")
            print(shot.name)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
