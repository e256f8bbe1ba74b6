"""What is asked again and again takes no longer for there being more of the past."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_index("ix_activities_to_judge", "activities", ["sport", "part_of", "athlete", "started_at"])
    op.create_index(
        "ix_sessions_athlete_sessions_state_sessions_changed_at", "sessions", ["athlete", "state", "changed_at"]
    )
    op.create_index("ix_sessions_state_sessions_opens", "sessions", ["state", "opens"])
    op.create_index("ix_digests_day", "digests", ["day"])
