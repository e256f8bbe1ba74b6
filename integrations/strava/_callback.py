"""A door on this machine for the browser to come back to, open while a runner is asked for their consent."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Self
from urllib.parse import urlsplit

# Strava lets any application send browsers to these, whatever its callback domain.
HERE = "127.0.0.1"
THANKS = b"<!doctype html><meta charset=utf-8><title>Afterrun</title><p>Thank you. You can close this page."
PATIENCE_S = 5.0


class Callback:
    """Listens at `url` until a browser comes by with a code, or an error."""

    def __init__(self) -> None:
        self._server = _Server((HERE, 0), _Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where browsers are to be sent."""
        return f"http://{HERE}:{self._server.server_address[1]}/strava"

    def heard(self) -> str | None:
        """Return the address a browser came with, None where none came yet."""
        return self._server.heard


class _Server(HTTPServer):
    heard: str | None = None


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE_S

    def do_GET(self) -> None:
        query = urlsplit(self.path).query
        came = "code=" in query or "error=" in query
        self.send_response(200 if came else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(THANKS) if came else 0))
        self.end_headers()
        if came:
            self.wfile.write(THANKS)
            self.server.heard = self.path

    def log_message(self, *_: object) -> None:
        """Stay silent: a path holds the code."""
