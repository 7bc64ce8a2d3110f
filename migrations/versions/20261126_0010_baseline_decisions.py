"""Decisions on where the figures of a past wave come from, and their state in each release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a41f7d90c3e6"
down_revision = "c7d2e5b81f36"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("release", sa.Column("baseline", sa.JSON(), nullable=True))
    op.create_table(
        "baseline_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source in ('published', 'microdata')", name=op.f("ck_baseline_decision_known_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline_decision")),
    )
    op.create_index(op.f("ix_baseline_decision_wave"), "baseline_decision", ["wave"])


def downgrade() -> None:
    """Go back to the one before; decisions, and what releases keep of past waves, are lost without a word."""
    op.drop_index(op.f("ix_baseline_decision_wave"), table_name="baseline_decision")
    op.drop_table("baseline_decision")
    op.drop_column("release", "baseline")
