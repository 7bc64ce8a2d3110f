"""Backups: how far the envelopes are copied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a41f0c2b7d95"
down_revision = "6badad6683bd"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "backup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("envelopes", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("backup")
