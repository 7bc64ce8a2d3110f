"""Alembic's entry: migrations run on the connection they are given, or on DATABASE_URL."""

from __future__ import annotations

from alembic import context

from barometre.config import Config
from barometre.storage.engine import Database
from barometre.storage.models import Base


def run() -> None:
    """Bring the schema to the revision asked for, in one transaction."""
    database = context.config.attributes.get("database") or Database(Config.from_env().database_url)
    engine = database.engine.execution_options(writing=True)
    with engine.begin() as connection:
        # SQLite cannot alter a table in place: it is copied, and its references looked at afterwards.
        if database.is_sqlite:
            connection.exec_driver_sql("pragma defer_foreign_keys = on")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=database.is_sqlite,
            compare_type=True,
        )
        context.run_migrations()


run()
