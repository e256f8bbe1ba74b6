"""What no text of ours may say: the claims for which there is no evidence, or too little to promise."""

import re

# Each with why. Negated or softened wordings that are allowed ("may feel a little less sore") do not match.
FORBIDDEN = {
    r"injur": "neither cool-downs nor stretching were seen to prevent injuries",
    r"\bprevent": "the same",
    r"\b(reduc|reliev|eliminat|cur|eas)\w* (\w+ )?(soreness|pain|doms)": "differences of about one point in a hundred",
    r"\bno (more )?sore": "the same",
    r"heal(s|ing)?\b": "no study read shows it",
    r"blood (flow|pool)|circulation": "no functional meaning shown",
    r"lact(ate|ic)|toxin|flush": "no functional meaning shown",
    r"econom(y|ical)": "no study read shows it",
    r"performance|run(ning)? faster\b|\bspeed up|\bstronger\b": "no study read shows it",
    r"adhesion|myofascial|fascia|knots?\b|trigger.?point": "rolling does not do that",
    r"cortisol|oxygen|vagus|parasympathetic": "not shown for what is done here",
    r"posture|stride mechanics|spinal curve|realign|align": "no study read shows it",
    r"\bprime[ds]?\b|golden|window of": "no study read shows a deadline",
    r"guarantee|proven|always works|scientific": "nothing here is",
    r"two weeks|\d+ ?%": "many runners report it; nobody can promise it",
    r"lengthen|longer muscles": "range grows, muscles do not get longer",
}
FORCED = {
    r"(?<!no )(?<!never )\bbounc(e|ing)\b": "never bounce",
    r"\bpush (through|past)\b|no pain,? no gain|as (far|hard|deep) as you can|\bforce (it|yourself|the)": "never force",
    r"roll\w* (on|over|across) (the|your) (knee|ankle|spine|hip bone|joint|bone)": "muscle only",
}


def overclaims(text: str) -> list[str]:
    """Return what is wrong with a text, one line a fault; nothing where it may be said."""
    patterns = FORBIDDEN | FORCED
    found = ((re.search(pattern, text, re.IGNORECASE), why) for pattern, why in patterns.items())
    return [f"{match.group()!r}: {why}" for match, why in found if match]
