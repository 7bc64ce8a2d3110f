"""People, devices, questionnaire versions, envelopes, interviews, counts and releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "6badad6683bd"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("roles", sa.String(length=120), nullable=False),
        sa.Column("council", sa.String(length=32), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("closed_items", sa.JSON(), nullable=False),
        sa.Column("cell_items", sa.JSON(), nullable=False),
        sa.Column("highest_code", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_version")),
        sa.UniqueConstraint("version", name=op.f("uq_questionnaire_version_version")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("dispositions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_subject_at"), "sign_in_failure", ["subject", "at"], unique=False)

    op.create_table(
        "cell_count",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("cell", sa.LargeBinary(length=16), nullable=False),
        sa.Column("interviews", sa.Integer(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name=op.f("fk_cell_count_version_id_questionnaire_version"),
        ),
        sa.PrimaryKeyConstraint("version_id", "cell", name=op.f("pk_cell_count")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("enrolled_by", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["enrolled_by"], ["person.id"], name=op.f("fk_device_enrolled_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    op.create_table(
        "envelope",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status in ('stored', 'conflict', 'quarantined')", name=op.f("ck_envelope_known_status")
        ),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_envelope_device_id_device")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_envelope")),
        sa.UniqueConstraint("uuid", "sha256", name=op.f("uq_envelope_uuid_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "interview",
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("envelope_seq", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.Column("languages", sa.String(length=80), nullable=False),
        sa.Column("language_of", sa.LargeBinary(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("disposition", sa.String(length=32), nullable=False),
        sa.Column("interviewer", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("folded", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("excluded_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["envelope_seq"], ["envelope.seq"], name=op.f("fk_interview_envelope_seq_envelope")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name=op.f("fk_interview_version_id_questionnaire_version"),
        ),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_interview")),
        sqlite_with_rowid=False,
    )
    new = sa.text("counted and not folded")
    op.create_index("ix_interview_new", "interview", ["version_id"], sqlite_where=new, postgresql_where=new)


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_index("ix_interview_new", table_name="interview")

    op.drop_table("interview")
    op.drop_table("envelope")
    op.drop_table("device")
    op.drop_table("cell_count")
    op.drop_index(op.f("ix_sign_in_failure_subject_at"), table_name="sign_in_failure")

    op.drop_table("sign_in_failure")
    op.drop_table("release")
    op.drop_table("questionnaire_version")
    op.drop_table("person")
