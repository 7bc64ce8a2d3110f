"""Decisions: what supervisors decided of the envelopes that were set aside, who, when and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e93a7c06d2f8"
down_revision = "5d1b84f6e0a2"
branch_labels = None
depends_on = None

COLUMNS = (
    ("decision", sa.String(length=16)),
    ("decision_reason", sa.Text()),
    ("decided_by", sa.String(length=64)),
    ("decided_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Go to this revision."""
    for name, kind in COLUMNS:
        op.add_column("envelope", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Go back to the one before."""
    for name, _kind in reversed(COLUMNS):
        op.drop_column("envelope", name)
