"""Who took the answers of a wave, one row a person, when and what for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "d3b8f06a52c1"
down_revision = "d52b8e1f7a90"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "microdata_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("interviews", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_microdata_export")),
    )
    op.create_index(op.f("ix_microdata_export_wave"), "microdata_export", ["wave"])


def downgrade() -> None:
    """Go back to the one before; the log of what was taken is lost without a word."""
    op.drop_index(op.f("ix_microdata_export_wave"), table_name="microdata_export")
    op.drop_table("microdata_export")
