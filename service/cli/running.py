"""Commands that serve: run, worker, web; and the demonstration."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.options import with_app, with_debug
from service.doctor import privacy
from service.domain.words import listed, many
from service.engine import memory
from service.engine.manager import Manager
from service.engine.pulse import BEAT_S, Pulse

if TYPE_CHECKING:
    import uvicorn

    from service.bootstrap import App

log = logging.getLogger("afterrun")

# All of a stop, pages and worker together, stays below the five seconds after which a person reaches for kill.
PAGES_GRACE = timedelta(seconds=1)
WORKER_GRACE = timedelta(seconds=3)
# So many athletes' names fit into a line.
NAMED = 8


@click.command("run")
@with_app
def run_command(app: "App") -> None:
    """Serve until stopped: take runs in, send routines, show pages."""
    with app.worker_lock():
        listener = _listen(app)
        greet(app, listener)
        _serve(app, lambda pulse: _serve_pages(app, listener, pulse))


@click.command("worker")
@with_app
def worker_command(app: "App") -> None:
    """Serve without the pages, until stopped."""
    with app.worker_lock():
        greet(app, None)
        _serve(app, _until_told)


@click.command("web")
@with_app
def web_command(app: "App") -> None:
    """Serve the pages alone, until stopped."""
    with app.database.reading():  # one that cannot be opened is said before anybody is listened to
        listener = _listen(app)
    greet(app, listener)
    with Pulse(Manager.around()) as pulse:
        _serve_pages(app, listener, pulse)


def _serve(app: "App", block: Callable[[Pulse], None]) -> None:
    """Run the worker for as long as `block` lasts, and stop it within its grace."""
    memory.share()
    worker = app.worker
    memory.keep()
    app.begin_afresh()
    worker.start()
    try:
        with Pulse(Manager.around(), worker.stuck) as pulse:
            block(pulse)
    finally:
        ended = worker.stop(WORKER_GRACE)
        app.health.end()
        log.info("stopped")
    if not ended:
        # A send that hangs must not hold up a stop: what it leaves open is asked about at the next start.
        logging.shutdown()
        os._exit(0)


def _until_told(pulse: Pulse) -> None:
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    pulse.begin()
    told.wait()


def _listen(app: "App") -> socket.socket:
    """Return where the pages are served: the address systemd holds, or else the one in the settings."""
    if handed_over := Manager.around().listener():
        return handed_over
    web = app.settings.web
    try:
        return socket.create_server((web.host, web.port))
    except OSError as exc:
        raise click.ClickException(
            f"{web.listen} cannot be listened at ({exc.strerror}): stop what is there, or change listen in [web]"
        ) from exc


def _serve_pages(app: "App", listener: socket.socket, pulse: Pulse) -> None:
    import uvicorn  # noqa: PLC0415 - only where pages are served

    from service.web.server import Server  # noqa: PLC0415 - the same

    # The server hands a signal on once it has stopped; the worker is then still to be stopped.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    config = uvicorn.Config(
        app.website(),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=int(PAGES_GRACE.total_seconds()),
    )
    memory.keep()
    asyncio.run(_serving(Server(config), listener, pulse), loop_factory=config.get_loop_factory())


async def _serving(server: "uvicorn.Server", listener: socket.socket, pulse: Pulse) -> None:
    """Serve, with a pulse that stands still where the pages do."""
    beating = asyncio.create_task(_beat(pulse))
    try:
        await server.serve(sockets=[listener])
    finally:
        beating.cancel()


async def _beat(pulse: Pulse) -> None:
    pulse.begin()
    while True:
        pulse.beat("pages")
        await asyncio.sleep(BEAT_S)


def greet(app: "App", listener: socket.socket | None) -> None:
    """Say what is served: where the pages are, whose runs come from where, and what is missing."""
    for finding in privacy(app.settings):
        if not finding.fine:
            log.warning("%s: %s. %s", finding.what, finding.found, finding.remedy)
    if listener is not None:
        host, port = listener.getsockname()[:2]
        log.info("pages at http://%s:%s", f"[{host}]" if ":" in host else host, port)
    for name, athletes in _by_system(app.sources):
        log.info("runs of %s come from %s", athletes, name)
    for name, athletes in _by_system(app.channels):
        log.info("routines for %s go to %s", athletes, name)
    if not app.sources:
        log.warning("no source is on: add [sources.folder] with a path to afterrun.toml to have runs taken in")
    if not app.channels:
        log.warning("no channel is on: add [channels.ntfy] with a url to afterrun.toml to be reached on your phone")


def _by_system(systems: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield each system with the athletes who have it: by name while a line holds them, then by number."""
    athletes: dict[str, list[str]] = {}
    for athlete, name in systems:
        athletes.setdefault(name, []).append(athlete)
    for name, several in athletes.items():
        yield name, listed(several) if len(several) <= NAMED else many(len(several), "athlete")


@click.command("demo")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep what it makes in this folder.")
@with_debug
def demo_command(keep: Path | None) -> None:
    """Take made-up runs of each kind all the way, on a throw-away database, and say where to look."""
    from service.demo import show  # noqa: PLC0415 - imports nearly everything

    sys.stdout.writelines(f"{line}\n" for line in show(keep))
