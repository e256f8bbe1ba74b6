"""stravalib, driven through our own door: case by case, without a server."""

import logging
import subprocess
import sys
import warnings
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import responses

from integrations.strava._api import Api, GoneError, NotThereError, StaleError
from service.domain.budget import Allowance
from service.ports import EdgeError, Malformed, Refused, Throttled, Unavailable
from tests.fakes import Clock

API, OAUTH = "https://api-v3.strava.example", "https://www.strava.example"
NOON = datetime(2026, 6, 15, 12, 4, tzinfo=UTC)
TOKENS = {"access_token": "new-access", "refresh_token": "new-refresh", "expires_at": 1_800_000_000}


class Ledger:
    """Counts what is spent and heard."""

    def __init__(self) -> None:
        self.spent = 0
        self.heard: list[dict[str, tuple[int, int]]] = []

    def spend(self, account: str, allowances: Sequence[Allowance]) -> None:
        assert (account, len(allowances)) == ("strava:12345", 4)
        self.spent += 1

    def hear(self, account: str, allowances: Sequence[Allowance], counts: Mapping[str, tuple[int, int]]) -> None:
        assert counts.keys() <= {one.name for one in allowances}, account
        self.heard.append(dict(counts))


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def api(ledger: Ledger) -> Api:
    return Api(
        client_id=12345,
        client_secret="s3cret",
        base_url=API,
        oauth_url=OAUTH,
        ledger=ledger,
        clock=Clock(NOON),
    )


def failure(api: Api, status: int, document: object = None, headers: dict[str, str] | None = None) -> Exception:
    responses.get(f"{API}/api/v3/athlete", status=status, json=document, headers=headers)
    with pytest.raises((EdgeError, NotThereError, StaleError)) as caught:
        api.get("/athlete", "an-access-token")
    assert "\n" not in str(caught.value)
    return caught.value


def refusal(resource: str, field: str, code: str, message: str = "Authorization Error") -> dict[str, object]:
    return {"message": message, "errors": [{"resource": resource, "field": field, "code": code}]}


class TestRequests:
    @responses.activate
    def test_the_api_is_where_the_settings_say_and_the_token_stands_in_a_header(self, api: Api) -> None:
        responses.get(f"{API}/api/v3/athlete/activities", json=[])

        assert api.get("/athlete/activities", "an-access-token", after=7, per_page=200) == []

        (call,) = responses.calls
        assert call.request.headers["Authorization"] == "Bearer an-access-token"
        assert call.request.url == f"{API}/api/v3/athlete/activities?after=7&per_page=200"

    @responses.activate
    def test_tokens_are_asked_for_where_consent_is_given_and_carry_no_old_one(self, api: Api, ledger: Ledger) -> None:
        responses.get(f"{API}/api/v3/athlete", json={})
        responses.post(f"{OAUTH}/oauth/token", json=TOKENS)
        api.get("/athlete", "an-access-token")

        assert api.refresh("old-refresh").refresh == "new-refresh"

        request = responses.calls[1].request
        assert "Authorization" not in request.headers
        assert request.body == (
            b"client_id=12345&client_secret=s3cret&refresh_token=old-refresh&grant_type=refresh_token"
        )
        assert "s3cret" not in str(request.url)
        assert ledger.spent == 1

    @responses.activate
    def test_a_code_is_exchanged_for_tokens_and_the_runners_number(self, api: Api) -> None:
        responses.post(f"{OAUTH}/oauth/token", json=TOKENS | {"athlete": {"id": 7}})

        grant = api.exchange("a-code")

        assert (grant.athlete, grant.access, grant.expires_at) == (7, "new-access", 1_800_000_000)

    @responses.activate
    def test_where_strava_does_not_say_whose_they_are_it_is_left_open(self, api: Api) -> None:
        responses.post(f"{OAUTH}/oauth/token", json=TOKENS)

        assert api.exchange("a-code").athlete == 0

    @responses.activate
    def test_consent_is_given_back_by_the_application_itself(self, api: Api) -> None:
        responses.post(f"{OAUTH}/oauth/revoke", json={})

        api.revoke("a-refresh-token")

        request = responses.calls[0].request
        assert request.headers["Authorization"] == f"Basic {b64encode(b'12345:s3cret').decode()}"
        assert request.body == b"token=a-refresh-token&token_type_hint=refresh_token"

    @responses.activate
    def test_consent_that_is_gone_already_is_given_back(self, api: Api) -> None:
        responses.post(f"{OAUTH}/oauth/revoke", status=401, json=refusal("AccessToken", "token", "invalid"))

        api.revoke("a-refresh-token")

    @responses.activate
    def test_consent_that_could_not_be_given_back_is_said(self, api: Api) -> None:
        responses.post(f"{OAUTH}/oauth/revoke", status=503)

        with pytest.raises(Unavailable):
            api.revoke("a-refresh-token")


