"""The schema's revisions, run from inside the application: alembic with our own database."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext

from barometre.storage.engine import Database
from barometre.storage.models import Base

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(database: Database) -> AlembicConfig:
    """Alembic's settings for `database`, without an ini file."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option(
        "file_template", "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s"
    )
    settings.attributes["database"] = database
    return settings


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    command.upgrade(alembic_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Bring the schema back to a revision ("base" for an empty database)."""
    command.downgrade(alembic_config(database), revision)


def find_differences(database: Database) -> list[object]:
    """What the models say and the migrated schema does not; empty when both agree."""
    with database.engine.connect() as connection:
        migrated = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(migrated, Base.metadata))
