"""A Garmin account behind Garmin's unofficial door, through the library that knows it.

    ask(question) -> left alone? -> tokens as kept -> the library -> (renewed, kept at once) -> answer, or our error

The password is asked for once, by `connect`, and never kept: from then on there are tokens only. Whoever renews them
holds the vault alone, for a refresh token dies with its use, and keeps the new ones before they are used. After a 429
nothing at all is sent until it ends, not even when somebody asks for it: that would prolong it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests
from garminconnect import (
    Garmin,
    GarminConnectAuthenticationError,
    GarminConnectConnectionError,
    GarminConnectTooManyRequestsError,
)

from integrations._http import redacted, retry_after
from integrations.garmin_connect.client import SIGNED_OUT, TOO_MANY, WAYS, Client, tokens_in
from integrations.garmin_connect.tokens import TokenFile
from service.domain.delivery import is_over
from service.ports import Clock, Conversation, EdgeError, Malformed, Refused, Throttled, Unavailable, Vault

# How often a code from the mail or the phone may be mistyped.
CODES = 3
# Where Garmin does not say how long. A block of sign-ins lasts hours, begins anew with each attempt, and is on the
# account, not the address (drkostas/hevy2garmin issues 191, 211); one of calls lasts about an hour
# (cyberjunky/python-garminconnect issue 127). Each that follows another is taken to last twice as long.
QUIET_AFTER_SIGN_IN, QUIET_AFTER_CALL, LONGEST_QUIET = timedelta(hours=2), timedelta(hours=1), timedelta(days=1)
NO_SUCH_THING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

SIGN_IN = "run `afterrun connect garmin_connect`"
NOT_SIGNED_IN = f"Garmin has not been signed in to yet: {SIGN_IN}"
NOT_TAKEN = (
    "Garmin does not take this email and password: try them at connect.garmin.com first, for a few wrong ones lock the"
    " account"
)
WRONG_CODE = f"Garmin does not take this code: wait for the newest one, then {SIGN_IN} again"
NOT_REACHED = "Garmin's sign-in was not reached, or wants proof of a human: try again later, or from another network"
SLOWLY = "Signing in, as slowly as Garmin wants it: this may take a minute."

# It writes down whole tracebacks of what is handled here.
logging.getLogger("garminconnect").setLevel(logging.CRITICAL)

type Question[T] = Callable[[Garmin], T]


class NotThere(Malformed):
    """What was asked for is not there, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is remembered of an account: its tokens, until when it is to be left alone, and how often that followed."""

    tokens: str = ""
    quiet_until: str = ""
    blocks: int = 0


class Account:
    """One runner's account. `zone` is the runner's, for the hour they are told."""

    def __init__(self, *, base_url: str, token_file: Path | None, vault: Vault, clock: Clock, zone: ZoneInfo) -> None:
        self._base_url = base_url
        self._file = TokenFile(token_file) if token_file else None
        self._vault = vault
        self._clock = clock
        self._zone = zone
        self._garmin: Garmin | None = None

    def ask[T](self, question: Question[T], *, changing: bool = False) -> T:
        """Return what a call of the library gives.

        Raise Refused where somebody has to sign in, Throttled where Garmin is to be left alone, NotThere or Malformed
        for what it will not do, Unavailable otherwise (with `perhaps_done` where the call is `changing` something).
        """
        kept = self._kept()
        self._leave_alone(kept)
        garmin = self._signed_in(kept)
        try:
            answer = question(garmin)
        except _LIBRARY as exc:
            raise self._fault(exc, changing=changing) from _tellable(exc, tokens_in(garmin.client))
        if kept.blocks:
            self._remember(quiet_until="", blocks=0)
        return answer

    def sign_in(self, talk: Conversation) -> None:
        """Sign in with a password, and a code where Garmin asks for one; keep tokens and nothing else.

        Raise Refused where Garmin does not take them, Throttled where it is to be left alone, Unavailable otherwise.
        """
        self._leave_alone(self._kept_or_nothing())
        email = talk.ask("email", "Email of your Garmin account")
        password = talk.ask("password", "Password (used once, never kept)", hidden=True)
        talk.say(SLOWLY)
        client = Client(self._base_url)
        self._pass_the_guards(client, email, password, talk)
        with self._vault.alone():
            self._write(Kept(tokens=client.dumps()))

    def forget(self) -> None:
        """Forget the tokens, but not that Garmin wants to be left alone. A file of them may be another program's."""
        with self._vault.alone():
            self._vault.write(asdict(replace(self._kept_or_nothing(), tokens="")))

    # --- what is kept

    def _kept(self) -> Kept:
        secret = self._vault.read() or {}
        kept = Kept(**{name: value for name, value in secret.items() if name in Kept.__slots__})
        return replace(kept, tokens=self._file.read()) if self._file else kept

    def _kept_or_nothing(self) -> Kept:
        """Return what is kept; nothing where it can no longer be opened, for signing in mends that."""
        try:
            return self._kept()
        except Refused:
            return Kept()

    def _remember(self, **changes: str | int) -> None:
        with self._vault.alone():
            self._write(replace(self._kept_or_nothing(), **changes))  # type: ignore[arg-type]  # names and types as in Kept

    def _write(self, kept: Kept) -> None:
        """Keep all of it; the vault is held alone."""
        if self._file is not None:
            self._file.write(kept.tokens)
            kept = replace(kept, tokens="")
        self._vault.write(asdict(kept))

    # --- tokens

    def _signed_in(self, kept: Kept) -> Garmin:
        """Return the library with the tokens as they are kept now: `connect` may have replaced them meanwhile."""
        if not kept.tokens:
            raise Refused(NOT_SIGNED_IN)
        if self._garmin is None:
            self._garmin = Garmin(retry_attempts=0)
            self._garmin.client = Client(self._base_url, self._renew)
        if self._garmin.client.dumps() != kept.tokens:
            self._garmin.client.loads(kept.tokens)
        return self._garmin

    def _renew(self, client: Client) -> None:
        """Put new tokens into the library's hands, unless another process has done it: then those."""
        with self._vault.alone():
            kept = self._kept()
            if kept.tokens != client.dumps():
                client.loads(kept.tokens)
                if not client.expires_soon():
                    return
            client.exchange()
            self._write(replace(kept, tokens=client.dumps()))

    # --- being left alone

    def _leave_alone(self, kept: Kept) -> None:
        until = datetime.fromisoformat(kept.quiet_until) if kept.quiet_until else None
        if until is not None and not is_over(until, self._clock.now()):
            raise self._quiet(until)

    def _quiet(self, until: datetime) -> Throttled:
        local, now = until.astimezone(self._zone), self._clock.now().astimezone(self._zone)
        hour = f"{local:%H:%M}" if local.date() == now.date() else f"{local:%H:%M} on {local.day} {local:%B}"
        return Throttled(f"Garmin wants to be left alone until {hour}: asking sooner would prolong it", until - now)

    def _blocked(self, asked: timedelta | None, usual: timedelta) -> Throttled:
        """Remember that Garmin wants to be left alone from now on, and for how long."""
        blocks = self._kept_or_nothing().blocks
        until = self._clock.now() + (asked or min(usual * 2**blocks, LONGEST_QUIET))
        self._remember(quiet_until=until.isoformat(), blocks=blocks + 1)
        return self._quiet(until)

    # --- signing in

    def _pass_the_guards(self, client: Client, email: str, password: str, talk: Conversation) -> None:
        """Try one way after another where Garmin's guards are in it, and none after a block."""
        trouble: Exception | None = None
        for way in WAYS:
            try:
                state = client.sign_in(way, email, password)
            except GarminConnectTooManyRequestsError as exc:
                raise self._blocked(None, QUIET_AFTER_SIGN_IN) from _tellable(exc, [password])
            except GarminConnectAuthenticationError as exc:
                raise Refused(NOT_TAKEN) from _tellable(exc, [password])
            except GarminConnectConnectionError as exc:
                trouble = _tellable(exc, [password])
                continue
            if state is not None:
                self._show_the_code(client, state, talk)
            return
        raise Unavailable(NOT_REACHED) from trouble

    def _show_the_code(self, client: Client, state: Any, talk: Conversation) -> None:  # noqa: ANN401 - the library's own
        shown = ""
        for _ in range(CODES):
            code = talk.ask("mfa", "The code Garmin has sent, or your app shows").strip()
            if code == shown:  # given beforehand, by an option
                break
            shown = code
            try:
                client.resume_login(state, code)
            except GarminConnectAuthenticationError:
                talk.say("Garmin does not take this code.")
            except GarminConnectTooManyRequestsError as exc:
                raise self._blocked(None, QUIET_AFTER_SIGN_IN) from exc
            except GarminConnectConnectionError as exc:
                raise Unavailable(NOT_REACHED) from exc
            else:
                return
        raise Refused(WRONG_CODE)

    # --- faults

    def _fault(self, exc: Exception, *, changing: bool) -> EdgeError:
        """Return our error for the library's, which may have wrapped one of ours."""
        for cause in _chain(exc):
            if isinstance(cause, EdgeError):
                return cause
        response = next((cause.response for cause in _chain(exc) if getattr(cause, "response", None) is not None), None)
        status = None if response is None else response.status_code
        asked = retry_after(response.headers) if response is not None and "Retry-After" in response.headers else None
        if isinstance(exc, GarminConnectTooManyRequestsError) or status in TOO_MANY:
            return self._blocked(asked, QUIET_AFTER_CALL)
        if asked is not None and status == HTTPStatus.SERVICE_UNAVAILABLE:
            return Throttled(f"Garmin is busy: trying again in {asked.total_seconds():.0f} s or later", asked)
        if isinstance(exc, GarminConnectAuthenticationError) or status == HTTPStatus.UNAUTHORIZED:
            return Refused(SIGNED_OUT)
        return _fault_of(status, changing=changing)


_LIBRARY = (
    GarminConnectAuthenticationError,
    GarminConnectConnectionError,
    GarminConnectTooManyRequestsError,
    requests.RequestException,
    EdgeError,
)


def _fault_of(status: int | None, *, changing: bool) -> EdgeError:
    if status is None or status < HTTPStatus.BAD_REQUEST:
        return Unavailable("Garmin was not reached, or broke off: trying again later", perhaps_done=changing)
    if status == HTTPStatus.FORBIDDEN:
        return Unavailable("Garmin's guards shut us out (403): trying again later")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable(f"Garmin answered {status}: trying again later", perhaps_done=changing)
    kind = NotThere if status in NO_SUCH_THING else Malformed
    return kind(f"Garmin answered {status}: it will not take this")


def _tellable(exc: Exception, secrets: Iterable[str]) -> Exception:
    """Return an error as it may be logged: the library puts whole answers into its texts."""
    return GarminConnectConnectionError(redacted(f"{type(exc).__name__}: {exc}", secrets))


def _chain(exc: BaseException | None) -> Iterator[Any]:
    """Yield an error and what it came from."""
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__
