"""Kept questionnaires: the files of each version, so that its interviews can be judged for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5d1b84f6e0a2"
down_revision = "c7e20d9a51b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("questionnaire_version", sa.Column("sources", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_column("questionnaire_version", "sources")
