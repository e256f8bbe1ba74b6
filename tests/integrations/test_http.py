import logging
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
import requests
import responses

from integrations import _http
from integrations._http import (
    BUSY_WAIT,
    LONGEST_WAIT,
    Bearer,
    BoundedAdapter,
    Client,
    Login,
    basic,
    redacted,
    retry_after,
)
from service.ports import EdgeError, Malformed, Refused, Throttled, Unavailable

ADDRESS = "https://api.example.org/s3cret-path/"
SECRET = "s3cret"


@pytest.fixture
def client() -> Client:
    return Client("Example", auth=Bearer(f"{SECRET}-token"), secrets=[f"{SECRET}-token", f"{SECRET}-path"])


def failure(client: Client, method: str = "POST", url: str = ADDRESS) -> EdgeError:
    with pytest.raises(EdgeError) as caught:
        client.request(method, url)
    error = caught.value
    assert SECRET not in f"{error} {error.__cause__!r}"
    assert "\n" not in str(error)
    return error


class TestStatuses:
    @pytest.mark.parametrize("status", [200, 201, 206])
    @responses.activate
    def test_success_is_a_reply(self, client: Client, status: int) -> None:
        responses.get(ADDRESS, status=status, body=b"here")
        reply = client.request("GET", ADDRESS)
        assert (reply.status, reply.body) == (status, b"here")
        assert responses.calls[0].request.headers["Authorization"] == f"Bearer {SECRET}-token"

    @responses.activate
    def test_a_status_the_caller_expects_is_a_reply(self, client: Client) -> None:
        responses.delete(ADDRESS, status=404)
        assert client.request("DELETE", ADDRESS, accept={404}).status == 404

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (301, Refused),
            (307, Refused),
            (401, Refused),
            (403, Refused),
            (404, Refused),
            (410, Refused),
            (400, Malformed),
            (405, Malformed),
            (412, Malformed),
            (413, Malformed),
            (422, Malformed),
            (408, Unavailable),
            (425, Unavailable),
            (429, Throttled),
            (500, Unavailable),
            (502, Unavailable),
            (503, Unavailable),
            (504, Unavailable),
            (599, Unavailable),
        ],
    )
    @responses.activate
    def test_every_other_status_is_one_of_the_four_errors(
        self, client: Client, status: int, kind: type[EdgeError]
    ) -> None:
        responses.post(ADDRESS, status=status)
        error = failure(client)
        assert type(error) is kind
        assert f"Example at api.example.org answered {status}" in str(error)

    @pytest.mark.parametrize(("status", "perhaps"), [(500, True), (502, True), (504, True), (503, False), (408, False)])
    @responses.activate
    def test_behind_some_of_them_the_work_may_be_done(self, client: Client, status: int, *, perhaps: bool) -> None:
        responses.post(ADDRESS, status=status)
        responses.get(ADDRESS, status=status)
        for method, expected in (("POST", perhaps), ("GET", False)):
            error = failure(client, method)
            assert isinstance(error, Unavailable)
            assert error.perhaps_done is expected

    @responses.activate
    def test_busy_with_a_time_to_come_back_is_throttled(self, client: Client) -> None:
        responses.get(ADDRESS, status=503, headers={"Retry-After": "120"})
        error = failure(client, "GET")
        assert isinstance(error, Throttled)
        assert error.retry_after == timedelta(minutes=2)

    @responses.activate
    def test_the_callers_advice_is_given(self) -> None:
        responses.get(ADDRESS, status=403)
        advised = Client("Example", advice={403: "tick the box in the settings"}, secrets=[f"{SECRET}-path"])
        assert str(failure(advised, "GET")).endswith(": tick the box in the settings")

    @responses.activate
    def test_what_the_server_says_is_passed_on_in_one_line_without_secrets(self, client: Client) -> None:
        responses.get(ADDRESS, status=400, json={"error": f"no\nsuch thing as {SECRET}-token" + "!" * 500})
        text = str(failure(client, "GET"))
        assert "(no such thing as …!!!" in text
        assert len(text) < 300

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b"[]", b'{"error": null}', b"[" * 100_000, b'{"error": {"a": 1}}']
    )
    @responses.activate
    def test_whatever_else_it_says_does_no_harm(self, client: Client, body: bytes) -> None:
        responses.get(ADDRESS, status=400, body=body)
        assert isinstance(failure(client, "GET"), Malformed)

    @responses.activate
    def test_html_in_place_of_json_is_a_passing_fault(self, client: Client) -> None:
        responses.post(ADDRESS, body="<html>Sign in to the hotel's network</html>")
        reply = client.request("POST", ADDRESS)
        with pytest.raises(Unavailable, match="does not answer as Example does") as caught:
            reply.json()
        assert caught.value.perhaps_done

    @responses.activate
    def test_json_nested_without_end_is_a_passing_fault(self, client: Client) -> None:
        responses.get(ADDRESS, body=b"[" * 100_000)
        with pytest.raises(Unavailable):
            client.request("GET", ADDRESS).json()

    @responses.activate
    def test_a_line_of_json_cut_short_is_a_passing_fault(self, client: Client) -> None:
        responses.get(ADDRESS, body=b'{"a":1}\n\n{"b":')
        with pytest.raises(Unavailable):
            client.request("GET", ADDRESS).json_lines()


