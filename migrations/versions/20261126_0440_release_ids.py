"""Ids of editions are never given twice, and every erratum is kept with its author."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a41c7be90d35"
down_revision = "d3b8f06a52c1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    # SQLite gives the id of a removed last row to the next one, unless told not to; PostgreSQL never does.
    always = {"recreate": "always", "table_kwargs": {"sqlite_autoincrement": True}}
    options = always if op.get_bind().dialect.name == "sqlite" else {}
    with op.batch_alter_table("release", **options) as table:
        table.add_column(sa.Column("errata", sa.JSON(), nullable=False, server_default="[]"))
    release = sa.table(
        "release",
        sa.column("id", sa.Integer),
        sa.column("erratum", sa.Text),
        sa.column("erratum_at", sa.DateTime(timezone=True)),
        sa.column("errata", sa.JSON),
    )
    known = sa.select(release.c.id, release.c.erratum, release.c.erratum_at)
    known = known.where(release.c.erratum.is_not(None))
    for release_id, text, at in op.get_bind().execute(known).all():
        note = {"at": at.isoformat() if at else "", "by": "", "text": text}
        op.execute(release.update().where(release.c.id == release_id).values(errata=[note]))


def downgrade() -> None:
    """Go back to the one before; errata that another one replaced are lost."""
    with op.batch_alter_table("release") as table:
        table.drop_column("errata")
