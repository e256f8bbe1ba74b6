"""Tokens that platforms hand out and rotate, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "credentials",
        sa.Column("athlete", sa.String(length=64), nullable=False),
        sa.Column("system", sa.String(length=48), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("lease_token", sa.String(length=36)),
        sa.PrimaryKeyConstraint("athlete", "system", name="pk_credentials"),
    )
