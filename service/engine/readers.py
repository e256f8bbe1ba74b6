"""Reading recordings in processes of their own, so that a hostile file harms nothing but its own reading.

A process that dies, hangs or asks for too much memory is replaced, and only the recording it held is given up. Files
that came in bulk are read on all cores at once.
"""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Lock

from pebble import ProcessExpired, ProcessPool

from service.application.reading import TOO_MUCH, decode
from service.ports import Decoded, Decoder, Malformed, Raw

# The largest recording that may come in (64 MB) was never seen to take more than half of either.
MOST_SECONDS = 300
MOST_BYTES = 1024 * 2**20
# Each takes about 60 MB; one process writes what they read, and keeps no more of them busy.
MOST_WORKERS = 4
STOPPED = "its reader was stopped by the system: `afterrun import --retry` tries it again"
TOO_LONG = f"reading it takes longer than {MOST_SECONDS // 60} minutes: no recording of a run does"

_decoders: Mapping[str, Decoder] = {}


class ReaderPool:
    """Reads in `workers` processes (0: one a core, at most four), started with the first recording and ended by `rest`.

    `make` is called once in each process and gives the decoders by media type; it is sent there by name.
    """

    def __init__(
        self,
        make: Callable[[], Mapping[str, Decoder]],
        *,
        workers: int = 0,
        seconds: float = MOST_SECONDS,
        memory_bytes: int = MOST_BYTES,
    ) -> None:
        self._make = make
        self._workers = workers or min(os.cpu_count() or 1, MOST_WORKERS)
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._pool: ProcessPool | None = None
        self._rested = True
        self._lock = Lock()

    def begin(self, raw: Raw) -> "PooledReading":
        """Send a recording to be read."""
        with self._lock:
            self._rested = False
            if self._pool is None:
                self._pool = self._start()
            try:
                return self._begin(self._pool, raw)
            except RuntimeError:  # no process of it could be started, or one of its threads died: it never mends itself
                self._pool.stop()
                self._pool = self._start()
                return self._begin(self._pool, raw)

    def _begin(self, pool: ProcessPool, raw: Raw) -> "PooledReading":
        return PooledReading(pool.schedule(_read, [raw], timeout=self._seconds))

    def rest(self) -> None:
        """End the processes; the next recording starts new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
            pool.join()

    def rest_if_idle(self) -> None:
        """End the processes where nothing was begun since this was last asked: a worker that waits holds no memory."""
        with self._lock:
            idle, self._rested = self._rested, True
        if idle:
            self.rest()

    def stop(self) -> None:
        """End the processes at once, whatever they are reading."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            pool.join()

    def _start(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._workers,
            initializer=_prepare,
            initargs=(self._make, self._memory_bytes),
            # A fork would copy whatever the threads of the parent hold at that moment.
            context=multiprocessing.get_context("spawn"),
        )


class PooledReading:
    """A recording being read in another process."""

    def __init__(self, future: "Future[Decoded]") -> None:
        self._future = future

    def result(self) -> Decoded:
        """Wait for it; raise Malformed, and nothing else, where it cannot be read."""
        try:
            return self._future.result()
        except TimeoutError as exc:
            raise Malformed(TOO_LONG) from exc
        except ProcessExpired as exc:
            raise Malformed(STOPPED) from exc
        except MemoryError as exc:
            raise Malformed(TOO_MUCH) from exc


def _prepare(make: Callable[[], Mapping[str, Decoder]], memory_bytes: int) -> None:
    """Make a new process ready: the terminal's interrupt is the parent's to answer, memory has an end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    globals()["_decoders"] = make()
    _limit_memory(memory_bytes)


def _limit_memory(memory_bytes: int) -> None:
    """Allow so many bytes beyond what is mapped already; systems without such limits read on without one."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not there on every system

        with open("/proc/self/statm", encoding="ascii") as mapped:  # noqa: PTH123 - no path is built here
            pages = int(mapped.read().split()[0])
        most = pages * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(raw: Raw) -> Decoded:
    return decode(_decoders, raw)
