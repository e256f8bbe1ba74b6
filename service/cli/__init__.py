"""The command line: parses, calls a use case, prints.

Commands are found by name and imported only when called, so that `afterrun --help` answers at once.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

import click

# Each command with the module it lives in and its line in the list; a command's own --help says more.
COMMANDS = {
    "demo": ("running", "Take made-up runs all the way on a throw-away database."),
    "run": ("running", "Serve: take runs in, send routines, show pages."),
    "worker": ("running", "Serve without the pages."),
    "web": ("running", "Serve the pages alone."),
    "connect": ("connecting", "Connect a source or channel, and be sure that it works."),
    "disconnect": ("connecting", "Give a source's consent back, and let go of what it lent."),
    "webhook": ("connecting", "Have a platform tell of each run by itself."),
    "sync": ("taking", "Ask the sources once, now, and send what is due."),
    "import": ("taking", "Take files and folders in."),
    "classify": ("judging", "Say what kind of run each file holds, and why."),
    "routine": ("judging", "Compose a routine."),
    "evaluate": ("judging", "Judge labelled runs and count the hits."),
    "reclassify": ("rejudging", "Judge every stored run again by today's rules."),
    "correct": ("rejudging", "Say what the run behind a session really was."),
    "pending": ("doing", "List what is still to do."),
    "session": ("showing", "Show a session to read, or write it as a workout for a watch."),
    "done": ("doing", "Say that a session is done."),
    "skip": ("doing", "Leave a session out."),
    "snooze": ("doing", "Put a session off."),
    "feel": ("doing", "Say how a session was, how a run felt, how your body is."),
    "insights": ("looking", "Show what your sessions and runs add up to."),
    "digest": ("doing", "Show or send the morning list."),
    "link": ("entering", "Print a link that signs a browser in."),
    "token": ("entering", "Make, list and revoke tokens for programs."),
    "purge": ("letting_go", "Let go of what may be kept no longer, or of all a source lent."),
    "status": ("caring", "Show how sources, channels and the outbox are doing."),
    "backup": ("keeping", "Write everything into one checked file."),
    "restore": ("keeping", "Put a backup in the place of what is here."),
    "rotate-key": ("keeping", "Seal every token with a new key."),
    "export": ("keeping", "Write everything that is yours into a zip."),
    "delete-athlete": ("keeping", "Take everything of an athlete away for good."),
    "doctor": ("caring", "Check settings, database, clock, permissions and reachability."),
}


class Commands(click.Group):
    """The list of commands, each imported only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click names it
        """Return the commands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click names it
        """Return one command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"service.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click names it
        """Write the list from the lines above, so that no command has to be imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(dir_okay=False), help="The settings file.")
@click.option("--debug", is_flag=True, help="Show where an error came from.")
@click.version_option(package_name="afterrun", prog_name="afterrun")
@click.pass_context
def cli(ctx: click.Context, config: str | None, debug: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Bring the right mobility routine to a runner after each run, while the legs are warm."""
    ctx.obj = {"config": config, "debug": debug}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 all well, 1 some item failed, 2 usage or configuration."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = cli.main(words, prog_name="afterrun", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except Exception as exc:
        if "--debug" in words:
            raise
        sys.exit(_explained(exc))
    sys.exit(code if isinstance(code, int) else 0)


def _explained(exc: Exception) -> int:
    """Print one line for an error nobody caught closer by, and return the exit code."""
    from service.cli.errors import explain  # noqa: PLC0415 - knows every error there is, so it imports much

    code, lines = explain(exc)
    for line in lines:
        click.echo(line, err=True)
    return code
