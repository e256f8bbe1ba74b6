"""One calendar on a CalDAV server (RFC 4791): a folder of entries, each with an ETag that says which state it is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException, ElementTree

from integrations._http import Client, Login, Reply
from service.ports import Refused

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
XML = {"Content-Type": "application/xml; charset=utf-8"}
ENTRY = {"Content-Type": "text/calendar; charset=utf-8"}
# Entries are a few kilobytes; whoever answers with more is no calendar.
ANSWER_BYTES = 4 * 1024 * 1024
NOT_HERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
# No entry is at the address, or one is, or another state of it, than the request took for granted.
CONFLICTS = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})
ADVICE = {
    401: "check username and password of channels.caldav (many providers want an app password)",
    403: "let this account write into the calendar, or name another in channels.caldav",
    404: "no calendar is at this address: correct the url of channels.caldav",
    405: "this is no calendar: correct the url of channels.caldav",
}
NO_CALENDAR = "the url of channels.caldav names no calendar: write the calendar's own address"


class Conflict(Exception):
    """The entry is not in the state it was taken to be in: look again."""


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as the server holds it."""

    body: bytes
    etag: str


class Collection:
    """A calendar's own collection."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._url = f"{url.rstrip('/')}/"
        self._path = urlsplit(self._url).path
        auth = Login(username, password) if username else None
        self._client = Client("the calendar server", auth=auth, secrets=[password], advice=ADVICE)

    def name(self) -> str:
        """Return what its owner calls the calendar; raise Refused where it is none, naming those there are."""
        answers = self._ask("PROPFIND", "0", "<D:prop><D:resourcetype/><D:displayname/></D:prop>", "propfind")
        for answer in answers.values():
            if answer.find(f".//{DAV}resourcetype/{CALDAV}calendar") is not None:
                return (answer.findtext(f".//{DAV}displayname") or "").strip() or self._path.rstrip("/").split("/")[-1]
        raise Refused(f"{NO_CALENDAR}{self._calendars_below()}")

    def get(self, name: str) -> Held | None:
        """Return an entry, None where there is none."""
        reply = self._client.request("GET", self._address(name), accept=NOT_HERE, body_bytes=ANSWER_BYTES)
        return None if reply.status in NOT_HERE else Held(reply.body, _etag(reply.headers.get("ETag")))

    def get_all(self, names: Sequence[str]) -> Mapping[str, Held]:
        """Return those of the named entries that are there, by name, in one request."""
        hrefs = "".join(f"<D:href>{escape(self._path + quote(name))}</D:href>" for name in names)
        wanted = f"<D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}"
        answers = self._ask("REPORT", "1", wanted, "calendar-multiget")
        found = {name: _held(answer) for name, answer in answers.items()}
        return {name: held for name, held in found.items() if held is not None}

    def put(self, name: str, body: bytes, *, over: str | None = None) -> str:
        """Write an entry over the state it was read in, or where there is none; return its new ETag, raise Conflict."""
        condition = {"If-None-Match": "*"} if over is None else {"If-Match": over} if over else {}
        reply = self._client.request("PUT", self._address(name), accept=CONFLICTS, data=body, headers=ENTRY | condition)
        if reply.status in CONFLICTS:
            raise Conflict(name)
        return _etag(reply.headers.get("ETag")) or self._etag_of(name)

    def delete(self, name: str, *, over: str) -> None:
        """Remove an entry in the state it was read in; one that is not there is removed. Raise Conflict."""
        condition = {"If-Match": over} if over else {}
        reply = self._client.request("DELETE", self._address(name), accept=CONFLICTS | NOT_HERE, headers=condition)
        if reply.status in CONFLICTS:
            raise Conflict(name)

    def _etag_of(self, name: str) -> str:
        """Return the ETag of what was just written: a server that lays it out anew does not say it at once."""
        held = self.get(name)
        return "" if held is None else held.etag

    def _calendars_below(self) -> str:
        answers = self._ask("PROPFIND", "1", "<D:prop><D:resourcetype/></D:prop>", "propfind")
        found = [name for name, answer in answers.items() if answer.find(f".//{CALDAV}calendar") is not None]
        return f" (below this one there are {', '.join(sorted(found))})" if found else ""

    def _ask(self, method: str, depth: str, what: str, how: str) -> Mapping[str, Element]:
        """Return the answers about each thing asked for, by the last part of its address."""
        space = "C" if how.startswith("calendar") else "D"
        body = f'<?xml version="1.0" encoding="utf-8"?><{space}:{how} {NAMESPACES}>{what}</{space}:{how}>'
        reply = self._client.request(
            method, self._url, data=body.encode(), headers=XML | {"Depth": depth}, body_bytes=ANSWER_BYTES
        )
        return {_last(answer.findtext(f"{DAV}href") or ""): answer for answer in _answers(reply)}

    def _address(self, name: str) -> str:
        return f"{self._url}{quote(name)}"


def _answers(reply: Reply) -> list[Element]:
    try:
        document = ElementTree.fromstring(reply.body)
    except (ParseError, DefusedXmlException, ValueError) as exc:
        raise reply.nonsense() from exc
    if reply.status != HTTPStatus.MULTI_STATUS or document.tag != f"{DAV}multistatus":
        raise reply.nonsense()
    return list(document.iter(f"{DAV}response"))


def _held(answer: Element) -> Held | None:
    body = answer.findtext(f".//{CALDAV}calendar-data")
    return None if body is None else Held(body.encode(), _etag(answer.findtext(f".//{DAV}getetag")))


def _last(href: str) -> str:
    return unquote(urlsplit(href).path).rstrip("/").split("/")[-1]


def _etag(given: str | None) -> str:
    """Return an ETag as it is compared: a server behind a proxy that zips may call it weak."""
    return (given or "").strip().removeprefix("W/")