class TestAnswers:
    @responses.activate
    def test_an_application_that_was_switched_off(self, api: Api) -> None:
        error = failure(api, 403, refusal("Application", "Status", "Inactive", "Forbidden"))
        assert isinstance(error, Refused)
        assert "paid Strava subscription" in str(error)
        assert "[sources.folder]" in str(error)

    @responses.activate
    def test_a_box_that_was_not_ticked(self, api: Api) -> None:
        error = failure(api, 401, refusal("AccessToken", "activity:read_permission", "missing"))
        assert isinstance(error, Refused)
        assert "View data about your activities" in str(error)
        assert "afterrun connect strava" in str(error)

    @responses.activate
    def test_another_box(self, api: Api) -> None:
        error = failure(api, 401, refusal("AccessToken", "profile:read_all_permission", "missing"))
        assert "profile:read_all_permission" in str(error)

    @pytest.mark.parametrize("resource", ["Athlete", "Application"])
    @responses.activate
    def test_a_token_that_is_used_up(self, api: Api, resource: str) -> None:
        assert isinstance(failure(api, 401, refusal(resource, "access_token", "invalid")), StaleError)

    @responses.activate
    def test_what_is_not_there(self, api: Api) -> None:
        assert isinstance(failure(api, 404, refusal("Activity", "id", "not found")), NotThereError)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [(400, Malformed), (402, Malformed), (403, Refused), (422, Malformed), (500, Unavailable), (599, Unavailable)],
    )
    @responses.activate
    def test_every_other_status_is_one_of_the_four_errors(self, api: Api, status: int, kind: type[EdgeError]) -> None:
        assert type(failure(api, status, {"message": "no"})) is kind

    @responses.activate
    def test_a_limit_that_is_reached_ends_with_the_quarter(self, api: Api, ledger: Ledger) -> None:
        headers = {"X-ReadRateLimit-Limit": "100,1000", "X-ReadRateLimit-Usage": "101,340"}

        error = failure(api, 429, refusal("Application", "rate limit", "exceeded"), headers)

        assert isinstance(error, Throttled)
        assert error.retry_after == timedelta(minutes=11)
        assert ledger.heard == [{"reads in 15 min": (101, 100), "reads a day": (340, 1000)}]

    @responses.activate
    def test_a_days_limit_ends_with_the_day(self, api: Api) -> None:
        error = failure(api, 429, {}, {"X-RateLimit-Limit": "200,2000", "X-RateLimit-Usage": "3,2001"})

        assert isinstance(error, Throttled)
        assert error.retry_after == timedelta(hours=11, minutes=56)

    @pytest.mark.parametrize("usage", ["", "1", "a,b", "1,2,3", "-1,2", "9" * 400])
    @responses.activate
    def test_a_count_nobody_can_read_is_left_aside(self, api: Api, ledger: Ledger, usage: str) -> None:
        headers = {"X-RateLimit-Limit": "200,2000", "X-RateLimit-Usage": usage}
        responses.get(f"{API}/api/v3/athlete", json={}, headers=headers)

        api.get("/athlete", "an-access-token")

        assert ledger.heard == []

    @pytest.mark.parametrize("body", ["<html>", "", "[", "nonsense"])
    @responses.activate
    def test_what_is_no_json_is_no_answer(self, api: Api, body: str) -> None:
        responses.get(f"{API}/api/v3/athlete", body=body)
        with pytest.raises(Unavailable, match="does not answer as Strava does"):
            api.get("/athlete", "an-access-token")

    @pytest.mark.parametrize("document", [{}, [], "yes", {"access_token": "a"}, TOKENS | {"expires_at": "soon"}])
    @responses.activate
    def test_tokens_that_are_none_are_no_answer(self, api: Api, document: object) -> None:
        responses.post(f"{OAUTH}/oauth/token", json=document)
        with pytest.raises(Unavailable):
            api.refresh("old-refresh")

    @pytest.mark.parametrize("status", [400, 401])
    @responses.activate
    def test_a_refresh_token_that_is_refused_means_the_consent_is_gone(self, api: Api, status: int) -> None:
        responses.post(
            f"{OAUTH}/oauth/token",
            status=status,
            json=refusal("RefreshToken", "refresh_token", "invalid", "Bad Request"),
        )
        with pytest.raises(GoneError, match="afterrun connect strava"):
            api.refresh("old-refresh")

    @responses.activate
    def test_an_application_strava_does_not_know_says_nothing_about_a_consent(self, api: Api) -> None:
        responses.post(
            f"{OAUTH}/oauth/token", status=400, json=refusal("Application", "client_id", "invalid", "Bad Request")
        )
        with pytest.raises(Refused, match="client_id and client_secret") as caught:
            api.refresh("old-refresh")
        assert not isinstance(caught.value, GoneError)


