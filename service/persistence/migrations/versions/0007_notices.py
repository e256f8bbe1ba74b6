"""What a source asks a human to do soon, while all is still well."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("standings", sa.Column("notice", sa.Text(), nullable=False, server_default=""))
