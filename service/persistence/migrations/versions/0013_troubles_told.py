"""Which message told the runner of a trouble."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("standings", sa.Column("told_key", sa.String(length=36), nullable=False, server_default=""))
