"""The server of the pages sleeps until it is asked something or told to stop."""

import asyncio
import signal
import socket
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from service.web import server
from service.web.server import Server
from tests.aside import finished

ASKED = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


class Counting(Server):
    """Counts how often it looks around."""

    looks = 0

    async def on_tick(self, counter: int) -> bool:
        self.looks += 1
        return await super().on_tick(counter)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Counting:
    monkeypatch.setattr(server, "LOOK_EVERY_S", 3600)
    return Counting(uvicorn.Config(PlainTextResponse("here\n"), lifespan="off", log_config=None))


def test_it_answers_without_looking_around_and_stops_at_once(serving: Counting, listener: socket.socket) -> None:
    async def a_life() -> bytes:
        life = asyncio.create_task(serving.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(ASKED)
        answer = await reader.read()
        writer.close()
        serving.handle_exit(signal.SIGTERM, None)
        serving._captured_signals.clear()  # whoever runs the tests is not to hear of it
        async with asyncio.timeout(60):
            await life
        return answer

    answer = finished(a_life())

    assert answer.endswith(b"here\n")
    assert b"\r\ndate: " in answer
    assert serving.looks == 2


def test_told_to_stop_before_it_began_it_does_not_begin(serving: Counting, listener: socket.socket) -> None:
    serving.handle_exit(signal.SIGTERM, None)
    serving._captured_signals.clear()

    finished(serving.serve(sockets=[listener]))

    assert serving.looks <= 1
