"""Questionnaire versions: what a stored code byte means, for ever."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.load_kept import load_kept_questionnaire
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
    """The stored version of a questionnaire, added with its files when it is new; none is ever removed."""
    sources = dict(questionnaire.sources) or None
    wanted = select(QuestionnaireVersion, QuestionnaireVersion.sources.is_not(None).label("kept")).where(
        QuestionnaireVersion.version == questionnaire.version
    )
    found = session.execute(wanted).first()
    if found is None:
        statement = INSERT[session.get_bind().dialect.name](QuestionnaireVersion).values(
            version=questionnaire.version,
            wave=questionnaire.wave,
            closed_items=[item.id for item in questionnaire.closed_items],
            cell_items=list(questionnaire.cell),
            highest_code=max(
                code for item in questionnaire.closed_items if item.scale for code in item.scale.codes
            ),
            sources=sources,
        )
        session.execute(statement.on_conflict_do_nothing(index_elements=["version"]))
        found = session.execute(wanted).one()
    if sources and not found.kept:
        session.execute(
            update(QuestionnaireVersion)
            .where(QuestionnaireVersion.version == questionnaire.version)
            .values(sources=sources)
        )
    return _read(found[0])


def fetch_questionnaire(session: Session, version: str) -> Questionnaire | None:
    """A registered questionnaire as it was; None when it is unknown, or its files were not kept."""
    found = session.execute(
        select(QuestionnaireVersion.wave, QuestionnaireVersion.sources).where(
            QuestionnaireVersion.version == version
        )
    ).first()
    if found is None or found.sources is None:
        return None
    return load_kept_questionnaire(found.wave, version, found.sources)


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
