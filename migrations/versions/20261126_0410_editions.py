"""Releases become editions; a number that tells when what the public sees has changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b8e40c15d2a7"
down_revision = "a41f7d90c3e6"
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("shared_by", sa.String(length=64), nullable=True),
    sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("published_by", sa.String(length=64), nullable=True),
    sa.Column("number", sa.Integer(), nullable=True),
    sa.Column("figures", sa.LargeBinary(), nullable=True),
    sa.Column("figures_sha256", sa.String(length=64), nullable=True),
    sa.Column("method", sa.String(length=16), nullable=True),
    sa.Column("erratum", sa.Text(), nullable=True),
    sa.Column("erratum_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
    sa.Column("withdrawn_why", sa.Text(), nullable=True),
)


def upgrade() -> None:
    """Go to this revision; what the public saw until now are the editions published so far."""
    with op.batch_alter_table("release") as table:
        table.add_column(sa.Column("checks", sa.JSON(), nullable=False, server_default="{}"))
        for column in COLUMNS:
            table.add_column(column)
    op.execute(
        "update release set shared_at = made_at, shared_by = made_by, published_at = made_at,"
        " published_by = made_by, number = (select count(*) from release as earlier"
        " where earlier.wave = release.wave and earlier.id <= release.id)"
    )
    with op.batch_alter_table("release") as table:
        table.alter_column("checks", server_default=None)
        table.create_unique_constraint(op.f("uq_release_wave_number"), ["wave", "number"])
    op.create_table(
        "public_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_version")),
    )
    op.execute("insert into public_version (id, version) values (1, 0)")


def downgrade() -> None:
    """Go back to the one before; what was prepared becomes public, and errata are lost without a word."""
    op.drop_table("public_version")
    with op.batch_alter_table("release") as table:
        table.drop_constraint(op.f("uq_release_wave_number"), type_="unique")
        for column in reversed(COLUMNS):
            table.drop_column(column.name)
        table.drop_column("checks")
