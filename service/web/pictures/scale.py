"""What pictures share: scales, the box that stretches, and words that do not."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

BOX = 1000  # the stretching box is so many units wide and high


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from `low` to `high` onto the box, from `start` to `end`."""

    low: float
    high: float
    start: float = 0.0
    end: float = float(BOX)

    def at(self, value: float) -> float:
        """Return where a value lies, kept within the box."""
        share = (min(max(value, self.low), self.high) - self.low) / max(self.high - self.low, 1e-9)
        return self.start + share * (self.end - self.start)


def picture(kind: str, lines: Iterable[str], words: Iterable[str], told: str) -> str:
    """Return a picture of stretching lines and steady words; `told` is what those hear who do not see it."""
    return (
        f'<svg class="picture {kind}" role="img" aria-label="{escape(told)}">'
        f'<svg class="box" viewBox="0 0 {BOX} {BOX}" preserveAspectRatio="none">{"".join(lines)}</svg>'
        f"{''.join(words)}</svg>"
    )


def rule(kind: str, y: float) -> str:
    """Return a line across the box."""
    return f'<line class="{kind}" x1="0" x2="{BOX}" y1="{y:.0f}" y2="{y:.0f}"/>'


def above(text: str, y: float, kind: str) -> str:
    """Return words above a height of the box, at its right edge."""
    return f'<text class="{kind}" x="100%" text-anchor="end" y="{y / 10:.1f}%" dy="-4">{escape(text)}</text>'


def left_of(text: str, y: float, kind: str = "") -> str:
    """Return words to the left of the box, at one of its heights."""
    return f'<text class="{kind}" x="-8" y="{y / 10:.1f}%" dy=".35em" text-anchor="end">{escape(text)}</text>'


def below(text: str, x: float) -> str:
    """Return words below the box."""
    return f'<text x="{x / 10:.1f}%" y="100%" dy="18" text-anchor="middle">{escape(text)}</text>'
