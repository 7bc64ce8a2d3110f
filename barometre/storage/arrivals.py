"""Envelopes in, once each: kept as received, and the interviews of those that could be judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    bindparam,
    case,
    literal_column,
    schema,
    select,
    update,
)
from sqlalchemy.orm import Session

from barometre.questionnaire.answers import AnswerSheet
from barometre.storage.counts import fold_counts
from barometre.storage.models import Base, Device, Envelope, Interview, utc_now
from barometre.storage.prepared import Prepared, sent_together
from barometre.storage.versions import INSERT, Version

STORED, ALREADY_RECEIVED, CONFLICT, QUARANTINED = "stored", "already_received", "conflict", "quarantined"
#: why an envelope is a conflict
OTHER_CONTENT = "other_content"
#: why an envelope of a revoked tablet is in quarantine
REVOKED_DEVICE = "revoked_device"
#: in quarantine until the key that it was sealed to is here
KEY_MISSING = "key_missing"
#: in quarantine until the questionnaire that it was made with is known
UNKNOWN_VERSION = "unknown_version"
#: an envelope whose number is a multiple has the newest interviews folded into the counts
FOLD_EVERY = 256


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


def save_arrival(session: Session, arrival: Arrival, judged: Judged | str) -> Kept:
    """Keep one envelope inside the caller's transaction: see `save_arrivals`."""
    (kept,) = save_arrivals(session.connection(), [(arrival, judged)])
    fold_when_due(session.connection(), judged, [kept])
    return kept


def save_arrivals(connection: Connection, arrivals: Sequence[Judgement]) -> list[Kept]:
    """Keep envelopes, and the interviews of those that could be judged, exactly once.

    Uniqueness is the database's: the same uuid and content again is `already_received`, another content
    under the same uuid is kept aside as a `conflict`. They are taken in one order, so that two batches
    cannot wait for each other. `fold_when_due` comes after.
    """
    received_at = utc_now()
    rows = [_write_row(arrival, judged, received_at) for arrival, judged in arrivals]
    order = sorted(range(len(rows)), key=lambda place: (rows[place]["uuid"], rows[place]["sha256"]))
    judged = [place for place in order if isinstance(arrivals[place][1], Judged)]
    held = [place for place in order if isinstance(arrivals[place][1], str)]
    keep_judged = KEEP_BOTH.fetch if connection.dialect.name == "postgresql" else _keep_one_by_one
    keep_held = KEEP_ENVELOPE[connection.dialect.name].fetch
    with sent_together(connection):
        found = dict(zip(judged, keep_judged(connection, [rows[place] for place in judged]), strict=True))
        found |= zip(held, keep_held(connection, [rows[place] for place in held]), strict=True)
    return [
        Kept(found[place][1], found[place][0], received_at, found[place][2])
        if found[place]
        else _fetch_kept(connection, arrival)
        for place, (arrival, _) in enumerate(arrivals)
    ]


def is_fold_due(kept: Kept) -> bool:
    """Whether the newest interviews should now join the counts."""
    return kept.status == STORED and kept.seq % FOLD_EVERY == 0


def fold_when_due(connection: Connection, judged: Judged | str, kept: Iterable[Kept]) -> None:
    """Let the newest interviews of a version join the counts, inside a write transaction."""
    if isinstance(judged, Judged) and any(map(is_fold_due, kept)):
        fold_counts(connection, judged.version)


def _bind(table: type[Base], *names: str) -> dict[str, BindParameter[Any]]:
    return {name: bindparam(name, type_=table.__table__.c[name].type) for name in names}


_ENVELOPE = _bind(Envelope, "uuid", "sha256", "body", "channel", "device_id", "received_at")
_INTERVIEW = _bind(
    Interview,
    *("uuid", "version_id", "codes", "languages", "language_of", "texts"),
    *("disposition", "interviewer", "started_at", "counted"),
)
_STORED: ColumnElement[str] = literal_column(f"'{STORED}'")
_CONFLICT: ColumnElement[str] = literal_column(f"'{CONFLICT}'")
_OTHER_CONTENT: ColumnElement[str] = literal_column(f"'{OTHER_CONTENT}'")
_QUARANTINED: ColumnElement[str] = literal_column(f"'{QUARANTINED}'")
_REVOKED_DEVICE: ColumnElement[str] = literal_column(f"'{REVOKED_DEVICE}'")
#: a tablet is looked up while its envelope enters: no moment is left between the two
_REVOKED = (
    select(Device.id).where(Device.id == _ENVELOPE["device_id"], Device.revoked_at.is_not(None)).exists()
)
_STATUS = case((_REVOKED, _QUARANTINED), else_=bindparam("status", type_=Envelope.__table__.c.status.type))
_REASON = case((_REVOKED, _REVOKED_DEVICE), else_=bindparam("reason", type_=Envelope.__table__.c.reason.type))
_ENTERED = (Envelope.seq, Envelope.status, Envelope.reason)

