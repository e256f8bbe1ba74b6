"""The schema, whole. Times are UTC; lengths are metres and seconds; JSON holds what is only ever read as one piece."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A point in time: aware on the way in, UTC on the way out, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class names it
        """Return the moment in UTC; raise ValueError for one without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class names it
        """Return the moment, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _athlete(*, primary_key: bool = False) -> Column[Any]:
    return Column("athlete", String(64), nullable=False, primary_key=primary_key)


def _parent(column: str, target: str, *, nullable: bool = False) -> Column[Any]:
    return Column(column, Integer, ForeignKey(target, ondelete="CASCADE"), nullable=nullable)


raws = Table(
    "raws",
    metadata,
    Column("id", Integer, primary_key=True),
    _athlete(),
    Column("sha256", String(64), nullable=False),
    Column("source", String(32), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("bulk", Boolean, nullable=False),
    Column("fate", String(16)),
    Column("reason", Text, nullable=False, default=""),
    Column("title", Text, nullable=False, server_default=""),
    Column("sport", String(32), nullable=False, server_default=""),
    Column("lasting_id", Boolean, nullable=False, server_default=false()),
    Column("expires_at", Moment),
    Column("link", Text, nullable=False, server_default=""),
    UniqueConstraint("athlete", "sha256"),
    Index(None, "fate", "id"),
    Index(None, "athlete", "source", "external_id"),
    Index(None, "expires_at"),
)

# Bytes and streams that are to be taken off the disk: noted with the rows that go, so that a crash leaves none behind.
discards = Table("discards", metadata, Column("sha256", String(64), primary_key=True))

activities = Table(
    "activities",
    metadata,
    Column("id", Integer, primary_key=True),
    _athlete(),
    Column("source", String(32), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("sport", String(32), nullable=False),
    Column("sub_sport", String(32), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("utc_offset_s", Integer),
    Column("elapsed_s", Float, nullable=False),
    Column("moving_s", Float, nullable=False),
    Column("distance_m", Float),
    Column("avg_hr", Float),
    Column("max_hr", Float),
    Column("climb_m", Float),
    Column("device", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("streams_name", Text),
    Column("bulk", Boolean, nullable=False),
    Column("expires_at", Moment),
    Column("link", Text, nullable=False, server_default=""),
    Column("part_of", Integer, ForeignKey("activities.id")),
    Index(None, "athlete", "started_at"),
    Index(None, "part_of"),
    # Which runs are to be judged is asked every minute: rows are large, and these columns are all it looks at.
    Index("ix_activities_to_judge", "sport", "part_of", "athlete", "started_at"),
)

refs = Table(
    "refs",
    metadata,
    _athlete(primary_key=True),
    Column("source", String(32), primary_key=True),
    Column("external_id", Text, primary_key=True),
    _parent("activity_id", "activities.id"),
    Index(None, "activity_id"),
)

classifications = Table(
    "classifications",
    metadata,
    Column("activity_id", ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True),
    Column("ruleset", String(32), primary_key=True),
    Column("run_type", String(16), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("verdict", JSON, nullable=False),
    Column("remembered", JSON, nullable=False),
    Column("made_at", Moment, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("activity_id", ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True),
    Column("run_type", String(16), nullable=False),
    Column("at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(36), nullable=False, unique=True),
    _athlete(),
    # What was offered and done stays known where its run may be kept no longer.
    Column("activity_id", Integer, ForeignKey("activities.id", ondelete="SET NULL")),
    Column("part", String(8), nullable=False),
    Column("routine", JSON, nullable=False),
    Column("opens", Moment, nullable=False),
    Column("closes", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("ran", String(16)),
    Column("covered_by", Integer, ForeignKey("sessions.id", ondelete="SET NULL")),
    UniqueConstraint("activity_id", "part"),
    Index(None, "athlete", "state", "opens"),
    Index(None, "athlete", "state", "changed_at"),
    Index(None, "state", "opens"),
    Index(None, "covered_by"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    _athlete(),
    Column("channel", String(32), nullable=False),
    Column("key", String(64), nullable=False),
    _parent("session_id", "sessions.id", nullable=True),
    Column("message", JSON, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("useful_until", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_until", Moment),
    Column("lease_token", String(36)),
    Column("perhaps_sent_since", Moment),
    Column("trouble", Text, nullable=False, default=""),
    Column("settled_at", Moment),
    Column("receipt", Text),
    Column("given_up", Text),
    Column("best_before", Moment),
    Column("stands_in", Boolean, nullable=False, server_default=false()),
    Column("revision", Integer, nullable=False, server_default="0"),
    UniqueConstraint("athlete", "channel", "key"),
    Index(None, "session_id"),
    Index(None, "settled_at", "due_at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    _parent("session_id", "sessions.id"),
    Column("feeling", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "session_id"),
)

run_feelings = Table(
    "run_feelings",
    metadata,
    Column("activity_id", ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True),
    Column("felt", String(16), nullable=False),
    Column("at", Moment, nullable=False),
)

body = Table(
    "body",
    metadata,
    Column("id", Integer, primary_key=True),
    _athlete(),
    Column("site", String(32), nullable=False),
    Column("felt", String(8), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "athlete", "at"),
)

standings = Table(
    "standings",
    metadata,
    _athlete(primary_key=True),
    Column("system", String(48), primary_key=True),
    Column("cursor", Text),
    Column("last_success", Moment),
    Column("failures", Integer, nullable=False, default=0),
    Column("next_try", Moment),
    Column("held_until", Moment),
    Column("trouble", Text, nullable=False, default=""),
    Column("todo", Text, nullable=False, default=""),
    Column("told", Text, nullable=False, server_default=""),
    Column("told_key", String(36), nullable=False, server_default=""),
    Column("notice", Text, nullable=False, server_default=""),
)

credentials = Table(
    "credentials",
    metadata,
    _athlete(primary_key=True),
    Column("system", String(48), primary_key=True),
    Column("sealed", LargeBinary),
    Column("changed_at", Moment),
    Column("lease_until", Moment),
    Column("lease_token", String(36)),
)

bringings = Table(
    "bringings",
    metadata,
    Column("id", Integer, primary_key=True),
    _athlete(),
    Column("name", Text, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("details", JSON, nullable=False),
    Index(None, "athlete", "id"),
)

preferences = Table(
    "preferences",
    metadata,
    _athlete(primary_key=True),
    Column("name", String(48), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

passes = Table(
    "passes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    _athlete(),
    Column("name", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Index(None, "athlete", "kind"),
)

# What was asked of platforms, by account there: a row for everyone (athlete "") and one for each athlete.
budgets = Table(
    "budgets",
    metadata,
    Column("account", String(64), primary_key=True),
    _athlete(primary_key=True),
    Column("counts", JSON, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    _athlete(),
    Column("source", String(32), nullable=False),
    Column("owner", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("aspect", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("heard_at", Moment, nullable=False),
    Column("settled_at", Moment),
    UniqueConstraint("athlete", "source", "subject", "aspect", "at"),
    Index(None, "settled_at"),
)

digests = Table(
    "digests",
    metadata,
    _athlete(primary_key=True),
    Column("day", Date, primary_key=True),
    Column("made_at", Moment, nullable=False),
    Index(None, "day"),
)

workers = Table(
    "workers",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("seen_at", Moment, nullable=False),
)
