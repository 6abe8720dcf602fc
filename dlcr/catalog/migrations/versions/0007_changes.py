"""Changes of a data set's samples are counted: what is kept of them in memory is as old as its number.

Revision: 0007_changes, after 0006_judge
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_changes"
down_revision = "0006_judge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("changes", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("datasets", "changes")
