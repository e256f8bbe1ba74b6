"""The API: as its description says, for whoever has a token, and of nobody else's things."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.sessions import Session, State
from service.ports import Malformed, PassKind
from service.web.api.description import PARAMETER
from service.web.api.operation import Operation
from service.web.api.operations import OPERATIONS
from service.web.app import DOORS, make_app
from service.web.asking import GUARD_HEADER
from service.web.site import Site
from tests.application.conftest import House, easy_run, long_run
from tests.fakes import decoded, raw
from tests.web.conftest import BASE, LINKS, guard

type SignIn = Callable[..., TestClient]


@pytest.fixture
def programs(site: Site) -> Iterator[Callable[..., TestClient]]:
    """Return what gives an athlete's program, which comes with a token and no cookie."""
    clients = []

    def program(athlete: str = "me") -> TestClient:
        token = site.entry.issue_token(athlete, "a script")
        client = TestClient(
            make_app(site, seconds=lambda: 0.0), base_url=BASE, headers={"Authorization": f"Bearer {token}"}
        )
        clients.append(client)
        return client

    yield program
    for client in clients:
        client.close()


@pytest.fixture
def program(programs: Callable[..., TestClient]) -> TestClient:
    return programs()


def opened_by(page: str) -> int:
    """Return the number of the session that a page's address opens."""
    number, _ = LINKS.read_session(page.rpartition("/")[2])
    return number


def test_today_lists_what_is_to_do_in_the_words_of_the_command_line(program: TestClient, session: Session) -> None:
    today = program.get("/api/today").json()

    (pending,) = today["pending"]
    assert {key: pending[key] for key in ("id", "run_type", "part", "title", "seconds", "state")} == {
        "id": session.id,
        "run_type": "easy",
        "part": "whole",
        "title": session.routine.title,
        "seconds": session.routine.seconds,
        "state": "pending",
    }
    assert pending["page"].startswith(f"{BASE}/s/")
    assert today["last_run"]["id"] == session.run
    (listed,) = program.get("/api/sessions").json()
    page, again = pending.pop("page"), listed.pop("page")  # signed anew each second
    assert opened_by(again) == opened_by(page) == session.id
    assert listed == pending


def test_a_session_is_done_moved_commented_and_swapped(program: TestClient, house: House) -> None:
    now, later = house.arrives(long_run())
    address = f"/api/sessions/{later.id}"

    assert program.post(f"{address}/snooze", json={"until": "21:15"}).json()["state"] == "snoozed"
    assert program.post(f"{address}/feel", json={"feeling": "too much"}).json() == {"done": True}
    hurting = program.get(address).json()["steps"][-1]["movement"]
    without = program.post(f"{address}/hurts", json={"movement": hurting}).json()
    assert hurting not in [step["movement"] for step in without["steps"]]
    assert program.post(f"{address}/done").json()["state"] == "done"
    refused = program.post(f"{address}/skip")

    assert refused.status_code == 409
    assert "done already" in refused.json()["error"]
    assert program.post(f"/api/sessions/{now.id}/skip").json()["state"] == "skipped"
    assert program.post(f"{address}/hurts", json={"movement": "light_walk", "instead": "cartwheel"}).status_code == 422


def test_a_run_tells_its_receipt_and_takes_the_runners_word(
    program: TestClient, session: Session, house: House
) -> None:
    address = f"/api/runs/{session.run}"
    run = program.get(address).json()

    assert run["reasons"]
    assert set(run["if_it_were"]) == set(RunType)
    assert "minutes after your tempo run" in run["if_it_were"]["tempo"][0]
    corrected = program.post(f"{address}/was", json={"run_type": "tempo"}).json()
    assert (corrected["run_type"], corrected["corrected"]) == ("tempo", True)
    assert house.feedback.session(session.id).routine.run_type is RunType.TEMPO
    assert program.post(f"{address}/felt", json={"felt": "heavy"}).json()["felt"] == RunFelt.HEAVY
    assert [one["id"] for one in program.get("/api/runs").json()] == [session.run]
    assert program.get("/api/runs?until=2020-01-01T00:00:00Z").json() == []


def test_the_weeks_behind_the_body_and_what_is_chosen(program: TestClient, session: Session, site: Site) -> None:
    assert program.get("/api/history?weeks=2").json()["days"][-1]["runs"] == ["easy"]
    body = program.post("/api/body", json={"felt": "tight", "sites": ["calves"]}).json()
    assert body["tight"] == ["calves"]
    assert program.post("/api/body", json={"felt": "tight", "sites": ["knee"]}).status_code == 422
    chosen = program.patch("/api/preferences", json={"athlete.kit": ["wall"], "evening.at": "18:00"}).json()
    assert {one["name"]: one["value"] for one in chosen if one["chosen_at"]} == {
        "athlete.kit": ["wall"],
        "evening.at": "18:00",
    }
    assert f"{site.athletes['me'].evening:%H:%M}" == "18:00"
    refused = program.patch("/api/preferences", json={"evening.at": "late"})
    assert refused.status_code == 422
    assert "evening.at" in refused.json()["faults"]
    assert not any(one["chosen_at"] for one in program.delete("/api/preferences").json())


