"""Sealing keys: the public part of what tablets seal interviews to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c7e20d9a51b4"
down_revision = "a41f0c2b7d95"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "sealing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealing_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_sealing_key_kid")),
    )


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("sealing_key")
