"""Verdicts on runs, and what is remembered of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, delete, exists, func, insert, or_, select

from service.domain.activity import RUNNING
from service.domain.classification import Classification, PastRun, RunType
from service.domain.feelings import RunFelt
from service.persistence._base import Questions
from service.persistence.activities import first_part, parts, stored_activity
from service.persistence.documents import dump, load
from service.persistence.tables import activities, classifications, corrections, run_feelings
from service.ports import DayOfRuns, JudgedRun


class VerdictQuestions(Questions):
    """Questions about verdicts."""

    def unclassified(self, ruleset: str, athlete: str | None = None) -> Mapping[str, Sequence[int]]:
        """Return by athlete (or for one) the first parts of runs without a verdict under `ruleset`, oldest first."""
        judged = exists().where(classifications.c.activity_id == activities.c.id, classifications.c.ruleset == ruleset)
        found: dict[str, list[int]] = {}
        whose = () if athlete is None else (activities.c.athlete == athlete,)
        for number, owner in self.connection.execute(_runs().add_columns(activities.c.athlete).where(~judged, *whose)):
            found.setdefault(owner, []).append(number)
        return found

    def forget_verdicts(self, athlete: str, since: datetime, *, lasting: bool = False) -> None:
        """Forget the verdicts on the athlete's runs begun since a moment: what came before them has changed.

        With `lasting`, only on runs that may be kept for good.
        """
        later = select(activities.c.id).where(activities.c.athlete == athlete, activities.c.started_at >= since)
        if lasting:
            later = later.where(activities.c.expires_at.is_(None))
        self.connection.execute(delete(classifications).where(classifications.c.activity_id.in_(later)))

    def history(self, athlete: str, since: datetime | None = None) -> Sequence[PastRun]:
        """Return what is remembered of the athlete's runs, oldest first; for `since` see VerdictQuestions."""
        theirs = [activities.c.athlete == athlete]
        if since is None:
            return self._remembered(*theirs)
        corrected = select(func.coalesce(activities.c.part_of, activities.c.id)).join(corrections).where(*theirs)
        older = activities.c.started_at < since, activities.c.id.in_(corrected)
        return [*self._remembered(*theirs, *older), *self._remembered(*theirs, activities.c.started_at >= since)]

    def _remembered(self, *which: ColumnElement[bool]) -> list[PastRun]:
        past = select(classifications.c.remembered).join(activities).where(*which, _newest_verdict())
        in_order = past.order_by(activities.c.started_at)
        return [load(PastRun, document) for document in self.connection.execute(in_order).scalars()]

    def add_classification(self, activity_id: int, verdict: Classification, made_at: datetime) -> None:
        """Write a verdict; one under the same ruleset is replaced."""
        row = classifications.c
        self.connection.execute(
            delete(classifications).where(row.activity_id == activity_id, row.ruleset == verdict.ruleset)
        )
        document = dump(verdict)
        self.connection.execute(
            insert(classifications).values(
                activity_id=activity_id,
                ruleset=verdict.ruleset,
                run_type=verdict.run_type.value,
                confidence=verdict.confidence,
                remembered=document.pop("remembered"),
                verdict=document,
                made_at=made_at,
            )
        )

    def classification(self, activity_id: int) -> Classification | None:
        """Return the newest verdict on an activity, or on the workout it is a part of."""
        found = (
            select(classifications.c.verdict, classifications.c.remembered)
            .where(classifications.c.activity_id == first_part(activity_id))
            .order_by(classifications.c.made_at.desc())
            .limit(1)
        )
        row = self.connection.execute(found).one_or_none()
        return load(Classification, row.verdict | {"remembered": row.remembered}) if row else None

    def runs_of(self, athlete: str) -> Sequence[int]:
        """Return the numbers of all the athlete's runs (the first part where there are several), oldest first."""
        return self.connection.execute(_runs().where(activities.c.athlete == athlete)).scalars().all()

    def correct(self, activity_id: int, run_type: RunType, at: datetime) -> None:
        """Write down what the runner says a run (all its parts) was, and forget the verdicts on it."""
        first = first_part(activity_id)
        self.connection.execute(delete(corrections).where(_of_workout(corrections, activity_id)))
        self.connection.execute(delete(classifications).where(_of_workout(classifications, activity_id)))
        self.connection.execute(insert(corrections).values(activity_id=first, run_type=run_type.value, at=at))

    def correction(self, activity_id: int) -> RunType | None:
        """Return what the runner said a run, or the workout it is a part of, was."""
        said = select(corrections.c.run_type).where(_of_workout(corrections, activity_id))
        run_type = self.connection.execute(said.order_by(corrections.c.at.desc()).limit(1)).scalar_one_or_none()
        return RunType(run_type) if run_type else None

    def corrections(self, first_parts: Collection[int]) -> Mapping[int, RunType]:
        """Return what the runner said workouts were, by the number of their first part; most are left out."""
        first = func.coalesce(activities.c.part_of, activities.c.id)
        said = select(first, corrections.c.run_type).join(activities).where(first.in_(first_parts))
        return {number: RunType(kind) for number, kind in self.connection.execute(said.order_by(corrections.c.at))}

    def runs_between(self, athlete: str, since: datetime, until: datetime) -> Sequence[DayOfRuns]:
        """Return the runs begun in a span of time with their verdicts, oldest first."""
        runs = (
            select(activities, classifications.c.run_type, run_feelings.c.felt)
            .join(classifications)
            .outerjoin(run_feelings, run_feelings.c.activity_id == activities.c.id)
            .where(activities.c.athlete == athlete, _newest_verdict())
            .where(activities.c.started_at >= since, activities.c.started_at < until)
            .order_by(activities.c.started_at)
        )
        return [
            DayOfRuns(
                activity=stored_activity(row).activity,
                run_type=RunType(row.run_type),
                felt=RunFelt(row.felt) if row.felt else None,
            )
            for row in self.connection.execute(runs)
        ]

    def judged_runs(self, athlete: str, since: datetime, until: datetime) -> Sequence[JudgedRun]:
        """Return the runs begun in a span of time with what they are held to be, the newest first."""
        runs = (
            select(
                activities,
                classifications.c.run_type,
                classifications.c.confidence,
                corrections.c.run_type.label("said"),
                run_feelings.c.felt,
            )
            .join(classifications)
            .outerjoin(corrections, corrections.c.activity_id == activities.c.id)
            .outerjoin(run_feelings, run_feelings.c.activity_id == activities.c.id)
            .where(activities.c.athlete == athlete, activities.c.part_of.is_(None), _newest_verdict())
            .where(activities.c.started_at >= since, activities.c.started_at < until)
            .order_by(activities.c.started_at.desc(), activities.c.id.desc())
        )
        return [_judged(row) for row in self.connection.execute(runs)]


def _judged(row: Row[Any]) -> JudgedRun:
    return JudgedRun(
        id=row.id,
        activity=stored_activity(row).activity,
        run_type=RunType(row.run_type),
        confidence=row.confidence,
        corrected=row.said is not None,
        felt=RunFelt(row.felt) if row.felt else None,
    )


def _runs() -> Select[int]:
    """Return the question for runs, by their first part, oldest first."""
    runs = select(activities.c.id).where(activities.c.sport == RUNNING, activities.c.part_of.is_(None))
    return runs.order_by(activities.c.started_at, activities.c.id)


def _of_workout(table: Table, activity_id: int) -> ColumnElement[bool]:
    """Return the condition that a row is about a part of the workout an activity belongs to."""
    return table.c.activity_id.in_(parts(activity_id))


def _newest_verdict() -> ColumnElement[bool]:
    newer = classifications.alias()
    same_run = newer.c.activity_id == classifications.c.activity_id
    later = or_(
        newer.c.made_at > classifications.c.made_at,
        and_(newer.c.made_at == classifications.c.made_at, newer.c.ruleset > classifications.c.ruleset),
    )
    return ~exists().where(same_run, later)
