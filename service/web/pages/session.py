"""A session's page: what to do and why, the player, and the buttons. Its address is the key to it and to nothing else.

A program that posts (a notification's button, the player) hears in a line of JSON what came of it; a browser is shown
the page again, with a word on what was done.
"""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from service.application.feedback import NoSuchSessionError
from service.domain.announcement import RUN_NAMES, a_run
from service.domain.classification import RunType
from service.domain.putting_off import Later
from service.domain.reading import KIT_WORDS
from service.domain.sessions import OPEN_STATES, Session, SettledError
from service.domain.wish import Feedback
from service.web.asking import Ask, Door
from service.web.playing import plan
from service.web.site import Site
from service.web.words import best_done

# What is said at the top of the page after something was done, by the word in its address.
SAID = {
    "felt": "Noted, thank you. The next routine takes it to heart.",
    "moved": "Moved. It is spoken of again then.",
    "hurts": "Left alone from now on. If pain stays or grows, see a professional.",
} | {f"was-{kind}": f"Noted: that was {a_run(kind)}. Later runs are judged with that in mind." for kind in RunType}

FEELINGS = {"good": "good", "too-much": Feedback.TOO_MUCH.value, "too-easy": Feedback.TOO_EASY.value}


def show(ask: Ask) -> Response:
    """Show a session."""
    return _page(ask, _session(ask), notice=SAID.get(ask.query.get("said", ""), ""))


def done(ask: Ask) -> Response:
    """Settle a session as done."""
    return _settled(ask, ask.site.feedback.done)


def skip(ask: Ask) -> Response:
    """Settle a session as not today."""
    return _settled(ask, ask.site.feedback.skip)


def snooze(ask: Ask) -> Response:
    """Put a session off: for an hour, unless something else was said."""
    try:
        until = Later(ask.field("until") or Later.HOUR)
    except ValueError as exc:
        raise HTTPException(422) from exc
    return _settled(ask, lambda number: ask.site.feedback.put_off(number, until), said="moved")


def feel(ask: Ask) -> Response:
    """Write down how a session was."""
    if ask.path["feeling"] not in FEELINGS:
        raise HTTPException(404)
    session = _session(ask)
    ask.site.feedback.feel(session.id, FEELINGS[ask.path["feeling"]])
    return _answer(ask, session, said="felt")


def hurts(ask: Ask) -> Response:
    """Put something else in the place of a movement that hurts, or leave it out."""
    session = _session(ask)
    try:
        changed = ask.site.play.hurts(session.id, ask.field("movement"), ask.field("instead") or None)
    except KeyError as exc:
        raise HTTPException(422) from exc
    return _answer(ask, changed, said="hurts")


def correct(ask: Ask) -> Response:
    """Take the runner's word for what the run was."""
    try:
        kind = RunType(ask.path["kind"])
    except ValueError as exc:
        raise HTTPException(404) from exc
    return _settled(ask, lambda number: _corrected(ask.site, number, kind), said=f"was-{kind}")


def _corrected(site: Site, number: int, kind: RunType) -> Session:
    site.coach.correct(site.feedback.session(number).run, kind)
    return site.feedback.session(number)


def _session(ask: Ask) -> Session:
    try:
        number, since = ask.site.links.read_session(ask.path["token"])
        session = ask.site.feedback.session(number)
    except (KeyError, NoSuchSessionError) as exc:
        raise HTTPException(404) from exc
    another = session.offered_at is not None and since < session.offered_at.replace(microsecond=0)
    if another or session.athlete not in ask.site.athletes:
        raise HTTPException(404)
    return session


def _settled(ask: Ask, act: Callable[[int], Session], said: str = "") -> Response:
    session = _session(ask)
    try:
        return _answer(ask, act(session.id), said=said)
    except SettledError as exc:
        if _wants_a_page(ask):
            return _page(ask, session, notice=str(exc), status=409)
        return JSONResponse({"state": session.state.value, "said": str(exc)}, status_code=409)


def _answer(ask: Ask, session: Session, *, said: str) -> Response:
    if _wants_a_page(ask):
        return ask.go_to(f"/s/{ask.path['token']}{f'?said={said}' if said else ''}")
    return JSONResponse({"state": session.state.value, "said": SAID.get(said, "")})


def _wants_a_page(ask: Ask) -> bool:
    return "text/html" in ask.headers.get("accept", "")


def _page(ask: Ask, session: Session, *, notice: str, status: int = 200) -> Response:
    athlete = ask.site.athletes[session.athlete]
    turns = ask.site.play.turns(session)
    return ask.page(
        "session.html",
        status=status,
        session=session,
        routine=session.routine,
        address=f"{ask.rendering.root}/s/{ask.path['token']}",
        is_open=session.state in OPEN_STATES,
        best_done=best_done(session, athlete, ask.site.clock.now()),
        kit=[words for kit, words in KIT_WORDS.items() if any(kit in step.kit for step in session.routine.steps)],
        notice=notice,
        run=a_run(session.routine.run_type),
        verdict=None if session.activity is None else ask.site.coach.verdict(session.activity),
        shown=None if session.activity is None else ask.site.coach.run(session.activity),
        evening=athlete.evening,
        others={kind.value: RUN_NAMES[kind] for kind in RunType if kind is not session.routine.run_type},
        turns=turns,
        figures=ask.site.figures,
        plan=plan(session, turns, ask.site.figures),
    )


DOORS = (
    Door(path="/s/{token}", page=show, is_open=True),
    Door(path="/s/{token}/done", page=done, method="POST", is_open=True),
    Door(path="/s/{token}/skip", page=skip, method="POST", is_open=True),
    Door(path="/s/{token}/snooze", page=snooze, method="POST", is_open=True),
    Door(path="/s/{token}/feel/{feeling}", page=feel, method="POST", is_open=True),
    Door(path="/s/{token}/hurts", page=hurts, method="POST", is_open=True),
    Door(path="/s/{token}/was/{kind}", page=correct, method="POST", is_open=True),
)
