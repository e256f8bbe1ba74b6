"""The library's client: bounded, pointed at the right hosts, and renewing tokens only where nobody else does."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from garminconnect import GarminConnectAuthenticationError, GarminConnectConnectionError
from garminconnect import GarminConnectTooManyRequestsError as TooManyRequestsError
from garminconnect.client import Client as LibraryClient

from integrations._http import Bearer, mount
from service.ports import Refused, Unavailable

# Garmin's own hosts; the library knows which others go with each.
WORLD, CHINA = "connectapi.garmin.com", "connectapi.garmin.cn"
RENEWAL = "/di-oauth2-service/oauth/token"
# The library's ways of signing in that look like a browser, the gentlest first; Garmin's guards let few others in.
WAYS = ("mobile+cffi", "widget+cffi", "portal+cffi")
OTHER_WAYS = ("mobile+requests", "portal+requests")
# Garmin's guards have a number of their own for "too many requests", too.
TOO_MANY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, 427})

SIGNED_OUT = (
    "Garmin has ended the sign-in, as it may after months or a new password: run `afterrun connect garmin_connect`"
)
NOT_RENEWED = "Garmin did not renew the sign-in: trying again later"


class BlockedError(TooManyRequestsError):
    """Garmin wants to be left alone; `response` is how it said so."""

    def __init__(self, response: Any) -> None:  # noqa: ANN401 - of requests or curl_cffi
        super().__init__(f"renewing answered {response.status_code}")
        self.response = response


class Client(LibraryClient):
    """`base_url` names Garmin's host, or one that stands for all of Garmin's. `renew` is called to renew tokens."""

    def __init__(self, base_url: str, renew: "Callable[[Client], None] | None" = None) -> None:
        host = urlsplit(base_url).netloc
        super().__init__(domain="garmin.cn" if host == CHINA else "garmin.com")
        self._renew = renew
        self._renewal: Any = None
        if host not in {WORLD, CHINA}:
            base_url = base_url.rstrip("/")
            self._connectapi = self._sso = self._connect = base_url
            self._di_token_url = f"{base_url}{RENEWAL}"
        mount(self._api_session)
        self._api_session.auth = Bearer()  # keeps requests from looking into a .netrc file

    def sign_in(self, way: str, email: str, password: str) -> Any:  # noqa: ANN401 - the library's own
        """Sign in by one way; return what resume_login needs where a code is asked for, else None.

        Raise the library's errors: for a wrong password, for a block, and else for whatever was in this way.
        """
        self.skip_strategies = {*WAYS, *OTHER_WAYS} - {way}
        needs, state = self.login(email, password, return_on_mfa=True)
        return state if needs == "needs_mfa" else None

    def expires_soon(self) -> bool:
        """Return whether the token has a quarter of an hour left, or less."""
        return self._token_expires_soon()

    def exchange(self) -> None:
        """Exchange the refresh token for new tokens; the old one is dead then.

        Raise Refused where Garmin does not take it any more, BlockedError or Unavailable.
        """
        try:
            self._refresh_di_token()
        except GarminConnectAuthenticationError as exc:
            raise self._not_renewed() from exc
        except (OSError, ValueError, KeyError) as exc:  # curl's errors are OSErrors; a page in place of tokens
            raise Unavailable(NOT_RENEWED) from exc

    def _not_renewed(self) -> Exception:
        status = HTTPStatus.UNAUTHORIZED if self._renewal is None else self._renewal.status_code
        if status in TOO_MANY:
            return BlockedError(self._renewal)
        return Unavailable(NOT_RENEWED) if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Refused(SIGNED_OUT)

    # --- what the library calls

    def _refresh_session(self) -> None:
        if self._renew is not None:
            self._renew(self)

    def _establish_session(self, ticket: str, sess: Any = None, service_url: str | None = None) -> None:  # noqa: ANN401, ARG002 - the library's own
        """Take tokens and nothing else: the cookie that the library falls back to cannot be kept."""
        try:
            self._exchange_service_ticket(ticket, service_url=service_url)
        except GarminConnectAuthenticationError as exc:
            raise GarminConnectConnectionError("the ticket was not exchanged for tokens") from exc
        if not self.di_refresh_token:
            raise GarminConnectConnectionError("there is no refresh token")

    def _http_post(self, url: str, **kwargs: Any) -> Any:  # noqa: ANN401 - handed on
        self._renewal = None
        self._renewal = super()._http_post(url, **kwargs)
        return self._renewal


def tokens_in(client: LibraryClient) -> list[str]:
    """Return what a client has in hand that is to stay secret."""
    return [token for token in (client.di_token, client.di_refresh_token) if token]
