"""Interviews in, once each: the envelope as received, the answers as bytes, the counts kept beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import BindParameter, Connection, bindparam, case, func, literal_column, select, update
from sqlalchemy.orm import Session

from barometre.estimates.counts import slot_table, width
from barometre.questionnaire.answers import AnswerSheet
from barometre.questionnaire.definition import Questionnaire
from barometre.storage.models import (
    CellCount,
    Device,
    Envelope,
    Interview,
    QuestionnaireVersion,
    utc_now,
)
from barometre.storage.prepared import INSERT, Prepared, pipelined

STORED, ALREADY_RECEIVED, CONFLICT, QUARANTINED = "stored", "already_received", "conflict", "quarantined"
#: why an envelope is a conflict
OTHER_CONTENT = "other_content"
#: why an envelope of a revoked tablet is in quarantine
REVOKED_DEVICE = "revoked_device"


def _bind(*names: str) -> dict[str, BindParameter[Any]]:
    return {name: bindparam(name) for name in names}


_REVOKED = (
    select(Device.id).where(Device.id == bindparam("device_id"), Device.revoked_at.is_not(None)).exists()
)
#: a tablet is looked up while its envelope enters: no moment is left between the two
KEEP_ENVELOPE = Prepared(
    lambda insert: (
        insert(Envelope.__table__)
        .values(
            _bind("uuid", "sha256", "body", "channel", "device_id", "received_at")
            | {
                "status": case((_REVOKED, literal_column(f"'{QUARANTINED}'")), else_=bindparam("status")),
                "reason": case((_REVOKED, literal_column(f"'{REVOKED_DEVICE}'")), else_=bindparam("reason")),
            }
        )
        .on_conflict_do_nothing(index_elements=["uuid", "sha256"])
        .returning(Envelope.seq, Envelope.status, Envelope.reason)
    )
)
STORE_INTERVIEW = Prepared(
    lambda insert: (
        insert(Interview.__table__)
        .values(
            _bind("uuid", "envelope_seq", "version_id", "codes", "languages", "language_of", "texts")
            | _bind("disposition", "interviewer", "started_at", "counted")
        )
        .on_conflict_do_nothing(index_elements=["uuid"])
        .returning(Interview.envelope_seq)
    )
)
LOCK_CELL = Prepared(
    lambda _insert: (
        select(CellCount.interviews, CellCount.counts)
        .where(CellCount.version_id == bindparam("version"), CellCount.cell == bindparam("of"))
        .with_for_update()
    )
)
MAKE_CELL = Prepared(
    lambda insert: (
        insert(CellCount.__table__)
        .values(_bind("version_id", "cell", "interviews", "counts"))
        .on_conflict_do_nothing(index_elements=["version_id", "cell"])
    )
)
CHANGE_CELL = Prepared(
    lambda _insert: (
        update(CellCount)
        .where(CellCount.version_id == bindparam("version"), CellCount.cell == bindparam("of"))
        .values(interviews=bindparam("number"), counts=bindparam("content"))
    )
)


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


#: an envelope, and what the judge made of it or the reason of its quarantine
Judgement = tuple[Arrival, Judged | str]


@dataclass(frozen=True)
class Kept:
    """What became of an arrival."""

    status: str
    seq: int
    received_at: datetime
    reason: str | None = None


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
    return read_version(known)


def read_version(row: QuestionnaireVersion) -> Version:
    """A row as an immutable value."""
    return Version(row.id, row.wave, tuple(row.closed_items), tuple(row.cell_items), row.highest_code)


def save_arrival(session: Session, arrival: Arrival, judged: Judged | str) -> Kept:
    """Keep one envelope: see `save_arrivals`."""
    return save_arrivals(session, [(arrival, judged)])[0]


def save_arrivals(writing: Session | Connection, arrivals: Sequence[Judgement]) -> list[Kept]:
    """Keep envelopes, and the interviews of those that could be judged, exactly once.

    Uniqueness is the database's: the same uuid and content again is `already_received`, another content
    under the same uuid is kept aside as a `conflict`. Call it once in a write transaction: it takes every
    row in one order, those of the counts last, so that two batches cannot wait for each other.
    """
    connection = writing.connection() if isinstance(writing, Session) else writing
    received_at = utc_now()
    kept: dict[int, Kept] = {}
    order = sorted(range(len(arrivals)), key=lambda place: arrivals[place][0].uuid)
    with pipelined(connection):
        rows = [_envelope_row(*arrivals[place], received_at) for place in order]
        entering: list[tuple[int, int, Judged]] = []
        for place, found in zip(order, KEEP_ENVELOPE.fetch(connection, rows), strict=True):
            judged = arrivals[place][1]
            if found is not None:
                seq, status, reason = found
                kept[place] = Kept(status, seq, received_at, reason)
                if status == STORED and isinstance(judged, Judged):
                    entering.append((place, seq, judged))
        rows = [_interview_row(arrivals[place][0].uuid, seq, judged) for place, seq, judged in entering]
        stored = STORE_INTERVIEW.fetch(connection, rows)
        for (place, seq, _), found in zip(entering, stored, strict=True):
            if found is None:
                kept[place] = Kept(CONFLICT, seq, received_at, OTHER_CONTENT)
        _count_all(connection, [judged for place, _, judged in entering if kept[place].status == STORED])
    for conflict in [one for one in kept.values() if one.status == CONFLICT]:
        connection.execute(
            update(Envelope).where(Envelope.seq == conflict.seq).values(status=CONFLICT, reason=OTHER_CONTENT)
        )
    return [
        kept.get(place) or _fetch_kept(connection, arrival)
        for place, (arrival, _judged) in enumerate(arrivals)
    ]


def _envelope_row(arrival: Arrival, judged: Judged | str, received_at: datetime) -> dict[str, Any]:
    held = isinstance(judged, str)
    return {
        "uuid": arrival.uuid,
        "sha256": arrival.sha256,
        "body": arrival.body,
        "channel": arrival.channel,
        "status": QUARANTINED if held else STORED,
        "reason": judged if held else None,
        "device_id": arrival.device_id,
        "received_at": received_at,
    }


def _interview_row(uuid: UUID, seq: int, judged: Judged) -> dict[str, Any]:
    sheet = judged.sheet
    return {
        "uuid": uuid,
        "envelope_seq": seq,
        "version_id": judged.version.id,
        "codes": sheet.codes,
        "languages": " ".join(sheet.languages),
        "language_of": sheet.language_of,
        "texts": sheet.texts,
        "disposition": sheet.disposition,
        "interviewer": judged.interviewer,
        "started_at": judged.started_at,
        "counted": sheet.counted,
    }


def _fetch_kept(connection: Connection, arrival: Arrival) -> Kept:
    known = connection.execute(
        select(Envelope.seq, Envelope.received_at, Envelope.reason).where(
            Envelope.uuid == arrival.uuid, Envelope.sha256 == arrival.sha256
        )
    ).one()
    return Kept(ALREADY_RECEIVED, known.seq, known.received_at, known.reason)


def exclude_interview(session: Session, uuid: UUID, reason: str) -> bool:
    """Take an interview out of the counts, keeping it and why; False when it was not counted."""
    row = session.scalar(select(Interview).where(Interview.uuid == uuid).with_for_update())
    if row is None or not row.counted:
        return False
    row.counted = False
    row.excluded_reason = reason
    version = session.get(QuestionnaireVersion, row.version_id)
    assert version is not None
    _count(session.connection(), read_version(version), [row.codes], -1)
    return True


def _count_all(connection: Connection, entering: Iterable[Judged]) -> None:
    by_version: dict[Version, list[bytes]] = {}
    for judged in entering:
        if judged.sheet.counted:
            by_version.setdefault(judged.version, []).append(judged.sheet.codes)
    for version, codes in sorted(by_version.items(), key=lambda entry: entry[0].id):
        _count(connection, version, codes, +1)


def _count(connection: Connection, version: Version, codes: Iterable[bytes], step: int) -> None:
    """Add interviews to their cells, or take them out; the cells' rows are locked until the commit."""
    by_cell: dict[bytes, list[bytes]] = {}
    for interview in codes:
        cell = bytes(interview[place] for place in version.cell_places)
        by_cell.setdefault(cell, []).append(interview)
    cells = sorted(by_cell)
    every, slot_of = np.arange(len(version.closed_items)), slot_table(version.highest_code)
    changes = []
    for cell, (interviews, kept) in zip(cells, _lock_cells(connection, version, cells), strict=True):
        counts = np.frombuffer(kept, dtype="<i4").reshape(len(every), -1).copy()
        for interview in by_cell[cell]:
            counts[every, slot_of[np.frombuffer(interview, dtype=np.uint8)]] += step
        number = interviews + step * len(by_cell[cell])
        changes.append({"version": version.id, "of": cell, "number": number, "content": counts.tobytes()})
    CHANGE_CELL.run(connection, changes)


def _lock_cells(connection: Connection, version: Version, cells: list[bytes]) -> list[Any]:
    """Interviews and counts of each cell, made where they are missing."""
    wanted = [{"version": version.id, "of": cell} for cell in cells]
    found = LOCK_CELL.fetch(connection, wanted)
    if None in found:
        empty = bytes(4 * len(version.closed_items) * width(version.highest_code))
        MAKE_CELL.run(
            connection,
            [
                {"version_id": version.id, "cell": cell, "interviews": 0, "counts": empty}
                for cell, known in zip(cells, found, strict=True)
                if known is None
            ],
        )
        found = LOCK_CELL.fetch(connection, wanted)
    return found


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
    """How many envelopes are in quarantine or conflict."""
    return session.scalars(select(func.count()).where(_is_aside())).one()


def fetch_aside(session: Session, limit: int = 200) -> list[Aside]:
    """Envelopes in quarantine or conflict, newest first, without their content."""
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
        .where(_is_aside())
        .order_by(Envelope.seq.desc())
        .limit(limit)
    )
    return [Aside(*row) for row in rows]


def _is_aside() -> Any:
    return Envelope.status.in_((QUARANTINED, CONFLICT))
