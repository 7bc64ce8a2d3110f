"""Drafts and adopted opinions of the conseils citoyens, their proposals, and what is answered to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "d52b8e1f7a90"
down_revision = "b8e40c15d2a7"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "council_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("council", sa.String(length=32), nullable=False),
        sa.Column("theme", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proposals", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.String(length=64), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_draft")),
        sa.UniqueConstraint(
            "wave", "council", "theme", "revision", name=op.f("uq_council_draft_wave_council_theme_revision")
        ),
    )
    op.create_table(
        "council_opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("council", sa.String(length=32), nullable=False),
        sa.Column("theme", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("adopted_by", sa.String(length=64), nullable=False),
        sa.Column("adopted_at", MOMENT, nullable=False),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_opinion")),
        sa.UniqueConstraint(
            "wave", "council", "theme", "version", name=op.f("uq_council_opinion_wave_council_theme_version")
        ),
    )
    op.create_table(
        "council_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opinion_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["opinion_id"],
            ["council_opinion.id"],
            name=op.f("fk_council_proposal_opinion_id_council_opinion"),
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["council_proposal.id"], name=op.f("fk_council_proposal_first_id_council_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_proposal")),
        sa.UniqueConstraint("opinion_id", "position", name=op.f("uq_council_proposal_opinion_id_position")),
    )
    op.create_table(
        "opinion_hiding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opinion_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done_by", sa.String(length=64), nullable=False),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.CheckConstraint("action in ('hidden', 'shown')", name=op.f("ck_opinion_hiding_known_action")),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["council_opinion.id"], name=op.f("fk_opinion_hiding_opinion_id_council_opinion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_hiding")),
    )
    op.create_index(op.f("ix_opinion_hiding_opinion_id"), "opinion_hiding", ["opinion_id"])
    op.create_table(
        "proposal_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("service", sa.String(length=240), nullable=False),
        sa.Column("answered_by", sa.String(length=64), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["council_proposal.id"],
            name=op.f("fk_proposal_answer_proposal_id_council_proposal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_answer")),
    )
    op.create_index(op.f("ix_proposal_answer_proposal_id"), "proposal_answer", ["proposal_id"])


def downgrade() -> None:
    """Go back to the one before; everything the councils wrote, and what was answered, is lost."""
    for table in (
        "proposal_answer",
        "opinion_hiding",
        "council_proposal",
        "council_opinion",
        "council_draft",
    ):
        op.drop_table(table)