def test_sources_and_what_could_not_be_read(program: TestClient, house: House) -> None:
    house.reader.meanings[b"broken"] = Malformed("cut short")
    house.ingest.take("me", raw(b"broken", name="broken.fit"))

    (parked,) = program.get("/api/quarantine").json()
    assert (parked["name"], parked["reason"]) == ("broken.fit", "cut short")
    assert program.post("/api/quarantine/retry").json() == {"read": 0, "left": 1}
    assert {one["name"] for one in program.get("/api/connections").json()} == {"folder", "calendar"}


def test_a_channel_is_tried_and_a_source_without_a_consent_cannot_be_left(program: TestClient) -> None:
    address = "/api/connections/calendar"
    assert program.post(f"{address}/answer", json={"answer": "yes"}).status_code == 409

    tried = program.post(f"{address}/connect").json()
    while tried["talk"]["question"] is None and not tried["talk"]["over"]:
        tried = program.get(address).json()
    assert tried["talk"]["question"]["yes_or_no"]
    answered = program.post(f"{address}/answer", json={"answer": "yes"}).json()
    while not answered["talk"]["over"]:
        answered = program.get(address).json()

    assert (answered["talk"]["trouble"], answered["state"]) == ("", "ok")
    assert answered["last_success"]
    assert not answered["can_leave"]
    assert program.post(f"{address}/disconnect").status_code == 409


def test_what_sessions_and_runs_add_up_to(program: TestClient, session: Session) -> None:
    program.post(f"/api/runs/{session.run}/felt", json={"felt": "good"})

    found = program.get("/api/insights").json()

    assert found["weeks"][-1] | {"monday": ""} == {"monday": "", "runs": 1, "offered": 1, "done": 0}
    assert found["after_none"] == {"good": 1}
    assert not found["enough_to_compare"]


def test_browsers_and_tokens_are_listed_and_ended(
    program: TestClient, signed_in: SignIn, programs: Callable[..., TestClient]
) -> None:
    signed_in()
    other = programs()

    browser, _, token = program.get("/api/devices").json()
    assert (browser["kind"], token["kind"], token["name"]) == ("browser", "token", "a script")
    assert program.delete(f"/api/devices/{token['id']}").json() == {"done": True}
    assert other.get("/api/me").status_code == 401
    assert program.delete(f"/api/devices/{token['id']}").status_code == 404


def test_files_are_sent_started_and_followed(program: TestClient, house: House, site: Site) -> None:
    house.reader.meanings[b"sunday"] = decoded(easy_run(name="sunday.fit"))
    number = program.post("/api/imports", json={"name": "sunday.fit"}).json()["id"]
    assert program.post(f"/api/imports/{number}/start").status_code == 409

    assert program.put(f"/api/imports/{number}/files/sunday.fit", content=b"sunday").json() == {"bytes": 6}
    started = program.post(f"/api/imports/{number}/start").json()
    assert started["under_way"]
    while (now := program.get(f"/api/imports/{number}").json())["under_way"]:
        assert now["stage"] != "broken"

    assert (now["stage"], now["fates"], now["judged"]) == ("done", {"imported": 1}, 1)
    assert len(site.feedback.pending("me")) == 1
    assert program.put(f"/api/imports/{number}/files/more.fit", content=b"more").status_code == 409
    assert [one["id"] for one in program.get("/api/imports").json()] == [number]


def test_a_full_disk_takes_no_more(program: TestClient, site: Site) -> None:
    site.incoming.spare = 2**62
    number = program.post("/api/imports", json={"name": "export.zip"}).json()["id"]

    assert program.put(f"/api/imports/{number}/files/export.zip", content=b"PK").status_code == 507


def test_a_program_sees_and_changes_nothing_of_another_athlete(
    programs: Callable[..., TestClient], session: Session, house: House, site: Site
) -> None:
    anna, bringing = programs("anna"), site.bring.begin("me", "export.zip")
    site.entry.issue_token("me", "mine")
    (mine,) = site.entry.passes("me", PassKind.TOKEN)

    for operation in OPERATIONS:
        path = filled(operation, session=session.id, run=session.run, bringing=bringing.id, device=mine.id)
        body = BODIES.get(operation.name)
        answer = anna.request(operation.method, f"/api{path}", json=body)
        assert answer.status_code == (404 if path != operation.path else 200), operation.name
        assert session.routine.title not in answer.text
    assert house.feedback.session(session.id) == session
    assert site.entry.passes("me", PassKind.TOKEN) == [mine]


