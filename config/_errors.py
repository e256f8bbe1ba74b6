"""The one error of the settings."""


class SettingsError(ValueError):
    """The settings cannot be used. `lines` holds every problem found, each one line that says what to do."""

    def __init__(self, *lines: str) -> None:
        self.lines: tuple[str, ...] = tuple(map(_printable, lines))
        super().__init__("\n".join(self.lines))


def _printable(line: str) -> str:
    """Keep a line one line, and a terminal what it is, whatever a name or a path held."""
    return "".join(character if character.isprintable() else "?" for character in line)
