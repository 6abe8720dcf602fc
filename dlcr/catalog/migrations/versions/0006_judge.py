"""Who gave a verdict: a person or the quality gate.

Revision: 0006_judge, after 0003_runs
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_judge"
down_revision = "0005_menus"
branch_labels = None
depends_on = None


def upgrade() -> None:
    judge = sa.Column("judge", sa.String(length=20), nullable=False, server_default="user")
    op.add_column("verdicts", judge)


def downgrade() -> None:
    op.drop_column("verdicts", "judge")
