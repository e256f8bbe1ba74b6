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

    def with_steps(kept: int) -> str:
        return _joined(message.body, message.why, _steps(message.details, kept), address)

    if fits(with_steps(len(message.details))):
        return with_steps(len(message.details))
    kept = _most(len(message.details), lambda kept: fits(with_steps(kept)))
    if kept is not None:
        return with_steps(kept)
    short = _joined(message.body, address)
    return short if fits(short) else cut(_joined(message.body), fits)


def cut(text: str, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of a text that fits, with an ellipsis where something was left out."""
    text = clean(text)
    if fits(text):
        return text
    kept = _most(len(text), lambda kept: fits(text[:kept].rstrip() + CUT))
    return text[: kept or 0].rstrip() + CUT


def _most(limit: int, fits: Callable[[int], bool]) -> int | None:
    """Return the largest number below `limit` that fits, where fewer always fit better; None where none does."""
    fitting = bisect_left(range(limit), 1, key=lambda number: 0 if fits(number) else 1)
    return fitting - 1 if fitting else None


def _steps(details: tuple[str, ...], kept: int) -> str:
    return "\n".join([*details[:kept], *([CUT] if kept < len(details) else [])])


def _joined(*paragraphs: str) -> str:
    return "\n\n".join(cleaned for cleaned in map(clean, paragraphs) if cleaned)


def one_line(text: str) -> str:
    """Return a text somebody else wrote, such as a file's name, as one line that tells a terminal or a log nothing."""
    return clean(text).replace("\n", " ")


def clean(text: str) -> str:
    """Return a text without what no receiver can show: control characters and halves of characters."""
    return "".join(" " if category(sign) in {"Cc", "Cs"} and sign != "\n" else sign for sign in text).strip()