class TestRedirects:
    @responses.activate
    def test_one_is_an_error_that_names_the_new_place_but_not_the_path(self, client: Client) -> None:
        responses.post(ADDRESS, status=301, headers={"Location": f"https://user:{SECRET}@new.example.org/{SECRET}"})
        error = failure(client)
        assert isinstance(error, Refused)
        assert "it has moved to https://new.example.org, so correct the address" in str(error)
        assert len(responses.calls) == 1

    @pytest.mark.parametrize("place", ["/elsewhere", "", "http://[", "//"])
    @responses.activate
    def test_an_odd_place_does_no_harm(self, client: Client, place: str) -> None:
        responses.post(ADDRESS, status=302, headers={"Location": place})
        assert isinstance(failure(client), Refused)

    @responses.activate
    def test_it_is_followed_where_asked_for_and_the_token_stays_behind(self) -> None:
        responses.get(ADDRESS, status=302, headers={"Location": "https://files.example.net/zip"})
        responses.get("https://files.example.net/zip", body=b"zip")
        following = Client("Example", auth=Bearer("token"), follow=True)
        assert following.request("GET", ADDRESS).body == b"zip"
        assert "Authorization" not in responses.calls[1].request.headers

    @responses.activate
    def test_a_circle_ends(self) -> None:
        responses.get("https://api.example.org/a", status=302, headers={"Location": "https://api.example.org/a"})
        error = failure(Client("Example", follow=True), "GET", "https://api.example.org/a")
        assert isinstance(error, Refused)


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("headers", "wait"),
        [
            ({"Retry-After": "14"}, timedelta(seconds=14)),
            ({"Retry-After": "0"}, timedelta(0)),
            ({"Retry-After": "99999999999999999999"}, LONGEST_WAIT),
            ({"Retry-After": "9" * 5000}, BUSY_WAIT),
            ({}, BUSY_WAIT),
            ({"Retry-After": "soon"}, BUSY_WAIT),
            ({"Retry-After": "-5"}, BUSY_WAIT),
            (
                {"Retry-After": "Sun, 22 Nov 2026 08:15:00 GMT", "Date": "Sun, 22 Nov 2026 08:00:00 GMT"},
                timedelta(minutes=15),
            ),
            (
                {"Retry-After": "Sun, 22 Nov 2026 07:00:00 GMT", "Date": "Sun, 22 Nov 2026 08:00:00 GMT"},
                timedelta(0),
            ),
            ({"Retry-After": "Sun, 22 Nov 2099 08:00:00 GMT", "Date": "Sun, 22 Nov 2026 08:00:00 GMT"}, LONGEST_WAIT),
            ({"Retry-After": "Sun, 22 Nov 2026 08:15:00 GMT"}, BUSY_WAIT),
            ({"Retry-After": "Sun, 22 Nov 2026 08:15:00", "Date": "Sun, 22 Nov 2026 08:00:00 GMT"}, BUSY_WAIT),
        ],
    )
    def test_seconds_dates_and_nonsense(self, headers: dict[str, str], wait: timedelta) -> None:
        assert retry_after(headers) == wait

    @responses.activate
    def test_it_reaches_the_caller(self, client: Client) -> None:
        responses.get(ADDRESS, status=429, headers={"Retry-After": "14"})
        error = failure(client, "GET")
        assert isinstance(error, Throttled)
        assert error.retry_after == timedelta(seconds=14)


