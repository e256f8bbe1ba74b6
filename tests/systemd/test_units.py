"""The units are taken by systemd as they stand, may do little, and Afterrun works within what they may do."""

import ctypes.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AFTERRUN = Path(sys.executable).with_name("afterrun")
FILTERED = [sys.executable, str(Path(__file__).with_name("seccomp.py"))]

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="LEFT OUT: the units were not checked, for systemd-analyze is not here (apt-get install systemd)",
)
needs_seccomp = pytest.mark.skipif(
    ctypes.util.find_library("seccomp") is None,
    reason="LEFT OUT: the units' system-call filter was not tried, for libseccomp is not here",
)


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 - our own


@needs_systemd
def test_systemd_takes_every_unit_and_none_may_do_more_than_it_needs() -> None:
    checked = run("tools/install-check.sh")

    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count("Overall exposure level") == len(list((ROOT / "systemd").glob("*.service")))


@needs_systemd
def test_a_unit_that_may_do_too_much_is_seen(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "systemd", tmp_path / "systemd", symlinks=True)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "systemd" / "afterrun.service.d" / "hardened.conf").write_text("[Service]\nUser=afterrun\n")

    assert run("tools/install-check.sh", cwd=tmp_path).returncode != 0


@needs_systemd
@needs_seccomp
def test_a_week_of_runs_goes_all_the_way_within_the_calls_a_unit_may_make(tmp_path: Path) -> None:
    shown = run(*FILTERED, AFTERRUN, "demo", "--keep", "demo", cwd=tmp_path)

    assert shown.returncode == 0, shown.stderr
    assert len(list((tmp_path / "demo" / "calendar").glob("*.ics"))) >= 4


@needs_systemd
@needs_seccomp
@pytest.mark.parametrize(
    "forbidden",
    [
        pytest.param("import os; os.nice(-1)", id="going before others"),
        pytest.param("import os; os.chroot('/')", id="another root"),
        pytest.param("import mmap; mmap.mmap(-1, 4096, prot=7)", id="memory that is written and run"),
    ],
)
def test_the_filter_tried_is_one_that_forbids(forbidden: str) -> None:
    tried = run(*FILTERED, sys.executable, "-c", forbidden)

    assert tried.returncode == 1
    assert "Operation not permitted" in tried.stderr
