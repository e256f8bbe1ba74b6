"""What the runner says of their body and of their runs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from service.domain.body import Felt, Said
from service.domain.feelings import RunFelt
from service.domain.movements import Site
from service.persistence._base import Questions
from service.persistence.activities import first_part
from service.persistence.tables import body, run_feelings


class BodyQuestions(Questions):
    """Questions about how the runner feels."""

    def add_said(self, athlete: str, said: Said) -> None:
        """Write down what the runner says of a place on their body."""
        self.connection.execute(
            insert(body).values(athlete=athlete, site=said.site.value, felt=said.felt.value, at=said.at)
        )

    def said_since(self, athlete: str, since: datetime) -> Sequence[Said]:
        """Return what the runner has said of their body since a moment, oldest first."""
        asked = select(body).where(body.c.athlete == athlete, body.c.at >= since).order_by(body.c.at, body.c.id)
        return [Said(site=Site(row.site), felt=Felt(row.felt), at=row.at) for row in self.connection.execute(asked)]

    def set_run_felt(self, activity_id: int, felt: RunFelt, at: datetime) -> None:
        """Write down how a run (all its parts) felt, in the place of what was said of it before."""
        first = self.connection.execute(select(first_part(activity_id))).scalar_one()
        self.connection.execute(delete(run_feelings).where(run_feelings.c.activity_id == first))
        self.connection.execute(insert(run_feelings).values(activity_id=first, felt=felt.value, at=at))
