"""Lay all figures on one page to look at: each moving, as key poses side by side, and its other side.

    .venv/bin/python tools/contact_sheet.py SHEET.html                      # every movement, light and dark
    .venv/bin/python tools/contact_sheet.py SHEET.html --only quad_pull     # one, or several
    .venv/bin/python tools/contact_sheet.py SHEET.html --between 6          # and so many frames of the round

Ask of each: would a person who never saw this movement know what to do?
"""

import argparse
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from config import catalogue
from config.figures import motions
from service.domain.drawing.moving import Track
from service.domain.figure import Motion, animated, strip
from service.domain.movements import Movement

STYLE = """
body { margin: 0; font: 14px/1.4 system-ui, sans-serif; background: #faf9f6; color: #1d2522; }
section { padding: 8px 16px; border-top: 1px solid #dcdfd9; break-inside: avoid; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
.row svg { display: block; height: 200px; max-width: 100%; }
.dark { background: #1b2220; }
small { color: #56625d; }
"""


def page(movements: Sequence[Movement], between: int) -> str:
    """Return the sheet as one HTML document."""
    body = "".join("".join(_section(movement, motions()[movement.id], between)) for movement in movements)
    return f"<!doctype html><meta charset=utf-8><title>Figures</title><style>{STYLE}</style>{body}"


def _section(movement: Movement, motion: Motion, between: int) -> Iterator[str]:
    moving, poses = animated(movement, motion), strip(movement, motion)
    yield f"<section><b>{movement.name}</b> <small>{movement.id}, {motion.seconds:g} s, {_weight(moving)}</small>"
    yield f"<br><small>{movement.how}</small><div class=row>{poses}<div class=dark>{moving}</div>"
    if movement.dose.sides > 1:
        yield animated(movement, motion, mirrored=True)
    yield "</div>"
    if between:
        yield f"<div class='row dark'>{strip(movement, _slowly(motion, between))}</div>"
    yield "</section>"


def _weight(text: str) -> str:
    return f"{len(text)} bytes, {len(gzip.compress(text.encode()))} packed"


def _slowly(motion: Motion, count: int) -> Motion:
    """Return a motion whose key poses are so many frames of this one's round."""
    track = Track(motion)
    frames = tuple(track.at(track.seconds * frame / count) for frame in range(count))
    return replace(motion, keys=frames, alternate=False, still=())


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet", type=Path, help="the page to write")
    parser.add_argument("--only", nargs="+", metavar="MOVEMENT", help="these movements alone")
    parser.add_argument("--between", type=int, default=0, metavar="N", help="show N frames of the round as well")
    asked = parser.parse_args()
    movements, _ = catalogue.load()
    chosen = [movements[name] for name in asked.only] if asked.only else list(movements)
    asked.sheet.write_text(page(chosen, asked.between), encoding="utf-8")
    print(f"{len(chosen)} figures on {asked.sheet}")


if __name__ == "__main__":
    main()
