"""A message as plain text, cut to what a channel bears."""

from bisect import bisect_left
from collections.abc import Callable
from unicodedata import category

from service.domain.message import Message

CUT = "…"


def plain_text(message: Message, *, fits: Callable[[str], bool], link: bool = False) -> str:
    """Return a message's words below its title, as many of them as `fits` allows.

    The first lines, then why, then the steps, and the address of the session where `link` is true. Steps are left out
    from the end, then why, then the end of the first lines; an ellipsis stands where something was left out.
    """
    address = message.link if link else ""
    for kept in range(len(message.details), -1, -1):
        text = _joined(message.body, message.why, _steps(message.details, kept), address)
        if fits(text):
            return text
    short = _joined(message.body, address)
    return short if fits(short) else cut(_joined(message.body), fits)


def cut(text: str, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of a text that fits, with an ellipsis where something was left out."""
    text = clean(text)
    if fits(text):
        return text
    too_long = bisect_left(range(len(text)), 1, key=lambda kept: 0 if fits(text[:kept].rstrip() + CUT) else 1)
    return text[: max(0, too_long - 1)].rstrip() + CUT


def _steps(details: tuple[str, ...], kept: int) -> str:
    return "\n".join([*details[:kept], *([CUT] if kept < len(details) else [])])


def _joined(*paragraphs: str) -> str:
    return "\n\n".join(cleaned for cleaned in map(clean, paragraphs) if cleaned)


def clean(text: str) -> str:
    """Return a text without what no receiver can show: control characters and halves of characters."""
    return "".join(" " if category(sign) in {"Cc", "Cs"} and sign != "\n" else sign for sign in text).strip()
