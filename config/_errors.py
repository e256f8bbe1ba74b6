"""The one error of the settings."""


class SettingsError(ValueError):
    """The settings cannot be used. `lines` holds every problem found, each one line that says what to do."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines: tuple[str, ...] = lines
