"""What is done asynchronously, on a thread of its own: a browser's driver may keep a loop on the test's."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def finished[T](work: Coroutine[Any, Any, T]) -> T:
    """Wait for it and return what came of it."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()
