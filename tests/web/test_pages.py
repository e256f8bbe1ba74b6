"""The pages behind the sign-in: each runner's own, with their states told and nothing changed by looking."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from service.domain.activity import Ref
from service.domain.body import Felt
from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.movements import BodyArea, Kit, Site
from service.domain.sessions import Session, State
from service.ports import Conversation, Malformed, PassKind, Standing, Usage
from service.web.app import DOORS
from service.web.rendering import Rendering
from service.web.site import Site as WebSite
from service.web.talking import Question, Talk, Talks
from tests.application.conftest import House, easy_run, long_run
from tests.fakes import raw
from tests.web.conftest import BASE, guard, opened, path, path_of

# Figures aside: they are kept for a week, and shared by all sessions.
MOST_BYTES = 100_000
LOADED = re.compile(r'<(?:link rel="(?:stylesheet|icon|manifest)"|script) [^>]*?(?:href|src)="(/legs/[^"]+)"')
HOST = BASE.removesuffix("/legs")

type SignIn = Callable[..., TestClient]


@pytest.fixture
def me(signed_in: SignIn) -> TestClient:
    return signed_in("me")


@pytest.fixture
def posts(site: WebSite) -> Callable[..., str]:
    """Return what posts a form of a signed-in browser's own page and returns the page it leads to."""

    def post(client: TestClient, address: str, **filled: object) -> str:
        form = {name.replace("__", "."): value for name, value in filled.items()}
        answer = client.post(address, data=form | {"guard": guard(site, client)})
        assert answer.status_code == 200, answer.text
        return answer.text

    return post


def test_today_shows_what_waits_the_last_run_and_the_week(me: TestClient, house: House) -> None:
    now, later = house.arrives(long_run())
    page = me.get("/").text

    assert "Two routines wait" in page
    assert now.routine.title in page
    assert later.routine.title in page
    assert "Long run" in page
    assert "0 of 4 sessions this week" in page
    house.feedback.done(now.id)
    assert "1 of 4 sessions this week" in me.get("/").text


def test_with_nothing_yet_each_page_says_how_to_begin(me: TestClient) -> None:
    assert "No run has come in of late" in me.get("/").text
    assert "Nothing has come in yet" in me.get("/history").text
    assert "every recording that came could be read" in me.get("/quarantine").text


def test_today_asks_about_what_was_sore_for_days(
    me: TestClient, house: House, site: WebSite, posts: Callable[..., str]
) -> None:
    site.body.tell("me", Felt.SORE, [Site.KNEE])
    house.clock.forward(days=4)
    assert "Knee: still sore?" in me.get("/").text

    assert "still sore?" not in posts(me, "/body/still", site="knee", felt="fine")
    assert site.body.today("me").sore == frozenset()


def test_a_source_that_needs_somebody_is_said_with_what_to_do(me: TestClient, house: House) -> None:
    with house.database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(trouble="gone", todo="plug the disk in again", failures=1))

    for address in ("/", "/more", "/connections", "/connections/folder"):
        page = me.get(address).text.lower()
        assert "plug the disk in again" in page or "needs you" in page


def test_a_runs_page_is_its_receipt_with_what_a_correction_would_change(
    me: TestClient, session: Session, house: House, posts: Callable[..., str]
) -> None:
    page = me.get(f"/runs/{session.run}").text

    assert "<polyline" in page
    assert "Then: " in page
    assert "minutes after your tempo run" in page
    corrected = posts(me, f"/runs/{session.run}/was/tempo")
    assert "Noted: that was a tempo run" in corrected
    assert "Because you said so" in corrected
    assert house.feedback.session(session.id).routine.run_type is RunType.TEMPO
    assert 'aria-pressed="true">Heavy' in posts(me, f"/runs/{session.run}/felt", felt="heavy")


