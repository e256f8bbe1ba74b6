"""Connecting sources and channels: a talk in the terminal, or with every answer given as an option."""

import select
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

import integrations
from service.cli.options import with_app
from service.domain.words import listed
from service.ports import Refused

if TYPE_CHECKING:
    from service.bootstrap import App

LOOK_EVERY_S = 0.2
YES, NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}


@click.command("connect", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("name")
@click.option("--athlete", help="For whom, where there are several runners.")
@with_app
def connect_command(app: "App", name: str, athlete: str | None) -> None:
    """Connect a source or channel of the settings, and be sure that it works.

    Whatever it asks can be answered beforehand by an option: `connect strava --code CODE`, `connect ntfy --came yes`,
    or by the first line of a file: `connect garmin_connect --password-file FILE`.
    """
    terminal = Terminal(dict(_answers(click.get_current_context().args)))
    app.connect(app.owner(athlete), name, terminal)
    unheard = [option for option in terminal.unheard if option not in _may_ask(name)]
    if unheard:
        raise click.UsageError(f"{name} asks for no {', '.join(f'--{option}' for option in unheard)}.")
    click.echo(f"{name} is connected.")


def _may_ask(name: str) -> Collection[str]:
    """Return what an integration asks at times only, such as a code."""
    return getattr(integrations.load(name), "MAY_ASK", ())


@click.command("disconnect")
@click.argument("name")
@click.option("--athlete", help="For whom, where there are several runners.")
@with_app
def disconnect_command(app: "App", name: str, athlete: str | None) -> None:
    """Give a source's consent back, and let go of what it lent. Sessions stay, and so do files."""
    app.disconnect(app.owner(athlete), name, Terminal({}))
    click.echo(f"{name} is disconnected. Take its table out of the settings, or connect it again when you like.")


@click.command("webhook")
@click.argument("name")
@click.argument("action", type=click.Choice(["create", "check", "remove"]))
@with_app
def webhook_command(app: "App", name: str, action: str) -> None:
    """Have a platform tell of each run by itself, see whether it does, or have it stop.

    The pages have to be running, and the internet to reach them at base_url: the platform knocks there meanwhile.
    """
    hooks = app.webhooks.get(name)
    if not hooks:
        raise click.UsageError(
            f"No webhook of {name} is on: state webhook = true in [sources.{name}]."
            if name in _tell_by_themselves()
            else f"{name} tells nothing by itself; {listed(_tell_by_themselves())} can, and the others are asked."
        )
    address, token = app.callback(name)
    for hook in hooks.values():
        if action == "create":
            hook.create(Terminal({}), address, token)
        elif action == "check":
            hook.check(Terminal({}), address)
        else:
            hook.remove(Terminal({}))


def _tell_by_themselves() -> list[str]:
    """Return the sources that have a webhook."""
    return [name for name in integrations.names() if hasattr(integrations.load(name), "webhook")]


def _answers(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the answers given as options: `--code X`, `--code=X`, or `--came` alone for yes."""
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            raise click.UsageError(f"Give answers as options, such as --code CODE; {word!r} is none.")
        option, equals, value = word.removeprefix("--").partition("=")
        yield option.replace("-", "_"), value if equals else next(rest, "yes")


def _first_line(place: Path) -> str:
    """Return what a file holds for an answer: so no secret stands in a list of processes, or in a shell's history."""
    line = place.expanduser().read_text(encoding="utf-8").partition("\n")[0].strip()
    if not line:
        raise click.UsageError(f"{place} is empty: put the answer into its first line.")
    return line


class Terminal:
    """Asks on the screen what was not answered by an option, or by a file that one names (--password-file)."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._answers = answers
        self._heard: set[str] = set()

    @property
    def unheard(self) -> list[str]:
        """The options nothing asked for."""
        return [name for name in self._answers if name not in self._heard]

    def say(self, line: str) -> None:
        """Print a line."""
        click.echo(line)

    def given(self, name: str) -> str | None:
        """Return an answer that was given as an option, or in a file an option names; None where none was."""
        self._heard |= {name, f"{name}_file"}
        if f"{name}_file" in self._answers:
            return _first_line(Path(self._answers[f"{name}_file"]))
        return self._answers.get(name)

    def ask(
        self, name: str, question: str, *, hidden: bool = False, meanwhile: Callable[[], str | None] | None = None
    ) -> str:
        """Return the answer; raise Refused where it was not given and nobody is there to type it."""
        if (given := self.given(name)) is not None:
            return given
        option = name.replace("_", "-")
        if hidden and sys.stdin.isatty():
            return str(click.prompt(question, hide_input=True))
        click.echo(f"{question}: ", nl=False)
        answer = _typed(meanwhile)
        if not answer:
            click.echo()
            raise Refused(f"nobody answered: answer here, or give --{option}")
        return answer

    def confirm(self, name: str, question: str) -> bool:
        """Return whether the answer is yes; asks again where it is neither yes nor no."""
        while True:
            answer = self.ask(name, f"{question} [yes/no]").lower()
            if answer in YES | NO:
                return answer in YES
            if name in self._answers:
                raise click.UsageError(f"--{name.replace('_', '-')} takes yes or no.")


def _typed(meanwhile: Callable[[], str | None] | None) -> str:
    """Return the line that is typed next, or what `meanwhile` has before that."""
    while meanwhile is not None and sys.stdin.isatty():
        if found := meanwhile():
            click.echo()
            return found
        if select.select([sys.stdin], [], [], LOOK_EVERY_S)[0]:
            break
    return sys.stdin.readline().strip()
