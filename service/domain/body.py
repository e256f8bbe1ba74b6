"""What the runner says of their body, and for how long it holds.

    said ("my calves are tight", "my knee is sore", "it is fine again") -> how the body is today -> the next routine

For each place the last word counts. Tightness fades by itself. Soreness holds for longer, is asked about meanwhile, and
where it is still there after a week the runner hears who can help.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.domain.movements import BodyArea, Site
from service.domain.words import area_words, listed

# "Tight" is said of the last run or two; a week later nobody remembers having said it (ours).
TIGHT_FADES = timedelta(days=7)
# "Has not eased in a few days" (the closing words of every routine): from then on it is asked about.
ASK_AFTER = timedelta(days=3)
# Without an answer to that question, soreness is taken to have gone after so long (ours).
SORE_FADES = timedelta(days=14)
# Still sore after so long: modify, or consult a professional (routine_facts P3; the days are ours).
STAYS = timedelta(days=7)
# As far back as the beginning of a soreness that still matters is looked for.
REMEMBERED = timedelta(days=90)


class Felt(StrEnum):
    """What a runner may say of a place on their body."""

    TIGHT = "tight"
    SORE = "sore"
    FINE = "fine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One word of the runner on one place."""

    site: Site
    felt: Felt
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyToday:
    """How the body is today, as far as the runner said.

    `tight` and `sore` shape the routine. `said` is when the runner spoke of each sore place last; `ask` are those to be
    asked about again, `lasting` those sore for so long that a professional should look at them.
    """

    tight: frozenset[BodyArea] = frozenset()
    sore: frozenset[Site] = frozenset()
    said: tuple[tuple[Site, datetime], ...] = ()
    ask: frozenset[Site] = frozenset()
    lasting: frozenset[Site] = frozenset()


def today(said: Sequence[Said], now: datetime) -> BodyToday:
    """Return how the body is at a moment, from everything the runner has said of it, in any order."""
    by_site: dict[Site, list[Said]] = {}
    for word in sorted(said, key=lambda word: word.at):
        by_site.setdefault(word.site, []).append(word)
    last = {site: words[-1] for site, words in by_site.items()}
    sore = {site: word for site, word in last.items() if word.felt is Felt.SORE and now - word.at < SORE_FADES}
    return BodyToday(
        tight=frozenset(
            BodyArea(site.value)
            for site, word in last.items()
            if word.felt is Felt.TIGHT and now - word.at < TIGHT_FADES and can_be_tight(site)
        ),
        sore=frozenset(sore),
        said=tuple((site, word.at) for site, word in sore.items()),
        ask=frozenset(site for site, word in sore.items() if now - word.at >= ASK_AFTER),
        lasting=frozenset(site for site in sore if _sore_for(by_site[site]) >= STAYS),
    )


def can_be_tight(site: Site) -> bool:
    """Tell whether a place is something that movements work: a calf is, a knee is not."""
    return site.value in list(BodyArea)


def body_lines(body: BodyToday) -> list[str]:
    """Return what is to be said of the body, a sentence a line: what routines mind, and when somebody should look."""
    lines = []
    if body.tight:
        lines.append(f"Routines work on your {_listed(body.tight)} first.")
    if body.sore:
        lines.append(f"Routines leave your {_listed(body.sore)} alone.")
    if body.lasting:
        lines.append(
            f"Sore for a week or more: your {_listed(body.lasting)}. Let a physiotherapist or a doctor have a look."
        )
    return lines


def _listed(places: Collection[BodyArea | Site]) -> str:
    return listed(sorted(area_words(place) for place in places))


def _sore_for(words: Sequence[Said]) -> timedelta:
    """Return how long the soreness has gone on by the runner's own words, the last of which says sore."""
    first = last = words[-1].at
    for word in reversed(words):
        if word.felt is not Felt.SORE or first - word.at >= SORE_FADES:
            break
        first = word.at
    return last - first
