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
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.bootstrap import App, build
from service.demo import StandingClock
from service.domain.classification import RunType
from service.ports import Raw

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
    """Yield every picture there is."""
    base = stage.app.links.base_url
    tempo = stage.take(RunType.TEMPO)
    yield Shot("welcome", f"{base}/", signed_in=False)
    yield Shot("sign-in", stage.app.links.sign_in(stage.app.entry.invite("me")), signed_in=False)
    yield Shot("sign-in-stale", f"{base}/sign-in/used-up", signed_in=False)
    yield Shot("error-not-here", f"{base}/nowhere", signed_in=False)
    yield Shot("session", tempo, signed_in=False)
    yield Shot("session-top", tempo, whole=False, signed_in=False)
    yield Shot("player-ready", tempo, _play, whole=False, signed_in=False)
    yield Shot("player-work", tempo, lambda page: _play(page, steps=2, seconds=22), whole=False, signed_in=False)
    yield Shot("player-reps", tempo, lambda page: _play(page, steps=3, seconds=25), whole=False, signed_in=False)
    yield Shot("player-breath", tempo, lambda page: _play(page, steps=-1, seconds=13), whole=False, signed_in=False)
    yield Shot("player-paused", tempo, lambda page: _play(page, steps=1, then="#pause"), whole=False, signed_in=False)
    yield Shot("player-hurts", tempo, lambda page: _play(page, steps=2, then="#hurts"), whole=False, signed_in=False)
    yield Shot("player-end", tempo, lambda page: _play(page, steps=99), whole=False, signed_in=False)


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


def picture(browser: Browser, stage: Stage, shot: Shot, *, size: str, scheme: str, place: Path) -> None:
    """Take one picture."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        device_scale_factor=2 if size == "phone" else 1,
        has_touch=size == "phone",
    )
    page = context.new_page()
    page.clock.install(time=stage.clock.now())
    page.clock.pause_at(stage.clock.now() + timedelta(seconds=1))
    if shot.signed_in:
        page.goto(stage.app.links.sign_in(stage.app.entry.invite("me")))
        page.get_by_role("button", name="Sign in").click()
    page.goto(shot.address)
    if shot.act:
        shot.act(page)
    page.screenshot(path=place, full_page=shot.whole)
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
        stage.past(weeks=12)
        for shot in shots(stage):
            if wanted.names and not shot.name.startswith(tuple(wanted.names)):
                continue
            for size in [wanted.size] if wanted.size else SIZES:
                for scheme in [wanted.scheme] if wanted.scheme else SCHEMES:
                    place = wanted.folder / f"{shot.name}-{size}-{scheme}.png"
                    picture(browser, stage, shot, size=size, scheme=scheme, place=place)
                    print(place)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
