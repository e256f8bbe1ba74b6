"""How fast the pages answer: a session's page and Strava's door, as ratios to a bare page of the same server.

    .venv/bin/python benchmarks/bench_web.py [SECONDS]

wrk asks one server process, on a database of a half-year's runs, from eight connections at once; the bare page is
/healthz, and all take turns. Callers are not held to their pace here. It needs wrk: apt-get install -y wrk.
"""

import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import requests
import uvicorn

from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.bootstrap import App, build
from service.domain.classification import RunType
from service.ports import Raw
from service.web.app import make_app
from tests.integrations.strava_home import Talk
from tests.peers.strava import StravaPeer

ROUNDS, CONNECTIONS = 3, 8
WEEKS = 26
OWNER = 7
SETTINGS = """\
base_url = "http://127.0.0.1:{port}"
[athlete]
timezone = "Europe/Berlin"
[sources.strava]
client_id = {peer.client_id}
client_secret = "{peer.client_secret}"
base_url = "{peer.url}"
oauth_url = "{peer.url}"
webhook = true
"""
# Each event is about another run, as it is after a race.
EVENTS = """\
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local number = 0
request = function()
  number = number + 1
  return wrk.format(nil, nil, nil, string.format(
    '{{"object_type":"activity","aspect_type":"create","object_id":%d,"owner_id":{owner},"subscription_id":{hook},"event_time":{now}}}',
    number))
end
"""
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Measured:
    """What wrk measured: requests a second, and within how many milliseconds 99 of 100 were answered."""

    a_second: float
    p99_ms: float


def main() -> None:
    """Print each page's figures and ratios."""
    if "--serve" in sys.argv:
        serve(Path(sys.argv[1]), int(sys.argv[2]))
        return
    if shutil.which("wrk") is None:
        print("pages: not measured, for wrk is not here: apt-get install -y wrk")
        return
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder, StravaPeer() as peer:
        app, port = house(Path(folder), peer)
        with served(Path(folder), port):
            measure(asked(app, Path(folder), port), seconds)
        app.close()


def measure(pages: dict[str, list[str]], seconds: int) -> None:
    """Ask each page in turn, several times, and print the medians with their ratios to the first, the bare one."""
    found: dict[str, list[Measured]] = {name: [] for name in pages}
    for _ in range(ROUNDS):
        for name, arguments in pages.items():
            found[name].append(wrk(arguments, seconds))
    bare, *_ = (median(rounds) for rounds in found.values())
    for name, rounds in found.items():
        one = median(rounds)
        print(
            f"{name:<16}{one.a_second:6.0f} requests/s, {bare.a_second / one.a_second:5.1f} x fewer than bare;"
            f" p99 {one.p99_ms:6.1f} ms, {one.p99_ms / bare.p99_ms:5.1f} x bare"
        )


def median(rounds: list[Measured]) -> Measured:
    """Return the medians of several rounds."""
    return Measured(
        a_second=statistics.median(one.a_second for one in rounds),
        p99_ms=statistics.median(one.p99_ms for one in rounds),
    )


def wrk(arguments: list[str], seconds: int) -> Measured:
    """Have wrk ask for so many seconds; raise SystemExit where anything was answered otherwise than with 200."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *arguments]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command
    if "Non-2xx" in said:
        sys.exit(said)
    number, unit = _found(r"99%\s+([\d.]+)(us|ms|s)", said)
    return Measured(a_second=float(_found(r"Requests/sec:\s+([\d.]+)", said)[0]), p99_ms=float(number) * UNITS[unit])


def _found(pattern: str, text: str) -> tuple[str, ...]:
    match = re.search(pattern, text)
    if match is None:
        sys.exit(f"wrk said something else:\n{text}")
    return match.groups()


def house(folder: Path, peer: StravaPeer) -> tuple[App, int]:
    """Return an Afterrun with half a year of runs, a session still to do, and a runner who is at Strava too."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    (folder / "afterrun.toml").write_text(SETTINGS.format(port=port, peer=peer))
    app, now = build(load(folder / "afterrun.toml", env={})), datetime.now(UTC)
    past = sample.history(now - timedelta(hours=20), weeks=WEEKS)
    for run in [*past, sample.latest(RunType.TEMPO, now - timedelta(minutes=2))]:
        name = f"{run.started_at:%Y%m%d%H%M}.fit"
        raw = Raw(source="folder", external_id=name, media_type="fit", body=encode(run), received_at=now)
        app.ingest.take("me", raw, bulk=run in past)
    app.coach.coach()
    app.connect("me", "strava", Talk({"code": peer.athlete(OWNER).consents()}))
    return app, port


def asked(app: App, folder: Path, port: int) -> dict[str, list[str]]:
    """Return what wrk is to ask for, by name, the bare page first."""
    address, token = app.callback("strava")
    (hook,) = app.webhooks["strava"].values()
    talk = Talk()
    hook.create(talk, address, token)
    (number,) = re.findall(r"subscription (\d+)", " ".join(talk.heard))
    script = folder / "events.lua"
    script.write_text(EVENTS.format(owner=OWNER, hook=number, now=int(time.time())))
    return {
        "/healthz (bare)": [f"http://127.0.0.1:{port}/healthz"],
        "/s/<token>": [app.links.session(app.feedback.newest("me").id)],
        "/webhooks/strava": ["-s", str(script), address],
    }


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """Serve the pages in a process of their own."""
    command = [sys.executable, __file__, str(folder), str(port), "--serve"]
    with subprocess.Popen(command) as server:  # noqa: S603 - our own command
        try:
            for _ in range(600):
                try:
                    requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                    break
                except requests.ConnectionError:
                    time.sleep(0.1)
            yield
        finally:
            server.terminate()


def serve(folder: Path, port: int) -> None:
    """Serve the pages of the house in a folder; to the pace of callers, an hour passes between any two requests."""
    app, tick = build(load(folder / "afterrun.toml", env={})), count(step=3600.0)
    uvicorn.run(make_app(app.site, seconds=lambda: next(tick)), port=port, log_config=None, lifespan="off")


if __name__ == "__main__":
    main()
