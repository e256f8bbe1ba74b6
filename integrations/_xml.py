"""Reading XML of unknown origin: element by element, no entities, no external files, up to where it breaks off."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from service.ports import Malformed

# 64 MB of GPX are 80 hours at 1 Hz with every extension there is.
MAX_BYTES = 64_000_000

CUT_SHORT = "The file is damaged or cut short: what came before is kept."


class Document:
    """A document read once, from its beginning. `trouble` says, afterwards, what was wrong with it ("" for nothing)."""

    def __init__(self, body: bytes, root: str, kind: str) -> None:
        """Raise Malformed where there is nothing to read; `root` is the element a file of this `kind` must have."""
        if not body.strip():
            raise Malformed("The file is empty: export or copy it again.")
        if len(body) > MAX_BYTES:
            raise Malformed(f"The file is larger than {MAX_BYTES // 1_000_000} MB, more than any recording needs.")
        # Some exports begin with blanks, which XML forbids before its declaration.
        self._body = body.lstrip(b" \t\r\n")
        self._root, self._kind = root, kind
        self.trouble = ""

    def events(self) -> Iterator[tuple[str, str, Element]]:
        """Yield "start" or "end", an element's name without namespace, and the element.

        Raise Malformed where the document is of another kind, or tries what no recording needs.
        """
        seen = False
        try:
            for event, element in iterparse(BytesIO(self._body), events=("start", "end")):
                name = local(element.tag)
                if not seen and name != self._root:
                    raise Malformed(f"This is not a {self._kind} file: export it again.")
                seen = True
                yield event, name, element
        except DefusedXmlException as exc:
            raise Malformed(f"The {self._kind} file declares things of its own, which no recording needs.") from exc
        except (ParseError, ValueError, LookupError) as exc:  # the last two: an encoding that is unknown or not kept to
            if not seen:
                raise Malformed(f"This is not a {self._kind} file, or it is damaged: export it again.") from exc
            self.trouble = CUT_SHORT


def local(tag: object) -> str:
    """Return an element's name without its namespace; "" for what is no element."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def find(element: Element, *names: str) -> Element | None:
    """Return the first child of a name, or going on, its child of the next name; None where there is none."""
    found: Element | None = element
    for name in names:
        found = next((child for child in (() if found is None else found) if local(child.tag) == name), None)
    return found


def text(element: Element, *names: str) -> str:
    """Return the text of a child, as `find` finds it, on one line; "" where there is none."""
    found = find(element, *names) if names else element
    written = " ".join(("" if found is None else found.text or "").split())
    return written if written.isprintable() else "".join(letter for letter in written if letter.isprintable())


def number(element: Element, *names: str) -> float:
    """Return a child's text as a number, NaN where it is none."""
    return as_number(text(element, *names))


def as_number(written: str | None) -> float:
    """Return a text as a finite number, else NaN."""
    try:
        value = float(written or "")
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def moment(written: str | None) -> datetime | None:
    """Return an ISO 8601 time, taken for UTC where it names no zone; None where it is none."""
    try:
        found = datetime.fromisoformat((written or "").strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
