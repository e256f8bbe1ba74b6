"""A talk on a page: questions wait for their answers, trouble is said in one line, and nothing is begun twice."""

from collections.abc import Callable
from threading import Event, Thread

import pytest

from service.ports import Conversation, Refused
from service.web.talking import NOBODY, Talk, Talks


def test_what_is_asked_waits_for_its_answer() -> None:
    heard: list[object] = []
    waiting = Event()

    class Watched(Talk):
        def _wait(self, *question: object) -> str:
            waiting.set()
            return super()._wait(*question)  # type: ignore[arg-type]

    def talks(talk: Conversation) -> None:
        talk.say("open this address")
        heard.append(talk.ask("code", "The code"))
        heard.append(talk.confirm("came", "Did it come?"))

    talk = Watched()
    thread = Thread(target=talk.run, args=(talks,))
    thread.start()
    for answer in ("12 34", "yes"):
        _until(lambda: talk.question is not None)
        talk.answer(answer)
    thread.join()

    assert heard == ["12 34", True]
    assert talk.lines == ["open this address"]
    assert talk.over
    assert talk.trouble == ""


def _until(holds: Callable[[], bool]) -> None:
    while not holds():
        Event().wait(0.001)


def test_nobody_answering_ends_it() -> None:
    talk = Talk(patience_s=0.0)

    talk.run(lambda talk: talk.say(talk.ask("code", "The code")))

    assert talk.over
    assert talk.trouble == NOBODY


def test_an_answer_may_come_another_way_meanwhile() -> None:
    talk = Talk()
    came = iter([None, "/strava?code=abc"])

    talk.run(lambda talk: talk.say(talk.ask("code", "The code", meanwhile=lambda: next(came))))

    assert talk.given("code") is None
    assert talk.lines == ["/strava?code=abc"]


def test_trouble_is_said_in_one_line_and_a_fault_of_ours_tells_nothing() -> None:
    def refused(_talk: Conversation) -> None:
        raise Refused("the key was revoked: make a new one")

    def broken(_talk: Conversation) -> None:
        raise RuntimeError("a secret detail")

    one, other = Talk(), Talk()
    one.run(refused)
    other.run(broken)

    assert one.trouble == "the key was revoked: make a new one"
    assert "secret" not in other.trouble


def test_one_talk_at_a_time_and_each_athletes_own() -> None:
    go_on = Event()
    begun: list[tuple[str, str]] = []

    def connect(athlete: str, name: str, _talk: Conversation) -> None:
        begun.append((athlete, name))
        go_on.wait()

    talks = Talks(connect, disconnect=connect)
    first = talks.begin("me", "ntfy")
    assert talks.begin("me", "ntfy") is first
    assert talks.leave("me", "ntfy") is first
    assert talks.of("anna", "ntfy") is None
    talks.forget("me", "ntfy")
    assert talks.of("me", "ntfy") is first
    go_on.set()
    _until(lambda: first.over)
    talks.forget("me", "ntfy")

    assert talks.of("me", "ntfy") is None
    assert begun == [("me", "ntfy")]


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_answer_nobody_asked_for_is_let_go(answer: str) -> None:
    talk = Talk()

    talk.answer(answer)

    assert talk.question is None
    assert not talk.over
