"""Workouts recorded in parts, and what an export's table says of its files."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("raws", sa.Column("title", sa.Text(), nullable=False, server_default=""))
    op.add_column("raws", sa.Column("sport", sa.String(length=32), nullable=False, server_default=""))
    # Written out, because a table that is made anew on SQLite takes with it the rows that hang on the old one.
    op.execute(
        "ALTER TABLE activities ADD COLUMN part_of INTEGER"
        " CONSTRAINT fk_activities_part_of_activities REFERENCES activities (id)"
    )
    op.create_index("ix_activities_part_of", "activities", ["part_of"])
