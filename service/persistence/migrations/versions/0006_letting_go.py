"""Recordings that may be kept for so long only, and sessions that stay when their run goes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TO_ITS_RUN = "fk_sessions_activity_id_activities"


def upgrade() -> None:
    """Change the schema."""
    op.add_column("raws", sa.Column("lasting_id", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("raws", sa.Column("expires_at", sa.DateTime(timezone=True)))
    op.add_column("raws", sa.Column("link", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_raws_athlete_raws_source_raws_external_id", "raws", ["athlete", "source", "external_id"])
    op.create_index("ix_raws_expires_at", "raws", ["expires_at"])
    op.add_column("activities", sa.Column("link", sa.Text(), nullable=False, server_default=""))
    op.create_table("discards", sa.Column("sha256", sa.String(64), nullable=False, primary_key=True))
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_constraint(TO_ITS_RUN, type_="foreignkey")
        sessions.create_foreign_key(TO_ITS_RUN, "activities", ["activity_id"], ["id"], ondelete="SET NULL")