def filled(operation: Operation, *, session: int = 1, run: int = 1, bringing: int = 1, device: int = 1) -> str:
    """Return an operation's path about these."""
    ids = {"session_id:int": session, "run_id:int": run, "import_id:int": bringing, "device_id:int": device}
    path = operation.path
    for name, value in (ids | {"name": "folder"}).items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


# Whether a setting can have a value hangs on its neighbours and on the world's time zones: no description says that.
NOT_SAID = {"choose_preferences": [positive_data_acceptance]}

BODIES: dict[str, dict[str, Any]] = {
    "snooze_session": {"until": "hour"},
    "feel_session": {"feeling": "good"},
    "hurts_in_session": {"movement": "light_walk"},
    "correct_run": {"run_type": "long"},
    "feel_run": {"felt": "good"},
    "tell_body": {"felt": "sore", "sites": ["knee"]},
    "choose_preferences": {},
    "begin_import": {"name": "export.zip"},
    "answer_connection": {"answer": "yes"},
}


@pytest.mark.parametrize("token", ["", "guessed"])
def test_without_a_token_that_holds_nothing_is_told(site: Site, session: Session, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with TestClient(make_app(site, seconds=lambda: 0.0), base_url=BASE, headers=headers) as stranger:
        for operation in OPERATIONS:
            path = filled(operation, session=session.id, run=session.run)
            answer = stranger.request(operation.method, f"/api{path}")
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        assert stranger.get("/api/openapi.json").status_code == 200


def test_our_own_pages_may_call_it_with_their_guard(signed_in: SignIn, site: Site, session: Session) -> None:
    client = signed_in()
    done = f"/api/sessions/{session.id}/done"

    assert client.get("/api/today").status_code == 200
    assert client.post(done).status_code == 403
    assert site.feedback.session(session.id).state is State.PENDING
    assert client.post(done, headers={GUARD_HEADER: guard(site, client)}).status_code == 200


def test_what_is_not_there_is_said_as_json(program: TestClient, site: Site) -> None:
    assert program.get("/api/nowhere").json() == {"error": "Not Found", "faults": {}}
    wrong = program.delete("/api/today")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["allow"]
    large = program.post("/api/body", content=b"x" * 100_000, headers={"content-type": "application/json"})
    assert large.status_code == 413
    assert large.json()["error"]
    assert program.post("/api/body", content=b"<xml/>").status_code == 415


@pytest.fixture
def described(site: Site, house: House) -> Any:  # noqa: ANN401 - schemathesis has no narrower type
    """Return the API as its own description says, with a session, a run and a token that schemathesis uses."""
    house.arrives(easy_run())
    token = site.entry.issue_token("me", "schemathesis")
    tick = count(step=3600.0)
    app = make_app(site, seconds=lambda: next(tick))
    schema = schemathesis.openapi.from_asgi("/legs/api/openapi.json", app)
    schema.config.update(base_url=f"{BASE}/api", headers={"Authorization": f"Bearer {token}"})
    return schema


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_it_does_what_its_description_says_and_nothing_else(described: Any, operation: Operation) -> None:  # noqa: ANN401 - the same
    asked = described[PARAMETER.sub(r"{\1}", operation.path)][operation.method]

    @given(case=asked.as_strategy())
    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:  # noqa: ANN401 - the same
        case.call_and_validate(excluded_checks=NOT_SAID.get(operation.name, []))

    check()


# What each form of a page is to a program. Coming in and going out is for browsers alone: a program has its token.
AS_A_PROGRAM = {
    "home.body_asked": "tell_body",
    "session.done": "do_session",
    "session.skip": "skip_session",
    "session.snooze": "snooze_session",
    "session.feel": "feel_session",
    "session.hurts": "hurts_in_session",
    "session.correct": "correct_run",
    "runs.correct": "correct_run",
    "runs.feel": "feel_run",
    "body.tell": "tell_body",
    "preferences.keep": "choose_preferences",
    "preferences.take_back": "take_back_preferences",
    "connections.connect": "connect_connection",
    "connections.disconnect": "leave_connection",
    "connections.answer": "answer_connection",
    "more.retry": "retry_quarantine",
    "more.end": "end_device",
}
FOR_BROWSERS = {"signing_in.sign_in", "signing_in.sign_out"}


def test_whatever_the_pages_do_a_program_can_do() -> None:
    forms = {
        f"{door.page.__module__.rpartition('.')[2]}.{door.page.__name__}" for door in DOORS if door.method == "POST"
    }

    assert forms == AS_A_PROGRAM.keys() | FOR_BROWSERS
    assert set(AS_A_PROGRAM.values()) <= {operation.name for operation in OPERATIONS}


def test_the_description_names_every_operation_once(browser: TestClient) -> None:
    document = browser.get("/api/openapi.json").json()

    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert sorted(names) == sorted(operation.name for operation in OPERATIONS)
    assert all(one["summary"] for path in document["paths"].values() for one in path.values())
    assert document["servers"] == [{"url": f"{BASE}/api"}]
