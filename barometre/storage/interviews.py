"""Interviews in, once each: the envelope as received, the answers as bytes, the counts kept beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from barometre.estimates.counts import slot_table, width
from barometre.questionnaire.answers import AnswerSheet
from barometre.questionnaire.definition import Questionnaire
from barometre.storage.models import CellCount, Envelope, Interview, QuestionnaireVersion, utc_now

STORED, ALREADY_RECEIVED, CONFLICT, QUARANTINED = "stored", "already_received", "conflict", "quarantined"


@dataclass(frozen=True)
class Version:
    """A registered questionnaire version, with what storing and counting need."""

    id: int
    wave: str
    closed_items: tuple[str, ...]
    cell_items: tuple[str, ...]
    highest_code: int

    @property
    def cell_places(self) -> tuple[int, ...]:
        """Places of the cell items among the code bytes."""
        return tuple(self.closed_items.index(item) for item in self.cell_items)


@dataclass(frozen=True)
class Arrival:
    """An envelope at the gate."""

    uuid: UUID
    sha256: bytes
    body: bytes
    #: "tablet", "paper" or "file"
    channel: str
    device_id: int | None = None


@dataclass(frozen=True)
class Judged:
    """What the judge made of it."""

    version: Version
    sheet: AnswerSheet
    interviewer: str
    started_at: datetime | None


@dataclass(frozen=True)
class Kept:
    """What became of an arrival."""

    status: str
    seq: int
    received_at: datetime
    reason: str | None = None


def register_version(session: Session, questionnaire: Questionnaire) -> Version:
    """The stored version of a questionnaire, added when it is new; versions are never removed."""
    known = session.scalar(
        select(QuestionnaireVersion).where(QuestionnaireVersion.version == questionnaire.version)
    )
    if known is None:
        statement = _insert(session)(QuestionnaireVersion).values(
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
    return read_version(known)


def read_version(row: QuestionnaireVersion) -> Version:
    """A row as an immutable value."""
    return Version(row.id, row.wave, tuple(row.closed_items), tuple(row.cell_items), row.highest_code)


def save_arrival(session: Session, arrival: Arrival, judged: Judged | None, reason: str | None) -> Kept:
    """Keep an envelope, and its interview when it could be judged, exactly once.

    Uniqueness is the database's: the same uuid and content again is `already_received`, another content
    under the same uuid is kept aside as a `conflict`. Call it inside one write transaction.
    """
    received_at = utc_now()
    status = STORED if judged else QUARANTINED
    statement = _insert(session)(Envelope).values(
        uuid=arrival.uuid,
        sha256=arrival.sha256,
        body=arrival.body,
        channel=arrival.channel,
        status=status,
        reason=reason,
        device_id=arrival.device_id,
        received_at=received_at,
    )
    seq = session.scalar(
        statement.on_conflict_do_nothing(index_elements=["uuid", "sha256"]).returning(Envelope.seq)
    )
    if seq is None:
        known = session.execute(
            select(Envelope.seq, Envelope.received_at, Envelope.reason).where(
                Envelope.uuid == arrival.uuid, Envelope.sha256 == arrival.sha256
            )
        ).one()
        return Kept(ALREADY_RECEIVED, known.seq, known.received_at, known.reason)
    if judged is None:
        return Kept(QUARANTINED, seq, received_at, reason)
    if not _insert_interview(session, arrival.uuid, seq, judged):
        session.execute(
            update(Envelope).where(Envelope.seq == seq).values(status=CONFLICT, reason="other_content")
        )
        return Kept(CONFLICT, seq, received_at, "other_content")
    if judged.sheet.counted:
        _count(session, judged.version, judged.sheet.codes, +1)
    return Kept(STORED, seq, received_at)


def _insert_interview(session: Session, uuid: UUID, seq: int, judged: Judged) -> bool:
    sheet = judged.sheet
    statement = _insert(session)(Interview).values(
        uuid=uuid,
        envelope_seq=seq,
        version_id=judged.version.id,
        codes=sheet.codes,
        languages=" ".join(sheet.languages),
        language_of=sheet.language_of,
        texts=sheet.texts,
        disposition=sheet.disposition,
        interviewer=judged.interviewer,
        started_at=judged.started_at,
        counted=sheet.counted,
    )
    inserted = session.scalar(
        statement.on_conflict_do_nothing(index_elements=["uuid"]).returning(Interview.uuid)
    )
    return inserted is not None


def exclude_interview(session: Session, uuid: UUID, reason: str) -> bool:
    """Take an interview out of the counts, keeping it and why; False when it was not counted."""
    row = session.scalar(select(Interview).where(Interview.uuid == uuid).with_for_update())
    if row is None or not row.counted:
        return False
    row.counted = False
    row.excluded_reason = reason
    version = session.get(QuestionnaireVersion, row.version_id)
    assert version is not None
    _count(session, read_version(version), row.codes, -1)
    return True


def _count(session: Session, version: Version, codes: bytes, step: int) -> None:
    """Add one interview to its cell, or take it out; the cell's row is locked until the commit."""
    items, slots = len(version.closed_items), width(version.highest_code)
    cell = bytes(codes[place] for place in version.cell_places)
    here = (CellCount.version_id == version.id, CellCount.cell == cell)
    wanted = select(CellCount.interviews, CellCount.counts).where(*here).with_for_update()
    row = session.execute(wanted).first()
    if row is None:
        empty = _insert(session)(CellCount).values(
            version_id=version.id, cell=cell, interviews=0, counts=bytes(4 * items * slots)
        )
        session.execute(empty.on_conflict_do_nothing(index_elements=["version_id", "cell"]))
        row = session.execute(wanted).one()
    counts = np.frombuffer(row.counts, dtype="<i4").reshape(items, slots).copy()
    given = slot_table(version.highest_code)[np.frombuffer(codes, dtype=np.uint8)]
    counts[np.arange(items), given] += step
    session.execute(
        update(CellCount).where(*here).values(interviews=row.interviews + step, counts=counts.tobytes())
    )


