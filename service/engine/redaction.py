"""Taking out of what is said whatever is secret: what this process knows to be, and what looks like it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

type Span = tuple[int, int]

HIDDEN = "[hidden]"
# Anything shorter would be taken out of words it only happens to stand in.
SHORTEST_SECRET = 6
# What is secret by where it stands, whoever made it up; the part that is kept comes first.
SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        r"((?:bearer|basic)\s+)[\w.~+/=-]{6,}",
        r"((?:authorization|x-api-key|cookie)['\"]?\s*[:=]\s*['\"]?(?:bearer |basic )?)[^\s'\",;]+",
        r"([?&](?:access_token|refresh_token|client_secret|code|token|api_?key|key|auth|signature|sig|password)=)[^&\s'\"]+",
        r"((?:token|secret|password|api_?key|passwd)['\"]?\s*[:=]\s*['\"]?)(?!none\b|null\b)[^\s'\",;}&]{6,}",
        r"(://[^\s:/@]*:)[^\s@/]+(?=@)",
        r"(/(?:s|calendar|in|webhooks/\w+)/)[\w.~=-]{8,}",
        r"((?:lat|lon|lng|latitude|longitude)['\"]?\s*[:=]?\s*)[-+]?\d{1,3}\.\d+",
        r"()[-+]?\d{1,2}\.\d{4,}\s*[,;/]\s*[-+]?\d{1,3}\.\d{4,}",
    )
)
SECRET_NAMES = re.compile(r"token|secret|key|password|code|cookie|session", re.IGNORECASE)
# Tokens are renewed for years: of those that were not seen again, so many are remembered, the newest at least.
TOKENS_KEPT = 50_000


class Known:
    """Finds any of many secrets in a text, however many there are, in time that grows with the text alone."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._lengths: defaultdict[str, frozenset[int]] = defaultdict(frozenset)  # by the last characters

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._secrets)

    def add(self, secret: str) -> None:
        """Know one more."""
        self._secrets.add(secret)
        self._lengths[secret[-SHORTEST_SECRET:]] |= {len(secret)}

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where one stands: its beginning and its end."""
        for end in range(SHORTEST_SECRET, len(text) + 1):
            for length in self._lengths.get(text[end - SHORTEST_SECRET : end], ()):
                begin = end - length
                if begin >= 0 and text[begin:end] in self._secrets:
                    yield begin, end


class Redactor:
    """Knows the secrets of this process, and takes them out of what is said."""

    def __init__(self) -> None:
        self._settings, self._tokens, self._older_tokens = Known(), Known(), Known()
        self._lock = Lock()

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these from now on, and the telling parts of those that are addresses."""
        with self._lock:
            for part in _parts(secrets):
                self._settings.add(part)

    def learn_from(self, secret: Mapping[str, Any]) -> None:
        """Hide whatever in a document of tokens is secret by its name."""
        with self._lock:
            if len(self._tokens) >= TOKENS_KEPT:
                self._tokens, self._older_tokens = Known(), self._tokens
            for part in _parts(_named_secret(secret)):
                self._tokens.add(part)

    def __call__(self, text: str) -> str:
        """Return the text without secrets, keys, codes and positions."""
        known = (self._settings, self._tokens, self._older_tokens)
        text = _without((span for some in known for span in some.spans(text)), text)
        for shape in SHAPES:
            text = shape.sub(rf"\g<1>{HIDDEN}", text)
        return text


def _without(spans: Iterable[Span], text: str) -> str:
    """Return a text with spans of it hidden, as one where they overlap."""
    shown, at = [], 0
    for begin, end in sorted(spans):
        if begin >= at:
            shown += [text[at:begin], HIDDEN]
        at = max(at, end)
    return "".join([*shown, text[at:]])


def _parts(secrets: Iterable[str]) -> Iterator[str]:
    """Yield secrets, and what in them is as good as they are."""
    return (part for secret in secrets for part in (secret, *_telling(secret)) if len(part) >= SHORTEST_SECRET)


def _telling(secret: str) -> list[str]:
    """Return what alone gives a secret address away: its password, and the last part of its path."""
    if "://" not in secret:
        return []
    address = urlsplit(secret)
    return [part for part in (unquote(address.password or ""), address.path.rstrip("/").rpartition("/")[2]) if part]


def _named_secret(document: Mapping[str, Any]) -> Iterable[str]:
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from _named_secret(value)
        elif isinstance(value, str) and SECRET_NAMES.search(name):
            yield value
