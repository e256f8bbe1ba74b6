"""The server below each stand-in that speaks HTTP: when it ends, what was connected to it is cut off."""

import sys
from contextlib import suppress
from http.server import ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any


class PeerServer(ThreadingHTTPServer):
    """Listens on loopback; counts the connections made to it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, handler: Any) -> None:  # noqa: ANN401 - as the library takes it
        super().__init__(("127.0.0.1", port), handler)
        self.connections = 0
        self._open: set[socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's
        self.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - the library's
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """End, and let nobody believe that a server they were connected to is still there."""
        super().server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's
        """Keep silent about clients that hang up: that is what many of them are here to do."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