def fetch_interview_totals(session: Session, wave: str) -> dict[str, int]:
    """Interviews of a wave by disposition."""
    rows = session.execute(
        select(Interview.disposition, func.count().label("number"))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Interview.version_id)
        .where(QuestionnaireVersion.wave == wave)
        .group_by(Interview.disposition)
    )
    return {row.disposition: row.number for row in rows}


def fetch_language_totals(session: Session, wave: str) -> dict[str, int]:
    """Interviews of a wave by first language used; staff only."""
    rows = session.execute(
        select(Interview.languages, func.count())
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Interview.version_id)
        .where(QuestionnaireVersion.wave == wave)
        .group_by(Interview.languages)
    )
    totals: dict[str, int] = {}
    for languages, number in rows:
        first = languages.split(" ")[0]
        totals[first] = totals.get(first, 0) + number
    return totals


def fetch_known_uuids(session: Session, uuids: Iterable[UUID]) -> set[UUID]:
    """Which of these interviews are already stored."""
    wanted = list(uuids)
    found: set[UUID] = set()
    for start in range(0, len(wanted), 500):
        found.update(
            session.scalars(select(Interview.uuid).where(Interview.uuid.in_(wanted[start : start + 500])))
        )
    return found


def fetch_aside(session: Session, limit: int = 200) -> list[Envelope]:
    """Envelopes in quarantine or conflict, newest first."""
    return list(
        session.scalars(
            select(Envelope)
            .where(Envelope.status.in_((QUARANTINED, CONFLICT)))
            .order_by(Envelope.seq.desc())
            .limit(limit)
        )
    )


def _insert(session: Session) -> Any:
    """The dialect's own insert, which knows ON CONFLICT."""
    name = session.get_bind().dialect.name
    return postgresql.insert if name == "postgresql" else sqlite.insert if name == "sqlite" else insert
