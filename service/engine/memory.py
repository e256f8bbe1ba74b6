"""Holding little memory while there is nothing to do, and never pausing to look through what stays.

Where the C library is not GNU's, sharing and giving back do nothing.
"""

import contextlib
import ctypes
import gc

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


def keep() -> None:
    """Take what there is by now for good: with 5,000 athletes each round of the collector took a third of a second."""
    gc.collect()
    gc.freeze()
