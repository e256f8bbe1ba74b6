"""Secrets planted in every integration, and servers that repeat all they are sent: no command, log or row says one."""

import json
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest
from garminconnect.client import sso

from tests.cli.test_commands import Person, person
from tests.integrations.strava_home import stored
from tests.peers.garmin import jwt
from tests.peers.http import Answer, HttpPeer, Request, document
from tests.peers.mail import MailPeer
from tests.peers.strava import StravaPeer

__all__ = ["person"]

pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of what Apprise loads
]

STATUSES = (200, 302, 401, 403, 429, 500)
CONNECTED = ("garmin", "intervals", "ntfy", "email", "caldav", "apprise")
PLANTED = {
    name: f"planted-{name}-7f3a"
    for name in (
        *("garmin", "intervals", "strava", "code", "refresh", "topic", "ntfy", "email", "caldav"),
        *("apprise-user", "apprise-password", "apprise-path", "password", "mfa"),
    )
}


class Gossip(HttpPeer):
    """A server that answers everything with all it was sent, in the body, the headers and where it would lead to."""

    status = 500

    def answered(self, request: Request) -> Answer:
        """Repeat it."""
        said = f"{request.method} {request.path} {dict(request.query)} {dict(request.headers)} {request.body!r}"
        basic = request.headers.get("authorization", "")
        told = {"error": said, "message": said, "detail": said}
        leads = {"Location": f"http://127.0.0.1:9/{basic.replace(' ', '/')}{request.path}", "X-Said": basic}
        return document(told, self.status, **leads)


@pytest.fixture
def gossip() -> Iterator[Gossip]:
    with Gossip() as peer:
        yield peer


@pytest.fixture
def secrets(person: Person, gossip: Gossip, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Have a secret wherever one goes, a session waiting to be told of everywhere, and return all that is secret."""
    for kind in ("MOBILE", "WIDGET", "LOGIN"):
        for end in ("MIN", "MAX"):
            monkeypatch.setattr(sso, f"{kind}_DELAY_{end}_S", 0.0)
    with StravaPeer() as strava, MailPeer(account=("me", "another")) as mail:
        person.settles(_strava(PLANTED["strava"], strava))
        strava.client_secret = PLANTED["strava"]
        strava.codes[PLANTED["code"]] = (7, "read,activity:read_all")
        strava.athlete(7)
        assert person.types("connect", "strava", "--code", PLANTED["code"]).exit_code == 0
        tokens = [*strava.access, *strava.refresh]
        token = jwt(exp=int((datetime.now(UTC) + timedelta(days=1)).timestamp()), jti=1)
        held = {"di_token": token, "di_refresh_token": PLANTED["refresh"], "di_client_id": "CLIENT"}
        (person.home / "tokens.json").write_text(json.dumps(held))
        person.settles(_everything(gossip, mail))
        assert person.types("import", person.ran()).exit_code == 0
        yield [*PLANTED.values(), *tokens, token]


def _strava(secret: str, peer: HttpPeer) -> str:
    return f"""
    [athlete]
    timezone = "UTC"
    [sources.strava]
    client_id = 12345
    client_secret = "{secret}"
    base_url = "{peer.url}"
    oauth_url = "{peer.url}"
    """


def _everything(gossip: Gossip, mail: MailPeer) -> str:
    port = gossip.url.rpartition(":")[2]
    userinfo = f"{PLANTED['apprise-user']}:{PLANTED['apprise-password']}"
    return f"""{_strava(PLANTED["strava"], gossip)}
    [sources.garmin]
    api_key = "{PLANTED["garmin"]}"
    base_url = "{gossip.url}"
    [sources.intervals]
    api_key = "{PLANTED["intervals"]}"
    base_url = "{gossip.url}"
    [sources.garmin_connect]
    token_file = "tokens.json"
    base_url = "{gossip.url}"
    [channels.ntfy]
    url = "{gossip.url}/{PLANTED["topic"]}"
    token = "{PLANTED["ntfy"]}"
    [channels.email]
    host = "127.0.0.1"
    port = {mail.port}
    tls = "none"
    from = "a@example.org"
    to = "b@example.org"
    username = "me"
    password = "{PLANTED["email"]}"
    [channels.caldav]
    url = "{gossip.url}/dav/me/"
    username = "me"
    password = "{PLANTED["caldav"]}"
    [channels.apprise]
    urls = ["json://{userinfo}@127.0.0.1:{port}/{PLANTED["apprise-path"]}"]
    """


def all_said(person: Person, *words: str) -> str:
    """Return all that a command says, with the trace that --debug shows."""
    try:
        answer = person.types(*words)
    except Exception:  # noqa: BLE001 - whatever Python would print of it
        return traceback.format_exc()
    return answer.stdout + answer.stderr


def test_no_command_says_one_whatever_it_hears(person: Person, gossip: Gossip, secrets: list[str]) -> None:
    said = ""
    settings = (person.home / "afterrun.toml").read_text()
    for status, style in zip(STATUSES, cycle(["plain", "json", "logfmt"]), strict=False):
        gossip.status = status
        person.settles(f'{settings}[log]\nformat = "{style}"\n')
        connecting = [("connect", name) for name in CONNECTED] if status in {401, 500} else []
        for words in (("sync",), ("doctor",), ("status",), *connecting):
            said += all_said(person, *words, *(["--debug"] if status == 500 else []))
    assert len(gossip.requests) > 50
    heard = "".join(f"{one.path} {one.headers} {one.body!r}" for one in gossip.requests)
    assert sum(secret in heard for secret in secrets) >= 6, "they were told to the server, to be repeated"
    assert "answered 500" in said

    assert [secret for secret in secrets if secret in said] == []
    kept = stored(person.home / "afterrun-data") + (person.home / "afterrun.db").read_bytes()
    assert [secret for secret in secrets if secret.encode() in kept] == []


def test_a_password_typed_for_garmin_is_never_said_and_nowhere_kept(
    person: Person, gossip: Gossip, secrets: list[str]
) -> None:
    said = ""
    for status in (200, 401, 429, 500):
        gossip.status = status
        answers = ("--email", "me@example.org", "--password", PLANTED["password"], "--mfa", PLANTED["mfa"])
        said += all_said(person, "connect", "garmin_connect", *answers, "--debug")
    assert any(PLANTED["password"].encode() in one.body for one in gossip.requests)

    assert [secret for secret in secrets if secret in said] == []
    assert PLANTED["password"].encode() not in stored(person.home)


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_the_password_of_a_database_is_not_said(person: Person, debug: list[str]) -> None:
    person.settles('database = "postgresql+psycopg://me:planted-database-7f3a@127.0.0.1:9/afterrun"\n')

    for words in ("status", "doctor", "sync"):
        said = all_said(person, *words.split(), *debug)
        assert "refused" in said
        assert "planted-database-7f3a" not in said


def test_settings_that_cannot_be_are_told_without_their_values(person: Person, tmp_path: Path) -> None:
    (tmp_path / "afterrun.toml").write_text(
        """
        [sources.strava]
        client_id = "planted-id-7f3a"
        client_secret = ["planted-secret-7f3a"]
        [channels.ntfy]
        url = "planted-topic-7f3a"
        token = 7
        [channels.email]
        password = "planted-mail-7f3a"
        """
    )

    answer = person.types("status")

    assert answer.exit_code == 2
    for secret in ("planted-secret-7f3a", "planted-mail-7f3a"):
        assert secret not in answer.stdout + answer.stderr
