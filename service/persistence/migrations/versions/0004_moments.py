"""Sessions that cover others, what the runner says of their body and runs, and what the outbox judges by."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("sessions") as sessions:
        sessions.alter_column("activity_id", existing_type=sa.Integer(), nullable=True)
        sessions.add_column(sa.Column("ran", sa.String(length=16)))
        sessions.add_column(sa.Column("covered_by", sa.Integer()))
        sessions.create_foreign_key(
            "fk_sessions_covered_by_sessions", "sessions", ["covered_by"], ["id"], ondelete="SET NULL"
        )
        sessions.create_index("ix_sessions_covered_by", ["covered_by"])
    op.create_table(
        "body",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("athlete", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("felt", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_body"),
    )
    op.create_index("ix_body_athlete_body_at", "body", ["athlete", "at"])
    op.create_table(
        "run_feelings",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("felt", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name="fk_run_feelings_activity_id_activities", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", name="pk_run_feelings"),
    )
    op.add_column("outbox", sa.Column("best_before", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("stands_in", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("standings", sa.Column("told", sa.Text(), nullable=False, server_default=""))