def test_a_run_without_samples_has_a_page_too(me: TestClient, house: House) -> None:
    (session,) = house.arrives(easy_run())
    with house.database.writing() as store:
        stored = store.activity(session.run)
        store.replace_activity(session.run, stored.activity, None, (0, 0, 0))
    house.coach.coach()

    assert "nothing to draw" in me.get(f"/runs/{session.run}").text


def test_the_weeks_behind_are_drawn_and_listed_by_four_at_a_time(me: TestClient, house: House) -> None:
    (session,) = house.arrives(easy_run())
    house.feedback.done(session.id)
    house.feedback.feel(session.id, "too easy")
    house.clock.forward(days=30)
    newest, older = me.get("/history").text, me.get("/history?back=1").text

    assert 'class="day easy"' in newest
    assert "1 times too easy" in newest
    assert f"/runs/{session.run}" not in newest
    assert f"/runs/{session.run}" in older
    assert me.get("/history?back=x").status_code == 200


def test_how_runs_felt_after_a_session_and_after_none_is_counted(
    me: TestClient, session: Session, posts: Callable[..., str]
) -> None:
    assert "one tap on Today tells" in me.get("/history").text

    posts(me, f"/runs/{session.run}/felt", felt="good")
    posts(me, "/body", calves="tight")

    page = me.get("/history").text
    assert "<dt>After none</dt>" in page
    assert "<span>1 of 1</span>" in page
    assert "Too few to compare" in page
    assert "Tight after easy runs: calves." in page


def test_a_run_that_a_platform_lends_says_until_when(me: TestClient, session: Session, house: House) -> None:
    with house.database.writing() as store:
        stored = store.activity(session.run)
        ref = Ref(source="strava", external_id="7")
        lent = replace(stored.activity, ref=ref, link="https://strava.example/7", expires_at=house.clock.now())
        store.replace_activity(session.run, lent, stored.streams_name, (0, 0, 0))
    house.coach.coach()

    page = me.get(f"/runs/{session.run}").text

    assert '<a href="https://strava.example/7" rel="noopener noreferrer">View on Strava</a>' in page
    assert "Strava lends this run until today" in page


def test_what_feels_tight_or_sore_is_told_and_heeded(
    me: TestClient, house: House, site: WebSite, posts: Callable[..., str]
) -> None:
    _, later = house.arrives(long_run())

    page = posts(me, "/body", calves="tight", knee="sore", wrists="tight", hips="fine")

    assert "Noted" in page
    today = site.body.today("me")
    assert today.tight == {BodyArea.CALVES}
    assert today.sore == {Site.KNEE}
    steps = house.feedback.session(later.id).routine.steps
    assert not any(Site.KNEE in house.coach.catalogue[step.movement].loads for step in steps)
    assert "Noted" not in posts(me, "/body", calves="tight", knee="sore")
    posts(me, "/body", calves="fine", knee="fine")
    assert site.body.today("me").sore == frozenset()


def test_kit_and_hours_are_chosen_kept_and_taken_back(me: TestClient, site: WebSite, posts: Callable[..., str]) -> None:
    filled = {"athlete__kit": ["wall"], "athlete__level": "beginner", "evening__at": "18:15", "athlete__max_hr": "188"}

    page = posts(me, "/preferences", **filled)

    assert "Kept" in page
    assert page.count(">chosen here<") == 4
    athlete = site.athletes["me"]
    assert athlete.kit == {Kit.WALL}
    assert (f"{athlete.evening:%H:%M}", athlete.max_hr) == ("18:15", 188)
    assert "settings file holds again" in posts(me, "/preferences/back")
    assert site.athletes["me"].kit == frozenset(Kit)
    assert ">chosen here<" not in me.get("/preferences").text


def test_what_cannot_be_is_marked_and_nothing_is_kept(me: TestClient, site: WebSite) -> None:
    filled = {"athlete.timezone": "Europe/Londn", "evening.at": "18:15", "guard": guard(site, me)}

    answer = me.post("/preferences", data=filled)

    assert answer.status_code == 422
    assert "did you mean Europe/London" in answer.text
    assert 'value="Europe/Londn"' in answer.text
    assert f"{site.athletes['me'].evening:%H:%M}" == "19:30"


