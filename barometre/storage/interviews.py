"""Interviews that are kept: exclusion, totals, and what was set aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from barometre.storage.arrivals import Kept
from barometre.storage.counts import lock_counts, take_out
from barometre.storage.decisions import is_undecided
from barometre.storage.models import Device, Envelope, Interview, QuestionnaireVersion
from barometre.storage.versions import fetch_version


@dataclass(frozen=True)
class Aside:
    """What a supervisor is told of an envelope in quarantine or conflict: none of its answers."""

    seq: int
    status: str
    channel: str
    reason: str | None
    received_at: datetime
    #: bytes
    size: int
    #: label of the tablet it came from
    device: str | None


def exclude_interview(session: Session, uuid: UUID, reason: str) -> bool:
    """Take an interview out of the counts, keeping it and why; False when it was not counted."""
    # Before the row: whoever folds takes the counts first, then the rows.
    lock_counts(session.connection())
    wanted = select(Interview).where(Interview.uuid == uuid).with_for_update()
    row = session.scalar(wanted.execution_options(populate_existing=True))
    if row is None or not row.counted:
        return False
    row.counted = False
    row.excluded_reason = reason
    session.flush()
    if row.folded:
        take_out(session.connection(), fetch_version(session, row.version_id), row.codes)
    return True


def fetch_interview_totals(session: Session, wave: str) -> dict[str, int]:
    """Interviews of a wave by disposition."""
    rows = session.execute(
        select(Interview.disposition, func.count().label("number"))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Interview.version_id)
        .where(QuestionnaireVersion.wave == wave)
        .group_by(Interview.disposition)
    )
    return {row.disposition: row.number for row in rows}


def fetch_known_contents(session: Session, uuids: Iterable[UUID]) -> dict[UUID, bytes]:
    """Those of these interviews that are stored, with the SHA-256 of their envelope."""
    wanted = list(uuids)
    found: dict[UUID, bytes] = {}
    for start in range(0, len(wanted), 500):
        rows = session.execute(
            select(Interview.uuid, Envelope.sha256)
            .join(Envelope, Envelope.seq == Interview.envelope_seq)
            .where(Interview.uuid.in_(wanted[start : start + 500]))
        )
        found.update((row.uuid, row.sha256) for row in rows)
    return found


def fetch_receipt(session: Session, seq: int) -> Kept | None:
    """What became of the envelope with this number."""
    row = session.execute(
        select(Envelope.status, Envelope.seq, Envelope.received_at, Envelope.reason).where(
            Envelope.seq == seq
        )
    ).first()
    return Kept(*row) if row else None


def count_aside(session: Session) -> int:
    """How many envelopes are in quarantine or conflict and wait for a decision."""
    return session.scalars(select(func.count()).where(is_undecided())).one()


def fetch_aside(session: Session, limit: int = 200) -> list[Aside]:
    """Envelopes that wait for a decision, newest first, without their content."""
    rows = session.execute(
        select(
            Envelope.seq,
            Envelope.status,
            Envelope.channel,
            Envelope.reason,
            Envelope.received_at,
            func.length(Envelope.body),
            Device.label,
        )
        .outerjoin(Device, Device.id == Envelope.device_id)
        .where(is_undecided())
        .order_by(Envelope.seq.desc())
        .limit(limit)
    )
    return [Aside(*row) for row in rows]
