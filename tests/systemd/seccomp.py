"""Runs a program under the system-call filter of our units, as systemd would: python seccomp.py PROGRAM ARGUMENT...

It reads SystemCallFilter= and MemoryDenyWriteExecute= from hardened.conf and has libseccomp enforce them, so that a
group left out too many is seen here and not on somebody's server.
"""

import ctypes
import ctypes.util
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

HARDENED = Path(__file__).parents[2] / "systemd" / "afterrun.service.d" / "hardened.conf"
ALLOW, EPERM = 0x7FFF0000, 0x00050001
MASKED_EQUAL, PROT_WRITE, PROT_EXEC, SHM_EXEC = 7, 2, 4, 0o100000
PR_SET_NO_NEW_PRIVS = 38


class Compared(ctypes.Structure):
    """A condition on one argument of a call."""

    _fields_ = [("argument", ctypes.c_uint), ("how", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def main(program: list[str]) -> None:
    """Take the filter on and become the program."""
    library = ctypes.CDLL(ctypes.util.find_library("seccomp") or "libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(EPERM))
    for name in sorted(allowed()):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            for where in conditions(name):
                _allow(library, context, number, where)
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if library.seccomp_load(context):
        sys.exit("the filter could not be loaded")
    os.execv(program[0], program)  # noqa: S606 - the test says which


def allowed() -> set[str]:
    """Return the calls the units may make."""
    allowed: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", HARDENED.read_text(), re.MULTILINE):
        names = {call for group in line.removeprefix("~").split() for call in members(group)}
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed | members("@default")


@cache
def members(group: str) -> frozenset[str]:
    """Return the calls of a group, its groups' included."""
    if not group.startswith("@"):
        return frozenset({group})
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)  # noqa: S603, S607 - systemd's own
    names = [line.strip() for line in said.stdout.splitlines()[1:]]
    return frozenset(call for name in names if name and not name.startswith("#") for call in members(name))


def conditions(name: str) -> list[list[Compared]]:
    """Return when a call may be made: always, or where memory stays writable or executable but not both.

    The latter is what MemoryDenyWriteExecute=yes means.
    """
    if "MemoryDenyWriteExecute=yes" not in HARDENED.read_text():
        return [[]]
    both = PROT_WRITE | PROT_EXEC
    return {
        "mmap": [[Compared(2, MASKED_EQUAL, both, protection)] for protection in (0, PROT_WRITE, PROT_EXEC)],
        "mprotect": [[Compared(2, MASKED_EQUAL, PROT_EXEC, 0)]],
        "pkey_mprotect": [[Compared(2, MASKED_EQUAL, PROT_EXEC, 0)]],
        "shmat": [[Compared(2, MASKED_EQUAL, SHM_EXEC, 0)]],
    }.get(name, [[]])


def _allow(library: ctypes.CDLL, context: ctypes.c_void_p, number: int, where: list[Compared]) -> None:
    compared = (Compared * len(where))(*where)
    if library.seccomp_rule_add_array(context, ALLOW, number, len(where), compared):
        sys.exit(f"the rule for call {number} could not be added")


if __name__ == "__main__":
    main(sys.argv[1:])
