"""Telling systemd how the service is, and taking over the address it holds. Without systemd nothing happens.

The protocol is a line or two to a datagram socket: sd_notify(3), sd_listen_fds(3).
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

FIRST_HANDED_OVER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """Who started the service. `address` is where it listens, None for nobody; `watchdog` how long silence may last."""

    address: str | None = None
    watchdog: timedelta | None = None
    handed_over: int = 0

    @classmethod
    def around(cls, env: Mapping[str, str] = os.environ, pid: int | None = None) -> "Manager":
        """Return the manager the environment tells of; what it says of another process is not meant for this one."""
        me = str(os.getpid() if pid is None else pid)
        silence_us = env.get("WATCHDOG_USEC", "0") if env.get("WATCHDOG_PID", me) == me else "0"
        return cls(
            address=env.get("NOTIFY_SOCKET") or None,
            watchdog=timedelta(microseconds=int(silence_us)) or None,
            handed_over=int(env.get("LISTEN_FDS", "0")) if env.get("LISTEN_PID") == me else 0,
        )

    def ready(self) -> None:
        """Say that the service does its work from now on."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Say that nothing hangs."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the service ends."""
        self._tell("STOPPING=1")

    def listener(self) -> socket.socket | None:
        """Return the socket systemd holds for the pages, None where it holds none."""
        return socket.socket(fileno=FIRST_HANDED_OVER) if self.handed_over else None

    def _tell(self, line: str) -> None:
        if self.address is None:
            return
        # A leading @ stands for an address that is no file. A manager that does not listen is its own trouble.
        address = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
            to.sendto(line.encode(), address)
