"""The runner's consent: asked for in the browser, checked for what it covers, given back.

    address to open -> (the browser comes back here, or the runner pastes where it was sent) -> code, scope -> tokens
    -> one look at the list of runs -> kept

A code is good once and for minutes; nothing is kept before Strava has shown that it lets us see runs.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from integrations.strava._api import BOXES, CONNECT, NO_ACTIVITIES, SCOPES, Api, Grant, NotThereError, StaleError
from integrations.strava._callback import Callback
from integrations.strava._tokens import Tokens
from service.ports import Clock, Conversation, EdgeError, Ledger, Refused, Vault

OPEN = "Open this address in a browser, and leave every box ticked:"
THEN = "It waits for you to come back. Should your browser run elsewhere, paste the address it was sent to, or its code"
NOT_GIVEN = f"Strava was not given your consent: {CONNECT} again when you like"
FORGED = f"that address does not belong to this request: {CONNECT} again and use the address of today"
NO_CODE = "there is no code in that: paste the whole address Strava sent you to, or the code in it"
ONLY_YOU = (
    f"Runs only you can see stay hidden from Afterrun. To have them count, connect again with"
    f" “{BOXES['activity:read_all']}” ticked."
)
A_WEEK = (
    "Strava lets Afterrun remember runs for seven days. For its verdicts to know your whole past, ask Strava for your"
    " export once (strava.com/athlete/delete_your_account, “Download Request”; it deletes nothing) and run"
    " `afterrun import export.zip`: those files are yours and stay."
)
APPS = "https://www.strava.com/settings/apps"
CHARS_OF_STATE = 16


def connect(
    talk: Conversation,
    *,
    client_id: int,
    client_secret: str,
    base_url: str,
    oauth_url: str,
    vault: Vault,
    ledger: Ledger,
    clock: Clock,
) -> str:
    """Return what was connected; raise Refused where the consent is missing or too narrow, keeping nothing."""
    api = Api(
        client_id=client_id,
        client_secret=client_secret,
        base_url=base_url,
        oauth_url=oauth_url,
        ledger=ledger,
        clock=clock,
    )
    code, scopes = _consent(talk, client_id, oauth_url)
    if scopes and not _sees_runs(scopes):
        raise Refused(NO_ACTIVITIES)
    grant = api.exchange(code)
    _look(api, grant, clock)
    number = grant.athlete or int(api.get("/athlete", grant.access)["id"])
    with vault.alone():
        Tokens(vault, api, clock).keep(grant, number, scopes)
    if scopes and "activity:read_all" not in scopes:
        talk.say(ONLY_YOU)
    talk.say(A_WEEK)
    return f"Strava: connected as athlete {number}."


def disconnect(
    talk: Conversation,
    *,
    client_id: int,
    client_secret: str,
    base_url: str,
    oauth_url: str,
    vault: Vault,
    ledger: Ledger,
    clock: Clock,
) -> None:
    """Forget the tokens, and tell Strava so; say what to do where it cannot be told."""
    api = Api(
        client_id=client_id,
        client_secret=client_secret,
        base_url=base_url,
        oauth_url=oauth_url,
        ledger=ledger,
        clock=clock,
    )
    tokens = Tokens(vault, api, clock)
    held = tokens.held()
    if held is None:
        talk.say("Strava was not connected.")
        return
    try:
        api.revoke(held.refresh)
        talk.say("Strava was told that Afterrun needs nothing more.")
    except EdgeError as exc:
        talk.say(f"Strava could not be told ({exc}): take Afterrun off the list at {APPS}.")
    tokens.forget()


def _consent(talk: Conversation, client_id: int, oauth_url: str) -> tuple[str, tuple[str, ...]]:
    """Return a code and what it covers, () where that is not known."""
    given = talk.given("code")
    if given is not None:
        return _told(given, talk.given("scope") or "", state=None)
    with Callback() as callback:
        state = secrets.token_urlsafe(CHARS_OF_STATE)
        talk.say(OPEN)
        talk.say(_address(oauth_url, client_id, callback.url, state))
        return _told(talk.ask("code", THEN, meanwhile=callback.heard), "", state=state)


def _address(oauth_url: str, client_id: int, redirect: str, state: str) -> str:
    wish = {
        "client_id": client_id,
        "redirect_uri": redirect,
        "response_type": "code",
        "approval_prompt": "auto",
        "scope": ",".join(SCOPES),
        "state": state,
    }
    return f"{oauth_url}/oauth/authorize?{urlencode(wish)}"


def _told(answer: str, scope: str, *, state: str | None) -> tuple[str, tuple[str, ...]]:
    """Read a code, or the address the runner was sent to, with what it covers."""
    answer = answer.strip()
    if "=" not in answer and "/" not in answer:
        return answer, _scopes(scope)
    query = {name: values[-1] for name, values in parse_qs(urlsplit(answer).query or answer).items()}
    if "error" in query:
        raise Refused(NOT_GIVEN)
    if state is not None and query.get("state") != state:
        raise Refused(FORGED)
    if not query.get("code"):
        raise Refused(NO_CODE)
    return query["code"], _scopes(scope or query.get("scope", ""))


def _scopes(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _sees_runs(scopes: Sequence[str]) -> bool:
    return any(scope in scopes for scope in ("activity:read", "activity:read_all"))


def _look(api: Api, grant: Grant, clock: Clock) -> None:
    """Look at the list of runs once; raise Refused where it is not shown."""
    since = int((clock.now() - timedelta(days=1)).timestamp())
    try:
        api.get("/athlete/activities", grant.access, after=since, page=1, per_page=1)
    except (StaleError, NotThereError) as exc:
        raise Refused(NO_ACTIVITIES) from exc