def test_a_channel_is_tried_in_a_talk(me: TestClient, site: WebSite, posts: Callable[..., str]) -> None:
    posts(me, "/connections/calendar/connect")
    talk = site.talks.of("me", "calendar")
    assert talk is not None
    while talk.question is None and not talk.over:
        pass
    assert "arrive?" in me.get("/connections/calendar").text

    posts(me, "/connections/calendar/answer", answer="yes")
    while not talk.over:
        pass

    assert "It works." in me.get("/connections/calendar").text
    assert "Well just now" in me.get("/connections").text


def test_a_consent_is_given_back_after_a_second_tap(site: WebSite, posts: Callable[..., str]) -> None:
    left: list[tuple[str, str]] = []

    def leave(athlete: str, name: str, talk: Conversation) -> None:
        left.append((athlete, name))
        talk.say("Let go of 3 recordings; your sessions stay.")

    lent = replace(site, consents=lambda _: {"folder"}, talks=Talks(leave, leave))
    with opened(lent) as me:
        me.post(path_of(site.links.sign_in(site.entry.invite("me"))))
        page = me.get("/connections/folder").text
        assert "Disconnect the watched folder" in page
        assert "Bring runs in" in page
        posts(me, "/connections/folder/disconnect")
        talk = lent.talks.of("me", "folder")
        assert talk is not None
        while not talk.over:
            pass
        page = me.get("/connections/folder").text

    assert left == [("me", "folder")]
    assert "Let go of 3 recordings" in page
    assert "<b>Disconnected.</b>" in page


def test_what_holds_no_consent_offers_none_to_give_back(me: TestClient, site: WebSite) -> None:
    assert "Disconnect" not in me.get("/connections/folder").text
    assert me.post("/connections/folder/disconnect", data={"guard": guard(site, me)}).status_code == 404


def test_how_much_a_platform_still_allows_is_said(me: TestClient, house: House, site: WebSite) -> None:
    with_budget = replace(
        next(one for one in site.status.overview().conditions if one.system == "sources.folder"),
        budget=[Usage(name="reads in 15 min", used=12, usable=80, until=house.clock.now() + timedelta(minutes=10))],
    )
    page = Rendering(BASE).render(
        "connection.html",
        condition=with_budget,
        name="folder",
        talk=None,
        busy=False,
        can_leave=True,
        now=house.clock.now(),
        visitor=site.athletes["me"],
        guard="",
    )

    assert "<dt>Reads in 15 min</dt><dd>12 of 80, until today" in page


def test_an_address_to_open_is_a_button_and_no_wall_of_letters(site: WebSite) -> None:
    address = "https://www.platform.example/oauth/authorize?client_id=12345&state=6f0e"
    talk = Talk(lines=["Open this address:", address], question=Question(text="The code"))
    talking = replace(site, talks=Talks(_nothing, _nothing, {("me", "folder"): talk}))
    with opened(talking) as me:
        me.post(path_of(site.links.sign_in(site.entry.invite("me"))))
        page = me.get("/connections/folder").text

    assert ">Open www.platform.example</a>" in page
    assert f">{address}" not in page


def _nothing(_athlete: str, _name: str, _talk: Conversation) -> None:
    """Do nothing."""


def test_what_could_not_be_read_is_listed_and_tried_again(
    me: TestClient, house: House, posts: Callable[..., str]
) -> None:
    house.reader.meanings[b"broken"] = Malformed("cut short: export it again")
    house.ingest.take("me", raw(b"broken", name="sunday.fit"))
    page = me.get("/quarantine").text
    assert "sunday.fit" in page
    assert "Cut short: export it again" in page

    assert "0 could be read now, 1 still could not" in posts(me, "/quarantine/retry")


