"""From rows to `Counts`: kept by weighting cell, completed by the newest interviews.

An interview is its own count until it is folded into the row of its cell, a few hundred together. Whoever
reads adds those that are not folded yet to the cells, in one statement: always equal to a recount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    delete,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from barometre.estimates.counts import Counts, merge, width
from barometre.storage.models import NOT_FOLDED, CellCount, Interview, QuestionnaireVersion
from barometre.storage.versions import INSERT, Version, fetch_versions

#: PostgreSQL's number of the lock under which the rows of cells change
COUNTS_LOCK = 0x636F756E7473
#: counted interviews that no cell's row holds yet, in the words of the index that finds them
NEW: ColumnElement[bool] = type_coerce(NOT_FOLDED, Boolean)


def fetch_counts(session: Session, wave: str) -> Counts | None:
    """Live counts of a wave; None before its first version is registered."""
    parts = [_read_version(session, version) for version in fetch_versions(session, wave)]
    return merge(parts) if parts else None


def recount(session: Session, wave: str) -> Counts | None:
    """The same numbers from the interviews alone: the proof of `fetch_counts`."""
    parts = [_tally(version, _read_codes(session, version)) for version in fetch_versions(session, wave)]
    return merge(parts) if parts else None


def check_counts(session: Session, wave: str) -> bool:
    """Whether the counts of a wave are a recount; the session must not have read anything yet."""
    if session.get_bind().dialect.name == "postgresql":
        # Both reads see the same interviews, whatever arrives between them; SQLite's readers always do.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    kept, again = fetch_counts(session, wave), recount(session, wave)
    return kept is None or again is None or kept.same_as(again)


def lock_counts(connection: Connection) -> None:
    """Let nobody else change the rows of cells until the commit; SQLite's writers wait by themselves."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(COUNTS_LOCK)))


def fold_counts(connection: Connection, version: Version) -> None:
    """Add the newest interviews of a version to the rows of their cells."""
    lock_counts(connection)
    codes = connection.scalars(
        update(Interview)
        .where(Interview.version_id == version.id, NEW)
        .values(folded=True)
        .returning(Interview.codes)
    ).all()
    if codes:
        _change_cells(connection, version, _tally(version, b"".join(codes)))


def take_out(connection: Connection, version: Version, codes: bytes) -> None:
    """Take a folded interview out of its cell again, under the lock of the counts."""
    found = _tally(version, codes)
    _change_cells(connection, version, replace(found, interviews=-found.interviews, n=-found.n))


def rebuild_counts(session: Session, wave: str) -> None:
    """Replace the rows of a wave's cells by a recount, in one transaction."""
    # An interview that arrives meanwhile stays its own count: neither lost nor counted twice.
    connection = session.connection()
    lock_counts(connection)
    for version in fetch_versions(session, wave):
        session.execute(delete(CellCount).where(CellCount.version_id == version.id))
        session.execute(update(Interview).where(Interview.version_id == version.id, NEW).values(folded=True))
        # Only these: whoever arrived since then is still its own count.
        _change_cells(connection, version, _tally(version, _read_codes(session, version, folded=True)))


def count_interviews(session: Session, wave: str) -> int:
    """Counted interviews of a wave."""
    of_wave = select(QuestionnaireVersion.id).where(QuestionnaireVersion.wave == wave)
    folded = select(func.coalesce(func.sum(CellCount.interviews), 0)).where(CellCount.version_id.in_(of_wave))
    new = select(func.count()).where(Interview.version_id.in_(of_wave), NEW)
    # One statement: nothing can be folded between the two.
    return int(session.scalars(select(folded.scalar_subquery() + new.scalar_subquery())).one())


def _read_version(session: Session, version: Version) -> Counts:
    """The cells' rows and the newest interviews, in one statement: nothing can be folded between the two."""
    cells = select(CellCount.cell, CellCount.interviews, CellCount.counts).where(
        CellCount.version_id == version.id, CellCount.interviews > 0
    )
    new = select(null(), literal(0), Interview.codes).where(Interview.version_id == version.id, NEW)
    rows: Sequence[Any] = session.execute(union_all(cells, new)).all()
    kept = _join_cells(version, [row for row in rows if row.cell is not None])
    codes = [row.counts for row in rows if row.cell is None]
    return merge([kept, _tally(version, b"".join(codes))]) if codes else kept


def _change_cells(connection: Connection, version: Version, change: Counts) -> None:
    """Add counts, or take some out, in the rows of their cells."""
    cells = [bytes(cell) for cell in change.cells.tolist()]
    rows = connection.execute(
        select(CellCount.cell, CellCount.interviews, CellCount.counts).where(
            CellCount.version_id == version.id, CellCount.cell.in_(cells)
        )
    )
    changed = merge([_join_cells(version, rows.all()), change])
    insert = INSERT[connection.dialect.name](CellCount)
    written = {name: insert.excluded[name] for name in ("interviews", "counts")}
    values = [
        {
            "version_id": version.id,
            "cell": bytes(cell),
            "interviews": interviews,
            "counts": n.astype("<i4").tobytes(),
        }
        for cell, interviews, n in zip(
            changed.cells.tolist(), changed.interviews.tolist(), changed.n, strict=True
        )
    ]
    if values:
        connection.execute(
            insert.on_conflict_do_update(index_elements=["version_id", "cell"], set_=written), values
        )


def _join_cells(version: Version, rows: Sequence[Any]) -> Counts:
    """Counts from the rows of cells: cell, interviews, counts."""
    if not rows:
        return Counts.empty(version.cell_items, version.closed_items, version.highest_code)
    shape = (len(rows), len(version.closed_items), width(version.highest_code))
    return Counts(
        version.cell_items,
        version.closed_items,
        version.highest_code,
        np.array([list(row.cell) for row in rows], dtype=np.int64),
        np.array([row.interviews for row in rows], dtype=np.int64),
        np.frombuffer(b"".join(row.counts for row in rows), dtype="<i4").reshape(shape).astype(np.int64),
    )


def _read_codes(session: Session, version: Version, *, folded: bool = False) -> bytes:
    """The code bytes of every counted interview, or of those that are folded, one after the other."""
    wanted = select(Interview.codes).where(Interview.version_id == version.id, Interview.counted.is_(True))
    wanted = wanted.where(Interview.folded.is_(True)) if folded else wanted
    if session.get_bind().dialect.name == "postgresql":
        # One value instead of a row for each: the driver would take longer than the count.
        every = wanted.subquery()
        return session.scalar(select(func.string_agg(every.c.codes, literal(b"")))) or b""
    rows = session.execute(wanted)
    return b"".join(chunk for part in rows.yield_per(50_000).partitions() for (chunk,) in part)


def _tally(version: Version, codes: bytes) -> Counts:
    """Count the code bytes of interviews."""
    table = np.frombuffer(codes, dtype=np.uint8).reshape(-1, len(version.closed_items))
    return Counts.tally(version.cell_items, version.closed_items, version.highest_code, table)