KEEP_ENVELOPE = {
    dialect: Prepared(
        insert(Envelope)
        .values(_ENVELOPE | {"status": _STATUS, "reason": _REASON})
        .on_conflict_do_nothing(index_elements=["uuid", "sha256"])
        .returning(*_ENTERED)
    )
    for dialect, insert in INSERT.items()
}
STORE_INTERVIEW = {
    dialect: Prepared(
        insert(Interview)
        .values(_INTERVIEW | {"envelope_seq": bindparam("seq")})
        .on_conflict_do_nothing(index_elements=["uuid"])
        .returning(Interview.envelope_seq)
    )
    for dialect, insert in INSERT.items()
}


#: where PostgreSQL takes the numbers of envelopes from
NUMBERS = schema.Sequence("envelope_seq_seq")


def _write_both() -> Prepared:
    """PostgreSQL's one statement for both tables: the interview first, then what became of the envelope."""
    insert = INSERT["postgresql"]
    arrival = select(
        NUMBERS.next_value().label("seq"),
        _STATUS.label("status"),
        _REASON.label("reason"),
    ).cte("arrival")
    known = select(Envelope.seq).where(
        Envelope.uuid == _ENVELOPE["uuid"], Envelope.sha256 == _ENVELOPE["sha256"]
    )
    stored = (
        insert(Interview)
        .from_select(
            ["envelope_seq", *_INTERVIEW],
            select(arrival.c.seq, *_INTERVIEW.values()).where(arrival.c.status == _STORED, ~known.exists()),
        )
        .on_conflict_do_nothing(index_elements=["uuid"])
        .returning(Interview.envelope_seq)
        .cte("stored")
    )
    left_out = (arrival.c.status == _STORED) & ~select(stored.c.envelope_seq).exists()
    return Prepared(
        insert(Envelope)
        .from_select(
            ["seq", *_ENVELOPE, "status", "reason"],
            select(
                arrival.c.seq,
                *_ENVELOPE.values(),
                case((left_out, _CONFLICT), else_=arrival.c.status),
                case((left_out, _OTHER_CONTENT), else_=arrival.c.reason),
            ),
        )
        .on_conflict_do_nothing(index_elements=["uuid", "sha256"])
        .returning(*_ENTERED)
    )


KEEP_BOTH = _write_both()


def _keep_one_by_one(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The same for SQLite, which has no statement that changes two tables."""
    return [_keep(connection, row) for row in rows]


def _keep(connection: Connection, row: Mapping[str, Any]) -> Any:
    dialect = connection.dialect.name
    (found,) = KEEP_ENVELOPE[dialect].fetch(connection, [row])
    if found is None or found[1] != STORED:
        return found
    seq = found[0]
    if STORE_INTERVIEW[dialect].fetch(connection, [{**row, "seq": seq}]) != [None]:
        return found
    aside = {"status": CONFLICT, "reason": OTHER_CONTENT}
    connection.execute(update(Envelope).where(Envelope.seq == seq).values(aside))
    return seq, CONFLICT, OTHER_CONTENT


def _write_row(arrival: Arrival, judged: Judged | str, received_at: datetime) -> dict[str, Any]:
    """An envelope, and its interview when it was judged, as values of the statements."""
    row = {
        "uuid": arrival.uuid,
        "sha256": arrival.sha256,
        "body": arrival.body,
        "channel": arrival.channel,
        "device_id": arrival.device_id,
        "received_at": received_at,
    }
    if isinstance(judged, str):
        return row | {"status": QUARANTINED, "reason": judged}
    return row | {"status": STORED, "reason": None, **write_interview(judged)}


def write_interview(judged: Judged) -> dict[str, Any]:
    """The columns of an interview, but for its uuid and its envelope."""
    sheet = judged.sheet
    return {
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
