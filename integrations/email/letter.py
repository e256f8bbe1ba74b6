"""A message as a letter: plain text for every reader, and a page of its own for those who show one.

The page loads nothing from anywhere. Its one button opens the session, where the answers are: opening an address must
change nothing, for mail programs open the addresses in a letter to look at them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path
from uuid import uuid5

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from service.domain.message import Message
from service.domain.plain_text import clean, cut, plain_text
from service.domain.sessions import NAMESPACE

# RFC 5322: lines should be no longer than 78 characters; a phone shows half of one.
SUBJECT_CHARS = 150
# Gmail shows no more of a letter than 102 kB, the page's own about 5 kB a screenful of steps among them.
STEPS = 60


@dataclass(frozen=True, slots=True)
class _Line:
    """A step as the page shows it."""

    name: str
    dose: str
    cue: str = ""


def letter(message: Message, sender: str, recipients: Sequence[str], moment: datetime) -> EmailMessage:
    """Return the message as a letter."""
    written = EmailMessage(policy=SMTP)
    written["From"] = Address("Afterrun", addr_spec=sender)
    written["To"] = [Address(addr_spec=recipient) for recipient in recipients]
    written["Subject"] = cut(" ".join(message.title.split()), lambda text: len(text) <= SUBJECT_CHARS)
    written["Date"] = moment
    written["Message-ID"] = f"<{uuid5(NAMESPACE, message.key)}@{domain(sender)}>"
    written["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office note answers it
    # Quoted-printable passes through every server; 8 bits do not.
    written.set_content(plain_text(message, fits=lambda _: True, link=True), cte="quoted-printable")
    written.add_alternative(page(message), subtype="html", cte="quoted-printable")
    return written


def page(message: Message) -> str:
    """Return the message as an HTML page."""
    return _template().render(message=message, lines=_lines(message)[:STEPS])


def domain(address: str) -> str:
    """Return what stands behind the @ of an address."""
    return address.rpartition("@")[2]


def _lines(message: Message) -> list[_Line]:
    if message.routine is not None:
        return [_Line(step.name, step.dose, step.cue) for step in message.routine.steps]
    return [_Line(detail, "") for detail in message.details]


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = clean
    return environment.get_template("page.html")