class TestStravalibsWays:
    def test_importing_it_turns_nothing_on_for_the_whole_program(self) -> None:
        """It would show every warning, and take them into the log."""
        asks = (
            "import warnings, logging, integrations._http, integrations.strava;"
            "before = list(warnings.filters), warnings.showwarning;"
            "import integrations.strava._api;"
            "assert (list(warnings.filters), warnings.showwarning) == before, warnings.filters[:3];"
            "assert not logging.getLogger('py.warnings').handlers"
        )
        subprocess.run([sys.executable, "-c", asks], check=True)  # noqa: S603 - our own

    def test_it_is_not_imported_to_read_a_kept_run(self) -> None:
        asks = "import sys, integrations; integrations.readers(); assert 'stravalib' not in sys.modules"
        subprocess.run([sys.executable, "-c", asks], check=True)  # noqa: S603 - our own

    @responses.activate
    def test_it_looks_for_no_application_in_the_environment(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("STRAVA_CLIENT_ID", "999")
        monkeypatch.setenv("STRAVA_CLIENT_SECRET", "somebody-elses")
        api = Api(
            client_id=12345,
            client_secret="s3cret",
            base_url=API,
            oauth_url=OAUTH,
            ledger=ledger,
            clock=Clock(NOON),
        )
        responses.get(f"{API}/api/v3/athlete", json={})

        api.get("/athlete", "an-access-token")

        assert len(responses.calls) == 1
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

    @responses.activate
    def test_it_never_sleeps(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        def sleeps(_seconds: float) -> None:
            pytest.fail("a rate limiter of stravalib's own")

        monkeypatch.setattr("time.sleep", sleeps)
        headers = {"X-ReadRateLimit-Limit": "100,1000", "X-ReadRateLimit-Usage": "100,1000"}
        responses.get(f"{API}/api/v3/athlete", json={}, headers=headers)
        with warnings.catch_warnings(action="error"):
            for _ in range(3):
                api.get("/athlete", "an-access-token")
