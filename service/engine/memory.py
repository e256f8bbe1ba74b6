"""Holding little memory while there is nothing to do. Where the C library is not GNU's, nothing here does anything."""

import contextlib
import ctypes

# From GNU's malloc.h: how many pools of memory the threads of a process have, eight for each core by default.
M_ARENA_MAX = -8


def share() -> None:
    """Have all threads share one pool of memory: duties mostly wait, and each pool would keep what it once needed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def give_back() -> None:
    """Give the system back what is free."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
