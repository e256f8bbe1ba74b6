"""Messages that were delivered and are put right in place."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("outbox", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_outbox_session_id", "outbox", ["session_id"])
