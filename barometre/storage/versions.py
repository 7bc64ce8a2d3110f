"""Questionnaire versions: what a stored code byte means, for ever."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from barometre.questionnaire.definition import Questionnaire
from barometre.storage.models import QuestionnaireVersion

#: each dialect's own insert, which knows ON CONFLICT
INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@dataclass(frozen=True)
class Version:
    """A registered questionnaire version, with what storing and counting need."""

    id: int
    wave: str
    closed_items: tuple[str, ...]
    cell_items: tuple[str, ...]
    highest_code: int

    @cached_property
    def cell_places(self) -> tuple[int, ...]:
        """Places of the cell items among the code bytes."""
        return tuple(self.closed_items.index(item) for item in self.cell_items)


def register_version(session: Session, questionnaire: Questionnaire) -> Version:
    """The stored version of a questionnaire, added when it is new; versions are never removed."""
    known = session.scalar(
        select(QuestionnaireVersion).where(QuestionnaireVersion.version == questionnaire.version)
    )
    if known is None:
        statement = INSERT[session.get_bind().dialect.name](QuestionnaireVersion).values(
            version=questionnaire.version,
            wave=questionnaire.wave,
            closed_items=[item.id for item in questionnaire.closed_items],
            cell_items=list(questionnaire.cell),
            highest_code=max(
                code for item in questionnaire.closed_items if item.scale for code in item.scale.codes
            ),
        )
        session.execute(statement.on_conflict_do_nothing(index_elements=["version"]))
        known = session.scalars(
            select(QuestionnaireVersion).where(QuestionnaireVersion.version == questionnaire.version)
        ).one()
    return _read(known)


def fetch_version(session: Session, version_id: int) -> Version:
    """One version."""
    return _read(session.get_one(QuestionnaireVersion, version_id))


def fetch_versions(session: Session, wave: str) -> list[Version]:
    """The versions of a wave, the oldest first."""
    rows = session.scalars(
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.wave == wave)
        .order_by(QuestionnaireVersion.id)
    )
    return [_read(row) for row in rows]


def _read(row: QuestionnaireVersion) -> Version:
    """A row as an immutable value."""
    return Version(row.id, row.wave, tuple(row.closed_items), tuple(row.cell_items), row.highest_code)
