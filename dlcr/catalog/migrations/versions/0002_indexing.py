"""Indexing folder by folder: what a run saw, health of files, tallies; variants whose mask is not known.

Revision: 0002_indexing, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_indexing"
down_revision = "0001"
branch_labels = None
depends_on = None

PAGES = (("id",), ("split", "id"), ("split", "camid", "id"), ("pid", "id"), ("camid", "id"), ("clothes_id", "id"))
OLD = ("clothes_id", "pid", "split_pid")


def upgrade() -> None:
    with op.batch_alter_table("datasets") as table:
        table.add_column(sa.Column("rules", sa.Text(), nullable=True))
        table.add_column(sa.Column("run", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("facts", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "folders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bad", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_folders_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folders")),
        sa.UniqueConstraint("dataset_id", "path", name=op.f("uq_folders_dataset_id_path")),
    )
    op.create_table(
        "tallies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(length=50), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_tallies_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tallies")),
        sa.UniqueConstraint(
            "dataset_id", "split", "label", "value", name=op.f("uq_tallies_dataset_id_split_label_value")
        ),
    )
    for columns in OLD:
        op.drop_index(op.f(f"ix_samples_dataset_id_{columns}"), table_name="samples")
    with op.batch_alter_table("samples") as table:
        table.add_column(sa.Column("folder_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("run", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("content", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("flaw", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("reason", sa.Text(), nullable=True))
        table.alter_column("present", existing_type=sa.Boolean(), server_default=sa.true())
        table.drop_column("seen")
        table.create_foreign_key(op.f("fk_samples_folder_id"), "folders", ["folder_id"], ["id"])
    for page in PAGES:
        op.create_index(op.f(f"ix_samples_dataset_id_{'_'.join(page)}"), "samples", ["dataset_id", *page])
    op.create_index(op.f("ix_samples_folder_id"), "samples", ["folder_id"])
    for name, more in {"content": ["pid"], "flaw": []}.items():
        only = sa.text(f"{name} IS NOT NULL")
        columns_of = ["dataset_id", name, *more]
        op.create_index(f"ix_samples_{name}", "samples", columns_of, sqlite_where=only, postgresql_where=only)
    with op.batch_alter_table("variants") as table:
        table.alter_column("mask_id", existing_type=sa.Integer(), nullable=True)