class TestSecrets:
    def test_plain_and_as_they_stand_in_an_address(self) -> None:
        said = redacted("a b/c, a%20b/c and a%20b%2Fc, but not abc", ["a b/c", ""])
        assert said == "…, … and …, but not abc"

    @responses.activate
    def test_the_cause_may_be_logged_too(self, client: Client) -> None:
        responses.get(ADDRESS, body=requests.ConnectionError(f"Max retries exceeded with url: /{SECRET}-path/"))
        assert "Max retries exceeded with url: /…/" in repr(failure(client, "GET").__cause__)

    def test_no_address_reaches_the_log(
        self, silent_server: "Serve", client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            client.request("GET", silent_server(WHOLE) + f"/{SECRET}-path")
        assert SECRET not in caplog.text

    @pytest.mark.parametrize("token", ["two\nlines", "snow☃"])
    def test_a_token_no_header_can_hold_is_a_humans_matter(self, token: str) -> None:
        error = failure(Client("Example", auth=Bearer(token), secrets=[token]), "GET", "http://127.0.0.1:9/")
        assert isinstance(error, Refused)
        assert token not in f"{error} {error.__cause__}"

    @pytest.mark.parametrize("url", ["", "not an address", "http://", "ftp://host/", "http://[::1", "http://a b/"])
    def test_an_address_that_is_none_is_a_humans_matter(self, client: Client, url: str) -> None:
        assert isinstance(failure(client, "GET", url), Refused)

    def test_no_netrc_file_is_looked_into(
        self, silent_server: "Serve", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text("default login someone password else\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        heard: list[bytes] = []
        Client("Example").request("GET", silent_server(WHOLE, heard))
        assert b"authorization" not in heard[0].lower()


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
type Serve = Callable[..., str]


@pytest.fixture
def silent_server() -> Iterator[Serve]:
    """Return what makes a server that hears one request, says the given bytes, and then `after` more, or nothing."""
    over = Event()
    threads: list[Thread] = []
    sockets: list[socket.socket] = []

    def serve(said: bytes, heard: list[bytes] | None = None, *, drip: bytes = b"", hold: bool = False) -> str:
        listening = socket.create_server(("127.0.0.1", 0))

        def talk() -> None:
            connection, _ = listening.accept()
            with connection:
                request = connection.recv(65536)
                if heard is not None:
                    heard.append(request)
                connection.sendall(said)
                while drip and not over.wait(0.02):
                    try:
                        connection.sendall(drip)
                    except OSError:
                        return
                if hold:
                    over.wait()

        thread = Thread(target=talk, daemon=True)
        thread.start()
        threads.append(thread)
        sockets.append(listening)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield serve
    over.set()
    for thread in threads:
        thread.join(timeout=5)
    for listening in sockets:
        listening.close()


def assert_nobody_knows(url: str) -> None:
    error = failure(Client("Example"), "POST", url)
    assert isinstance(error, Unavailable)
    assert error.perhaps_done


class TestBounds:
    @pytest.fixture(autouse=True)
    def impatience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_http, "SILENCE_S", 0.3)
        monkeypatch.setattr(_http, "WHOLE_S", 0.6)

    def test_reading_has_no_effect_to_be_unsure_of(self, silent_server: Serve) -> None:
        error = failure(Client("Example"), "GET", silent_server(b""))
        assert isinstance(error, Unavailable)
        assert not error.perhaps_done

    def test_a_silent_server(self, silent_server: Serve) -> None:
        assert_nobody_knows(silent_server(b"", hold=True))

    def test_a_server_that_drips_its_headers_never_silent(self, silent_server: Serve) -> None:
        assert_nobody_knows(silent_server(b"HTTP/1.1 200 OK\r\nX-Slow: ", drip=b"."))

    def test_a_server_that_drips_a_body_of_known_length(self, silent_server: Serve) -> None:
        assert_nobody_knows(silent_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", drip=b"."))

    def test_a_server_that_drips_a_body_without_a_length(self, silent_server: Serve) -> None:
        assert_nobody_knows(silent_server(b"HTTP/1.1 200 OK\r\n\r\n", drip=b"."))

    def test_a_body_cut_short(self, silent_server: Serve) -> None:
        assert_nobody_knows(silent_server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"))

    def test_a_chunked_body_cut_short(self, silent_server: Serve) -> None:
        assert_nobody_knows(silent_server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"))

    def test_a_connection_cut_without_a_word(self, silent_server: Serve) -> None:
        assert_nobody_knows(silent_server(b""))

    def test_words_that_are_not_http(self, silent_server: Serve) -> None:
        assert_nobody_knows(silent_server(b"220 mail.example.org ESMTP\r\n"))

    def test_a_body_that_is_not_the_gzip_it_claims_to_be(self, silent_server: Serve) -> None:
        said = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz"
        assert_nobody_knows(silent_server(said))

    def test_a_body_without_an_end(self, silent_server: Serve) -> None:
        url = silent_server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000, hold=True)
        with pytest.raises(Unavailable, match="sends too much or too slowly"):
            Client("Example").request("GET", url, body_bytes=10_000)

    def test_where_nobody_listens_nothing_was_done(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        error = failure(Client("Example"), "POST", f"http://127.0.0.1:{port}/")
        assert isinstance(error, Unavailable)
        assert not error.perhaps_done
        assert f"cannot reach Example at 127.0.0.1:{port}" in str(error)

    def test_a_name_nobody_knows(self) -> None:
        error = failure(Client("Example"), "POST", "http://nobody.invalid/")
        assert isinstance(error, Unavailable)
        assert not error.perhaps_done

    @responses.activate
    def test_a_certificate_nobody_trusts(self, client: Client) -> None:
        responses.post(ADDRESS, body=requests.exceptions.SSLError("self-signed certificate"))
        error = failure(client)
        assert isinstance(error, Unavailable)
        assert "is not trusted" in str(error)
        assert not error.perhaps_done

    def test_a_later_request_is_not_cut_by_an_earlier_ones_watch(self, silent_server: Serve) -> None:
        client = Client("Example")
        for _ in range(3):
            assert client.request("GET", silent_server(WHOLE)).body == b"ok"


class TestALogin:
    @pytest.fixture
    def client(self) -> Client:
        return Client("Example", auth=Login("anna", "pässword"), secrets=["pässword"])

    @pytest.mark.parametrize(
        ("challenge", "answer"),
        [
            ('Basic realm="x"', f"Basic {b64encode('anna:pässword'.encode()).decode()}"),
            ('Digest realm="x", nonce="n", qop="auth"', 'Digest username="anna", realm="x", nonce="n", uri="/entry"'),
            ('Digest realm="x", nonce="n", Basic realm="x"', 'Digest username="anna"'),
        ],
    )
    @responses.activate
    def test_it_is_sent_as_the_server_asks_and_not_before(self, client: Client, challenge: str, answer: str) -> None:
        url = "https://dav.example.org/entry"
        responses.put(url, status=401, headers={"WWW-Authenticate": challenge})
        responses.put(url, status=201)
        responses.put(url, status=204)
        assert client.request("PUT", url, data=b"entry").status == 201
        assert client.request("PUT", url, data=b"again").status == 204
        sent = [call.request for call in responses.calls]
        assert "Authorization" not in sent[0].headers
        assert [str(request.headers["Authorization"]).startswith(answer) for request in sent[1:]] == [True, True]
        assert [request.body for request in sent] == [b"entry", b"entry", b"again"]

    @responses.activate
    def test_one_that_is_refused_is_not_tried_again_and_again(self, client: Client) -> None:
        responses.get(ADDRESS, status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        with pytest.raises(Refused):
            client.request("GET", ADDRESS)
        assert len(responses.calls) == 2


class TestALibrarysSession:
    """A library that speaks HTTP by itself does so over our adapter, within the same bounds."""

    @pytest.fixture
    def session(self, monkeypatch: pytest.MonkeyPatch) -> requests.Session:
        monkeypatch.setattr(_http, "SILENCE_S", 0.3)
        monkeypatch.setattr(_http, "WHOLE_S", 0.6)
        monkeypatch.setattr(_http, "BODY_BYTES", 10_000)
        session = requests.Session()
        session.mount("http://", BoundedAdapter())
        return session

    @pytest.mark.parametrize(
        "begins",
        [
            b"HTTP/1.1 200 OK\r\nX-Slow: ",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        ],
        ids=["headers", "body", "body of known length"],
    )
    def test_a_server_that_drips_is_left(self, session: requests.Session, silent_server: Serve, begins: bytes) -> None:
        with pytest.raises(requests.RequestException):
            session.get(silent_server(begins, drip=b"."), timeout=0.3)

    def test_a_body_without_an_end_is_left(self, session: requests.Session, silent_server: Serve) -> None:
        with pytest.raises(requests.RequestException):
            session.get(silent_server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000, hold=True), timeout=0.3)

    def test_a_whole_answer_is_read_as_ever(self, silent_server: Serve) -> None:
        session = requests.Session()
        session.mount("http://", BoundedAdapter())
        response = session.get(silent_server(WHOLE), timeout=10)
        assert (response.content, response.text) == (b"ok", "ok")


class TestWaysToShowWhoOneIs:
    @pytest.mark.parametrize(
        ("auth", "shown"),
        [
            (Bearer("a-token"), "Bearer a-token"),
            (Bearer("a-key", scheme="ApiKey"), "ApiKey a-key"),
            (basic("API_KEY", "a-key"), "Basic QVBJX0tFWTphLWtleQ=="),
            (basic("Jürgen", "pässwort"), "Basic SsO8cmdlbjpww6Rzc3dvcnQ="),
        ],
    )
    @responses.activate
    def test_each_has_its_scheme(self, auth: Bearer, shown: str) -> None:
        responses.get(ADDRESS)
        Client("Example", auth=auth).request("GET", ADDRESS)
        assert responses.calls[0].request.headers["Authorization"] == shown


class TestFiles:
    @responses.activate
    def test_a_file_is_what_was_sent(self, client: Client) -> None:
        responses.get(ADDRESS, body=b"\x0e\x10.FIT")
        assert client.request("GET", ADDRESS).file() == b"\x0e\x10.FIT"

    @pytest.mark.parametrize(
        "body", [b"", b"<!DOCTYPE html><html>", b"\n <HTML><body>Please sign in", b'{"error": "busy"}']
    )
    @responses.activate
    def test_a_page_a_message_or_nothing_is_no_file(self, client: Client, body: bytes) -> None:
        responses.get(ADDRESS, body=body)
        with pytest.raises(Unavailable):
            client.request("GET", ADDRESS).file()
