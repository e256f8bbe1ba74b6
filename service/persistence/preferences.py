"""What runners chose over the settings file."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from service.persistence._base import Questions
from service.persistence.tables import preferences
from service.ports import Choice


class PreferenceQuestions(Questions):
    """Questions about what runners chose."""

    def preferences(self) -> Mapping[str, Mapping[str, Choice]]:
        """Return what each athlete chose over the settings file, by athlete and name."""
        found: dict[str, dict[str, Choice]] = {}
        for row in self.connection.execute(select(preferences)):
            found.setdefault(row.athlete, {})[row.name] = Choice(value=row.value, at=row.at)
        return found

    def choose(self, athlete: str, name: str, choice: Choice) -> None:
        """Write a choice in the place of the last one."""
        self.take_back(athlete, name)
        row = {"athlete": athlete, "name": name, "value": choice.value, "at": choice.at}
        self.connection.execute(insert(preferences).values(row))

    def take_back(self, athlete: str, name: str) -> None:
        """Forget a choice, so that the settings file holds again."""
        mine = (preferences.c.athlete == athlete) & (preferences.c.name == name)
        self.connection.execute(delete(preferences).where(mine))
