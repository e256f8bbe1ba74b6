"""Activities, and the identifiers that stand for them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, delete, exists, func, insert, or_, select, update

from service.domain.activity import RUNNING, Activity, Ref, Richness, richness
from service.persistence._base import Questions
from service.persistence.documents import ActivityDetails, dump, load
from service.persistence.tables import activities, classifications, refs
from service.ports import StoredActivity


class ActivityQuestions(Questions):
    """Questions about activities."""

    def activity(self, activity_id: int) -> StoredActivity:
        """Return one activity; raise KeyError where there is none."""
        row = self.connection.execute(select(activities).where(activities.c.id == activity_id)).one_or_none()
        if row is None:
            raise KeyError(activity_id)
        return stored_activity(row)

    def activity_of(self, athlete: str, ref: Ref) -> StoredActivity | None:
        """Return the activity a source's identifier stands for."""
        named = (
            select(activities)
            .join(refs)
            .where(refs.c.athlete == athlete, refs.c.source == ref.source, refs.c.external_id == ref.external_id)
        )
        row = self.connection.execute(named).one_or_none()
        return stored_activity(row) if row else None

    def activities_near(self, athlete: str, moment: datetime, reach: timedelta) -> Sequence[StoredActivity]:
        """Return the athlete's activities that started within `reach` of `moment`."""
        near = select(activities).where(
            activities.c.athlete == athlete, activities.c.started_at.between(moment - reach, moment + reach)
        )
        return [stored_activity(row) for row in self.connection.execute(near.order_by(activities.c.started_at))]

    def add_activity(self, athlete: str, activity: Activity, streams_name: str | None, *, bulk: bool) -> int:
        """Write an activity with its ref and return its number."""
        row = _columns(activity, streams_name, richness(activity)) | {"athlete": athlete, "bulk": bulk}
        added = insert(activities).values(row).returning(activities.c.id)
        activity_id: int = self.connection.execute(added).scalar_one()
        self.add_ref(athlete, activity.ref, activity_id)
        return activity_id

    def replace_activity(
        self, activity_id: int, activity: Activity, streams_name: str | None, richness: Richness
    ) -> None:
        """Write a richer or later recording over an activity and forget the verdict on the one before."""
        row = _columns(activity, streams_name, richness)
        self.connection.execute(update(activities).where(activities.c.id == activity_id).values(row))
        judged = classifications.c.activity_id.in_(parts(activity_id))
        self.connection.execute(delete(classifications).where(judged))

    def drop_activity(self, activity_id: int) -> None:
        """Forget an activity, the verdict on it and its refs; sessions stay, and so do other parts of its workout."""
        others = [part.id for part in self.workout(activity_id) if part.id != activity_id]
        if others:
            self.join_workout(others)
        self.connection.execute(delete(activities).where(activities.c.id == activity_id))

    def workout(self, activity_id: int) -> Sequence[StoredActivity]:
        """Return the recordings of the workout an activity belongs to, in the order they were run."""
        found = select(activities).where(activities.c.id.in_(parts(activity_id))).order_by(activities.c.started_at)
        return [stored_activity(row) for row in self.connection.execute(found)]

    def workouts(self, first_parts: Collection[int]) -> Mapping[int, Sequence[StoredActivity]]:
        """Return the recordings of each workout, by the number of its first part, in the order they were run."""
        of_these = or_(activities.c.id.in_(first_parts), activities.c.part_of.in_(first_parts))
        found: dict[int, list[StoredActivity]] = {}
        for row in self.connection.execute(select(activities).where(of_these).order_by(activities.c.started_at)):
            found.setdefault(row.part_of or row.id, []).append(stored_activity(row))
        return found

    def join_workout(self, in_order: Sequence[int]) -> None:
        """Remember that these activities are parts of one workout, and forget the verdicts on them."""
        first, *others = in_order
        self.connection.execute(update(activities).where(activities.c.id == first).values(part_of=None))
        self.connection.execute(update(activities).where(activities.c.id.in_(others)).values(part_of=first))
        self.connection.execute(delete(classifications).where(classifications.c.activity_id.in_(in_order)))

    def add_ref(self, athlete: str, ref: Ref, activity_id: int) -> None:
        """Remember that a source's identifier stands for this activity from now on."""
        named = {"athlete": athlete, "source": ref.source, "external_id": ref.external_id}
        if not self._insert_new(refs, **named, activity_id=activity_id):
            mine = refs.c.athlete == athlete, refs.c.source == ref.source, refs.c.external_id == ref.external_id
            self.connection.execute(update(refs).where(*mine).values(activity_id=activity_id))

    def newest_run(self, athlete: str) -> StoredActivity | None:
        """Return the athlete's run that was begun last (its first part), None where there is none."""
        runs = select(activities).where(
            activities.c.athlete == athlete, activities.c.sport == RUNNING, activities.c.part_of.is_(None)
        )
        row = self.connection.execute(runs.order_by(activities.c.started_at.desc()).limit(1)).one_or_none()
        return stored_activity(row) if row else None

    def refs_of(self, activity_id: int) -> Sequence[Ref]:
        """Return the identifiers that stand for an activity."""
        found = select(refs.c.source, refs.c.external_id).where(refs.c.activity_id == activity_id)
        return [Ref(source=source, external_id=name) for source, name in self.connection.execute(found)]

    def refs_named(self, athlete: str, source: str, external_id: str) -> Sequence[tuple[Ref, int]]:
        """Return the identifiers a recording's name begins, each with the number of the activity it stands for."""
        begins = or_(
            refs.c.external_id == external_id, refs.c.external_id.startswith(f"{external_id}#", autoescape=True)
        )
        found = select(refs.c.external_id, refs.c.activity_id).where(
            refs.c.athlete == athlete, refs.c.source == source, begins
        )
        return [(Ref(source=source, external_id=name), number) for name, number in self.connection.execute(found)]

    def drop_ref(self, athlete: str, ref: Ref) -> None:
        """Forget a source's identifier."""
        mine = refs.c.athlete == athlete, refs.c.source == ref.source, refs.c.external_id == ref.external_id
        self.connection.execute(delete(refs).where(*mine))

    def ends_of_runs(self, athlete: str, since: datetime) -> Sequence[datetime]:
        """Return when the runs begun since a moment ended, oldest first."""
        mine = (activities.c.athlete == athlete) & (activities.c.sport == RUNNING) & (activities.c.started_at >= since)
        runs = select(activities.c.started_at, activities.c.elapsed_s).where(mine).order_by(activities.c.started_at)
        return [started_at + timedelta(seconds=elapsed_s) for started_at, elapsed_s in self.connection.execute(runs)]

    def newest_start(self, athlete: str, source: str) -> datetime | None:
        """Return when the newest activity of a source started."""
        theirs = exists().where(refs.c.activity_id == activities.c.id, refs.c.source == source)
        newest_first = select(activities.c.started_at).where(activities.c.athlete == athlete, theirs)
        newest = newest_first.order_by(activities.c.started_at.desc()).limit(1)
        return self.connection.execute(newest).scalar_one_or_none()


