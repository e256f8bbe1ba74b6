"""The pages in the machine's own Chromium, below a path as behind a proxy, on a database with real runs."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.bootstrap import App, build
from service.domain.classification import RunType
from service.domain.sessions import Session
from service.ports import Raw
from tests.fakes import Clock

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LEFT_OUT = "the pages were not tried in a browser: install one with `apt-get install -y chromium`"
SETTINGS = """\
base_url = "http://127.0.0.1:{port}/legs"

[[athletes]]
id = "kim"
name = "Kim"
timezone = "Europe/Berlin"
[athletes.sources.folder]
path = "runs"
[athletes.sources.strava]
client_id = 12345
client_secret = "made-up"
[athletes.channels.calendar]
path = "calendar"

[[athletes]]
id = "anna"
name = "Anna"
timezone = "Europe/Berlin"
"""
# What is spoken is written down, for no machine that runs tests has a voice.
EARS = """
window.spoken = [];
window.speechSynthesis.speak = (words) => window.spoken.push(words.text);
"""
# A busy machine is no failure.
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)
PHONE = {"width": 390, "height": 844}


@dataclass
class Serving:
    """Afterrun with its pages on a port of this machine. It may be stopped, and started again at the same address."""

    app: App
    clock: Clock
    port: int
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None
    taken: int = field(default=0)

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        config = uvicorn.Config(self.app.website(), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        if self.server is not None and self.thread is not None:
            self.server.should_exit = True
            self.thread.join()
            self.server = None

    def run_of(self, athlete: str, kind: RunType) -> tuple[Session, ...]:
        """Take in a run that ended two minutes ago and return the sessions it earned."""
        self.taken += 1
        activity = sample.latest(kind, self.clock.now() - timedelta(minutes=2), seed=self.taken)
        name, body = f"{self.taken}.fit", encode(activity)
        raw = Raw(source="folder", external_id=name, media_type="fit", body=body, received_at=self.clock.now())
        self.app.ingest.take(athlete, raw)
        judged = self.app.coach.coach()
        (case,) = (one for one in judged if one.sessions)
        self.app.coach.correct(case.activity_id, kind)
        return tuple(self.app.feedback.session(session.id) for session in case.sessions)

    def address(self, session: Session) -> str:
        return self.app.links.session(session.id)

    def state(self, session: Session) -> str:
        return self.app.feedback.session(session.id).state.value


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = os.environ.get("AFTERRUN_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(LEFT_OUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = tmp_path / "afterrun.toml"
    place.write_text(SETTINGS.format(port=port))
    clock = Clock(datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0))
    serving = Serving(app=build(load(place, env={}), clock), clock=clock, port=port)
    serving.start()
    yield serving
    serving.stop()
    serving.app.close()


@pytest.fixture
def phone(chromium: Browser, serving: Serving) -> Iterator[BrowserContext]:
    context = a_phone(chromium)
    yield context
    context.close()


def a_phone(chromium: Browser, **more: object) -> BrowserContext:
    """Return a browser of its own, the size of a phone."""
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, **more)  # type: ignore[arg-type]
    context.add_init_script(EARS)
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def page(phone: BrowserContext) -> Iterator[Page]:
    """Return a page whose clock stands still until it is moved, and which runs into no error."""
    page = phone.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if _is_fault(said.type, said.text) else None)
    stand_still(page)
    yield page
    assert errors == []


def stand_still(page: Page) -> None:
    """Stop the clock of a page: from now on only a test moves it."""
    page.clock.install(time=datetime.now(UTC))
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))


def _is_fault(kind: str, text: str) -> bool:
    """Tell faults of ours from what a browser says of a lost network."""
    return kind == "error" and "net::ERR_" not in text and "Failed to load resource" not in text


@pytest.fixture
def open_session(page: Page, serving: Serving) -> Callable[[Session], Page]:
    """Return what opens a session's page from its message and lets it settle."""

    def opened(session: Session) -> Page:
        page.goto(serving.address(session))
        page.locator("#start").wait_for()
        return page

    return opened