def test_an_import_that_waits_for_its_turn_is_shown_and_looked_at_again(me: TestClient, site: WebSite) -> None:
    begun = site.bring.begin("me", "export.zip")
    assert "export.zip" not in me.get("/import").text

    site.bring.take_up(begun)

    page = me.get("/import").text
    assert "Waiting for its turn" in page
    assert "data-refresh" in page


def test_a_device_can_be_signed_out_from_another(
    signed_in: SignIn, me: TestClient, site: WebSite, posts: Callable[..., str]
) -> None:
    lost = signed_in("me")
    (other,) = [
        one for one in site.entry.passes("me", PassKind.BROWSER) if f"devices/{one.id}/end" in me.get("/devices").text
    ]

    posts(me, f"/devices/{other.id}/end")

    assert lost.get("/history").status_code == 401
    assert me.get("/history").status_code == 200


def test_nobody_sees_or_changes_what_is_anothers(
    signed_in: SignIn, me: TestClient, house: House, site: WebSite
) -> None:
    now, later = house.arrives(long_run())
    anna = signed_in("anna")
    token = site.entry.issue_token("me", "mine")
    (mine,) = site.entry.passes("me", PassKind.TOKEN)
    form = {"guard": guard(site, anna), "felt": "great"}

    for address in ("/", "/history", "/body", "/more", "/connections", "/quarantine", "/devices", "/preferences"):
        page = anna.get(address).text
        assert now.routine.title not in page
        assert f"/runs/{now.run}" not in page
    assert anna.get(f"/runs/{now.run}").status_code == 404
    assert anna.get("/connections/folder").status_code == 404
    for address in (
        f"/runs/{now.run}/was/easy",
        f"/runs/{now.run}/felt",
        "/connections/folder/connect",
        "/connections/folder/disconnect",
        "/connections/folder/answer",
        f"/devices/{mine.id}/end",
    ):
        assert anna.post(address, data=form).status_code == 404
    assert site.entry.program(token) is not None
    assert house.feedback.session(later.id).state is State.PENDING
    run = site.runs.newest("me")
    assert run is not None
    assert run.felt is not RunFelt.GREAT


@pytest.mark.parametrize(
    "door", [door for door in DOORS if not door.is_open], ids=lambda door: f"{door.method} {door.path}"
)
def test_who_is_not_signed_in_sees_none_of_it(browser: TestClient, session: Session, door: object) -> None:
    path, method = door.path, door.method  # type: ignore[attr-defined]
    for name, value in (("{run_id:int}", session.run), ("{pass_id:int}", 1), ("{name}", "folder"), ("{kind}", "easy")):
        path = path.replace(name, str(value))

    assert browser.request(method, path).status_code == 401


def test_a_stay_that_has_ended_says_so_and_keeps_nothing_done(
    me: TestClient, site: WebSite, house: House, session: Session
) -> None:
    word = guard(site, me)
    house.clock.moment += timedelta(days=100)

    answer = me.post(f"/runs/{session.run}/was/long", data={"guard": word})

    assert answer.status_code == 401
    assert "not signed in" in answer.text
    assert house.feedback.session(session.id).routine.run_type is RunType.EASY


def test_no_page_weighs_more_than_a_phone_outdoors_can_carry(me: TestClient, house: House) -> None:
    now, later = house.arrives(long_run())
    addresses = ["/", "/history", "/body", "/preferences", "/connections", "/import", "/devices", f"/runs/{now.run}"]
    weights = {}
    for address in [*addresses, path(later)]:
        page = me.get(address).text
        loaded = LOADED.findall(page)
        assert len(loaded) >= 3
        weights[address] = len(page) + sum(len(me.get(path_of(f"{HOST}{part}")).content) for part in loaded)

    assert {address: weight for address, weight in weights.items() if weight > MOST_BYTES} == {}
