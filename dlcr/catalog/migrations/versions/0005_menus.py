"""Menus of a data set kept beside its facts.

Revision: 0005_menus, after 0003_runs
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_menus"
down_revision = "0004_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("datasets") as table:
        table.add_column(sa.Column("menus", sa.JSON(none_as_null=True), nullable=True))
    op.execute("UPDATE datasets SET facts = NULL")  # counted anew by the next indexing


def downgrade() -> None:
    with op.batch_alter_table("datasets") as table:
        table.drop_column("menus")
