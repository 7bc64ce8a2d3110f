"""What is decided of the envelopes that were set aside: each once, by one person, and nothing is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from barometre.storage.arrivals import (
    CONFLICT,
    KEY_MISSING,
    OTHER_CONTENT,
    QUARANTINED,
    STORE_INTERVIEW,
    STORED,
    UNKNOWN_VERSION,
    Arrival,
    Judged,
    write_interview,
)
from barometre.storage.counts import lock_counts, take_out
from barometre.storage.models import Device, Envelope, Interview, utc_now
from barometre.storage.versions import fetch_version

#: judged again, and stored
JUDGED = "judged"
#: left aside for good
LEFT = "left"
#: of two contents the first one goes on being the interview
FIRST_KEPT = "first_kept"
#: it took the place of the first one
TAKEN = "taken"
#: another one took its place
REPLACED = "replaced"


@dataclass(frozen=True)
class Undecided:
    """An envelope that was set aside, held by whoever is deciding."""

    seq: int
    status: str
    arrival: Arrival


@dataclass(frozen=True)
class Decision:
    """Who decides, and why."""

    by: str
    why: str | None = None


@dataclass(frozen=True)
class Decided:
    """What a supervisor is told of an envelope that was decided: none of its answers."""

    seq: int
    channel: str
    device: str | None
    received_at: datetime
    decision: str
    why: str | None
    by: str
    at: datetime


def is_undecided() -> Any:
    """The condition of an envelope that was set aside and waits for somebody."""
    return Envelope.status.in_((QUARANTINED, CONFLICT)) & Envelope.decided_at.is_(None)


def hold_undecided(session: Session, seq: int) -> Undecided | None:
    """An envelope that waits, held until the commit; None when there is none, or somebody was quicker."""
    row = session.scalar(
        select(Envelope)
        .where(Envelope.seq == seq, is_undecided())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    arrival = Arrival(row.uuid, row.sha256, row.body, row.channel, row.device_id)
    return Undecided(row.seq, row.status, arrival)


def store_again(session: Session, held: Undecided, judged: Judged | str, decision: Decision) -> str | None:
    """Store an envelope that was judged again; the reason why it stays aside when it does."""
    if isinstance(judged, str):
        _mark(session, held.seq, reason=judged)
        return judged
    connection = session.connection()
    row = {**write_interview(judged), "uuid": held.arrival.uuid, "seq": held.seq}
    if STORE_INTERVIEW[connection.dialect.name].fetch(connection, [row]) == [None]:
        _mark(session, held.seq, status=CONFLICT, reason=OTHER_CONTENT)
        return OTHER_CONTENT
    _mark(session, held.seq, status=STORED, reason=None, **_sign(JUDGED, decision))
    return None


def leave_aside(session: Session, held: Undecided, decision: Decision) -> None:
    """Leave an envelope aside for good; it is kept."""
    _mark(session, held.seq, **_sign(LEFT, decision))


def keep_first(session: Session, held: Undecided, decision: Decision) -> None:
    """Let the interview that came first go on; this content is kept."""
    _mark(session, held.seq, **_sign(FIRST_KEPT, decision))


def take_instead(session: Session, held: Undecided, judged: Judged, decision: Decision) -> None:
    """Let this content be the interview of its uuid; the one before is kept, as decided."""
    # Before the row: whoever folds takes the counts first, then the rows.
    lock_counts(session.connection())
    wanted = select(Interview).where(Interview.uuid == held.arrival.uuid).with_for_update()
    row = session.scalars(wanted.execution_options(populate_existing=True)).one()
    if row.counted and row.folded:
        take_out(session.connection(), fetch_version(session, row.version_id), row.codes)
    replaced = row.envelope_seq
    # Its own count, as a new one is.
    values = {**write_interview(judged), "envelope_seq": held.seq, "folded": False, "excluded_reason": None}
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    _mark(session, replaced, status=CONFLICT, reason=OTHER_CONTENT, **_sign(REPLACED, decision))
    _mark(session, held.seq, status=STORED, reason=None, **_sign(TAKEN, decision))


def list_waiting(session: Session) -> list[int]:
    """Numbers of the envelopes that a key or a questionnaire may have come for since, the oldest first."""
    missing = Envelope.reason.in_((KEY_MISSING, UNKNOWN_VERSION))
    wanted = select(Envelope.seq).where(is_undecided(), Envelope.status == QUARANTINED, missing)
    return list(session.scalars(wanted.order_by(Envelope.seq)))


def fetch_decided(session: Session, limit: int = 200) -> list[Decided]:
    """Envelopes that were decided, the last decision first, without their content."""
    rows: Sequence[Any] = session.execute(
        select(
            Envelope.seq,
            Envelope.channel,
            Device.label,
            Envelope.received_at,
            Envelope.decision,
            Envelope.decision_reason,
            Envelope.decided_by,
            Envelope.decided_at,
        )
        .outerjoin(Device, Device.id == Envelope.device_id)
        .where(Envelope.decided_at.is_not(None))
        .order_by(Envelope.decided_at.desc(), Envelope.seq.desc())
        .limit(limit)
    ).all()
    return [Decided(*row) for row in rows]


def _mark(session: Session, seq: int, **values: Any) -> None:
    session.execute(update(Envelope).where(Envelope.seq == seq).values(values))


def _sign(decision: str, signed: Decision) -> dict[str, Any]:
    return {
        "decision": decision,
        "decision_reason": signed.why,
        "decided_by": signed.by,
        "decided_at": utc_now(),
    }
