"""No secret is said: none of the settings, no token learnt on the way, nothing that looks like a key or a position."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings, load, revealed
from service.engine import redaction
from service.engine.redaction import HIDDEN, Known, Redactor

PLANTED = {
    "sources.intervals.api_key": "planted-intervals-key",
    "sources.strava.client_secret": "planted-strava-secret",
    "channels.ntfy.url": "https://ntfy.example/planted-topic",
    "channels.ntfy.token": "planted-ntfy-token",
    "channels.email.password": "planted $mail password",
    "channels.caldav.password": "planted-caldav-password",
    "channels.apprise.urls": "tgram://123456789:planted-bot-token/chat",
}
SETTINGS = f"""
database = "postgresql+psycopg://afterrun:planted-database-password@db.example/afterrun"
[sources.intervals]
api_key = "{PLANTED["sources.intervals.api_key"]}"
[sources.strava]
client_id = "1234"
client_secret = "{PLANTED["sources.strava.client_secret"]}"
[channels.ntfy]
url = "{PLANTED["channels.ntfy.url"]}"
token = "{PLANTED["channels.ntfy.token"]}"
[channels.email]
host = "mail.example"
from = "a@example.org"
to = "b@example.org"
username = "a"
password = "{PLANTED["channels.email.password"]}"
[channels.caldav]
url = "https://dav.example/anna/mobility/"
username = "a"
password = "{PLANTED["channels.caldav.password"]}"
[channels.apprise]
urls = ["{PLANTED["channels.apprise.urls"]}"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "afterrun.toml"
    file.write_text(SETTINGS)
    return load(file, env={})


@pytest.fixture
def redactor(settings: Settings) -> Redactor:
    redactor = Redactor()
    redactor.learn(revealed(settings))
    return redactor


@pytest.mark.parametrize("secret", [*PLANTED.values(), "planted-database-password", "planted-topic"])
def test_no_secret_of_the_settings_is_ever_said(redactor: Redactor, secret: str) -> None:
    for said in (f"the key {secret} was refused", repr(ValueError(secret)), f"https://x.example/{secret}/y?z={secret}"):
        assert secret not in redactor(said)


def test_tokens_learnt_on_the_way_are_not_said_either() -> None:
    redactor = Redactor()
    redactor.learn_from(
        {"tokens": {"access_token": "rotated-once-more"}, "expires_at": 1_800_000_000, "athlete": "Kim"}
    )

    assert redactor("refused: rotated-once-more of Kim") == f"refused: {HIDDEN} of Kim"


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("GET /oauth/token?client_id=1&code=abcdef0123&scope=read", "abcdef0123"),
        ("GET https://api.example/v1?access_token=xyzzy42", "xyzzy42"),
        ("header Authorization: Bearer eyJhbGciOi.J9-x_y", "eyJhbGciOi.J9-x_y"),
        ("header authorization='Basic QVBJX0tFWTprZXk='", "QVBJX0tFWTprZXk="),
        ('answer {"refresh_token": "r-123456", "expires_in": 1}', "r-123456"),
        ("cannot reach postgresql://anna:hunter22@db/afterrun", "hunter22"),
        ("POST /s/MTI.aBcDeF.g-H_i/done", "MTI.aBcDeF.g-H_i"),
        ("GET /calendar/Im1lIg.x1y2z3.ics", "Im1lIg.x1y2z3"),
        ("POST /webhooks/strava/0123456789abcdef", "0123456789abcdef"),
        ("started at 52.520008, 13.404954 in the rain", "52.520008"),
        ("started at 52.520008, 13.404954 in the rain", "13.404954"),
        ("start_lat=52.52 start_lng=13.40", "52.52"),
        ('{"longitude": 13.4}', "13.4"),
    ],
)
def test_what_is_secret_by_its_place_is_hidden_whoever_made_it_up(said: str, hidden: str) -> None:
    assert hidden in said
    assert hidden not in Redactor()(said)


@pytest.mark.parametrize(
    "said",
    [
        "sources.folder of me: /home/anna/runs is not there: check the path",
        "interval.fit: 24 min at 96 % of threshold speed",
        "pages at http://127.0.0.1:8710",
        "heart rate 141.5, 8.25 km in 45:10, cadence 86.5",
        "the key of keys/vault.key can be read by others: chmod 600 it",
    ],
)
def test_what_is_no_secret_stays_readable(redactor: Redactor, said: str) -> None:
    assert redactor(said) == said


@given(secret=st.text(min_size=6), before=st.text(), after=st.text())
def test_a_secret_is_hidden_wherever_it_stands(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn([secret])

    assert secret not in redactor(before + secret + after).replace(HIDDEN, "")


@given(
    secrets=st.lists(st.text("ab", min_size=6, max_size=9), min_size=1, max_size=6),
    text=st.text("abc", max_size=30),
)
def test_every_place_of_every_secret_is_found(secrets: list[str], text: str) -> None:
    known = Known()
    for secret in secrets:
        known.add(secret)

    places = {(at, at + len(one)) for one in secrets for at in range(len(text)) if text.startswith(one, at)}
    assert set(known.spans(text)) == places


def test_secrets_that_overlap_are_hidden_whole() -> None:
    redactor = Redactor()
    redactor.learn(["first-half", "half-last", "half"])

    assert redactor("say first-half-last twice, half said") == f"say {HIDDEN} twice, half said"


def test_old_tokens_are_forgotten_in_time_and_the_settings_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "TOKENS_KEPT", 100)
    redactor = Redactor()
    redactor.learn(["of-the-settings"])
    for number in range(250):
        redactor.learn_from({"access_token": f"token-{number:03}"})

    said = redactor("token-000 token-150 token-249 of-the-settings")

    assert said == f"token-000 {HIDDEN} {HIDDEN} {HIDDEN}"