def first_part(activity_id: int) -> ScalarSelect[int]:
    """Return the question for the first part of the workout an activity belongs to: itself, where it is the only one.

    Verdicts and corrections stand there.
    """
    first = select(func.coalesce(activities.c.part_of, activities.c.id)).where(activities.c.id == activity_id)
    return first.scalar_subquery()


def parts(activity_id: int) -> Select[int]:
    """Return the question for every part of the workout an activity belongs to, itself included."""
    first = first_part(activity_id)
    return select(activities.c.id).where(or_(activities.c.id == first, activities.c.part_of == first))


def _columns(activity: Activity, streams_name: str | None, rated: Richness) -> dict[str, Any]:
    details = ActivityDetails(
        laps=activity.laps,
        pauses=activity.pauses,
        tags=activity.tags,
        notes=activity.notes,
        richness=rated,
        hidden_start=activity.hidden_start,
        runner_max_hr=activity.runner_max_hr,
        runner_threshold_hr=activity.runner_threshold_hr,
    )
    offset = activity.utc_offset
    return {
        "source": activity.ref.source,
        "external_id": activity.ref.external_id,
        "sport": activity.sport,
        "sub_sport": activity.sub_sport,
        "started_at": activity.started_at,
        "utc_offset_s": None if offset is None else int(offset.total_seconds()),
        "elapsed_s": activity.elapsed_s,
        "moving_s": activity.moving_s,
        "distance_m": activity.distance_m,
        "avg_hr": activity.avg_hr,
        "max_hr": activity.max_hr,
        "climb_m": activity.climb_m,
        "device": activity.device,
        "title": activity.title,
        "details": dump(details),
        "streams_name": streams_name,
        "expires_at": activity.expires_at,
        "link": activity.link,
    }


def stored_activity(row: Row[Any]) -> StoredActivity:
    """Return a row of the table as an activity, its streams left in the archive."""
    details = load(ActivityDetails, row.details)
    offset = None if row.utc_offset_s is None else timedelta(seconds=row.utc_offset_s)
    activity = Activity(
        ref=Ref(source=row.source, external_id=row.external_id),
        sport=row.sport,
        sub_sport=row.sub_sport,
        started_at=row.started_at,
        utc_offset=offset,
        elapsed_s=row.elapsed_s,
        moving_s=row.moving_s,
        distance_m=row.distance_m,
        avg_hr=row.avg_hr,
        max_hr=row.max_hr,
        climb_m=row.climb_m,
        laps=details.laps,
        pauses=details.pauses,
        device=row.device,
        title=row.title,
        tags=details.tags,
        notes=details.notes,
        expires_at=row.expires_at,
        link=row.link,
        hidden_start=details.hidden_start,
        runner_max_hr=details.runner_max_hr,
        runner_threshold_hr=details.runner_threshold_hr,
    )
    return StoredActivity(
        id=row.id,
        athlete=row.athlete,
        activity=activity,
        streams_name=row.streams_name,
        richness=details.richness,
        bulk=row.bulk,
        part_of=row.part_of,
    )
