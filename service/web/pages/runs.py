"""A run's page: the picture, the receipt line by line, one tap to correct, and what that would change."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.application.body import NoSuchRunError
from service.application.runs import Story
from service.domain.announcement import RUN_NAMES, a_run
from service.domain.classification import RunType
from service.domain.feelings import RunFelt
from service.domain.sessions import OPEN_STATES, State
from service.web.asking import Ask, Door
from service.web.pictures.run import run_picture

SAID = {"felt": "Noted, thank you."} | {
    f"was-{kind}": f"Noted: that was {a_run(kind)}. Later runs are judged with that in mind." for kind in RunType
}

BECOMES = {
    State.PENDING: "still to do",
    State.SNOOZED: "put off, still to do",
    State.DONE: "done",
    State.SKIPPED: "not that day",
    State.EXPIRED: "its moment has passed",
    State.REPLACED: "another one took its place",
}


def show(ask: Ask) -> Response:
    """Show a run."""
    story = _story(ask)
    return ask.page(
        "run.html",
        here="history",
        story=story,
        activity=story.whole,
        verdict=story.verdict,
        picture=run_picture(story.whole, story.verdict, ask.athlete.units),
        notice=SAID.get(ask.query.get("said", ""), ""),
        run_names=RUN_NAMES,
        others=_others(ask, story),
        feelings=RunFelt,
        token=ask.site.links.session_token,
        becomes=BECOMES,
        a_run=a_run(story.verdict.run_type),
    )


def _others(ask: Ask, story: Story) -> dict[str, str]:
    """Return what the run may have been instead, with what that would change in what is still to do."""
    still_open = any(session.state in OPEN_STATES for session in story.sessions)
    changed = ask.site.coach.if_it_were(story.run.id) if still_open else {}
    return {
        kind.value: "; ".join(routine.title for routine in changed.get(kind, ()))
        for kind in RunType
        if kind is not story.verdict.run_type
    }


def correct(ask: Ask) -> Response:
    """Take the runner's word for what a run was."""
    try:
        kind = RunType(ask.path["kind"])
    except ValueError as exc:
        raise HTTPException(404) from exc
    ask.site.coach.correct(_story(ask).run.id, kind)
    return ask.go_to(f"/runs/{ask.path['run_id']}?said=was-{kind}")


def feel(ask: Ask) -> Response:
    """Write down how a run felt."""
    try:
        felt = RunFelt(ask.field("felt"))
    except ValueError as exc:
        raise HTTPException(422) from exc
    try:
        ask.site.body.run_felt(ask.athlete.id, felt, ask.path["run_id"])
    except NoSuchRunError as exc:
        raise HTTPException(404) from exc
    return ask.go_to(f"/runs/{ask.path['run_id']}?said=felt")


def _story(ask: Ask) -> Story:
    try:
        return ask.site.runs.story(ask.athlete.id, ask.path["run_id"])
    except NoSuchRunError as exc:
        raise HTTPException(404) from exc


DOORS = (
    Door(path="/runs/{run_id:int}", page=show),
    Door(path="/runs/{run_id:int}/was/{kind}", page=correct, method="POST"),
    Door(path="/runs/{run_id:int}/felt", page=feel, method="POST"),
)
