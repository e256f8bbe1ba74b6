"""The server of the pages: uvicorn, which by itself wakes ten times a second to see whether it is to stop.

For a service that is idle nearly always that is most of what it costs: a sixth of a per cent of a core. This one looks
around once a second, for answers carry the time, and hears at once that it is to stop.
"""

import asyncio
from contextlib import suppress
from types import FrameType

import uvicorn

LOOK_EVERY_S = 1.0


class Server(uvicorn.Server):
    """Serves until a signal comes."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Return once the server is to stop."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), LOOK_EVERY_S)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)
