"""Look up what requirements.lock pins among the known vulnerabilities (pip-audit), where the network lets us.

    0 nothing is known, or nobody could be asked (said loudly)        1 something is known

What the service does not know was not looked up: "no vulnerability" of a package that nobody knows is no answer.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LEFT_OUT = "audit: LEFT OUT: {} of {} packages could not be looked up ({}); run `make audit` where the internet is"
# pip-audit runs in an environment of its own: what looks for holes need not be among what is looked at.
ASKED = ("tool", "run", "pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json")

type Document = Mapping[str, Any]


def main() -> int:
    """Ask, print what is known and return the exit code."""
    lock = ROOT / "requirements.lock"
    with tempfile.TemporaryDirectory() as aside:
        told = Path(aside) / "told.json"
        uv = Path(sys.executable).with_name("uv")
        asked = subprocess.run(  # noqa: S603 - our own
            [uv, *ASKED, "--requirement", lock, "--output", told], capture_output=True, text=True, check=False
        )
        if not told.exists():
            why = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
            print(LEFT_OUT.format("all", "the", why))
            return 0
        code, lines = judged(json.loads(told.read_text()))
    print("\n".join(lines))
    return code


def judged(told: Document) -> tuple[int, Sequence[str]]:
    """Return the exit code and what to say about what pip-audit found."""
    packages = told["dependencies"]
    skipped = [one for one in packages if "skip_reason" in one]
    lines = [
        f"audit: {one['name']} {one['version']}: {hole['id']} ({_mended(hole)})"
        for one in packages
        for hole in one.get("vulns", ())
    ]
    known = bool(lines)
    if skipped:
        lines.append(LEFT_OUT.format(len(skipped), len(packages), skipped[0]["skip_reason"]))
    if not known and len(skipped) < len(packages):
        lines.append(f"audit: nothing is known against {len(packages) - len(skipped)} of {len(packages)} packages.")
    return int(known), lines


def _mended(hole: Document) -> str:
    versions = ", ".join(hole.get("fix_versions", ()))
    return f"mended in {versions}: `make lock`" if versions else "not mended yet"


if __name__ == "__main__":
    sys.exit(main())
