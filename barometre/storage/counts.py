"""From rows to `Counts`: kept with each interview, recounted on demand, frozen in releases."""

from __future__ import annotations

from collections import Counter

import numpy as np
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from barometre.estimates.counts import Counts, merge, width
from barometre.storage.interviews import Version, fetch_interview_totals, read_version
from barometre.storage.models import CellCount, Interview, QuestionnaireVersion, Release


def fetch_counts(session: Session, wave: str) -> Counts | None:
    """Live counts of a wave, as kept with its interviews; None before its first version is registered."""
    parts = [_read_cells(session, version) for version in _versions(session, wave)]
    return merge(parts) if parts else None


def recount(session: Session, wave: str) -> Counts | None:
    """The same numbers from the interviews themselves: the proof of `fetch_counts`."""
    parts = [_tally_rows(session, version) for version in _versions(session, wave)]
    return merge(parts) if parts else None


def check_counts(session: Session, wave: str) -> bool:
    """Whether the kept counts of a wave are a recount; the session must not have read anything yet."""
    if session.get_bind().dialect.name == "postgresql":
        # Both reads see the same interviews, whatever arrives between them; SQLite's readers always do.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    kept, again = fetch_counts(session, wave), recount(session, wave)
    return kept is None or again is None or kept.same_as(again)


def rebuild_counts(session: Session, wave: str) -> None:
    """Replace the kept counts of a wave by a recount, in one transaction."""
    if session.get_bind().dialect.name == "postgresql":
        # An interview that arrives meanwhile waits before it is counted: neither lost nor counted twice.
        session.execute(text("lock table cell_count in exclusive mode"))
    for version in _versions(session, wave):
        counts = _tally_rows(session, version)
        session.execute(delete(CellCount).where(CellCount.version_id == version.id))
        rows = [
            {
                "version_id": version.id,
                "cell": bytes(cell.tolist()),
                "interviews": int(interviews),
                "counts": n.astype("<i4").tobytes(),
            }
            for cell, interviews, n in zip(counts.cells, counts.interviews, counts.n, strict=True)
        ]
        if rows:
            session.execute(insert(CellCount), rows)


def count_interviews(session: Session, wave: str) -> int:
    """Counted interviews of a wave."""
    found = session.scalar(
        select(func.sum(CellCount.interviews))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == CellCount.version_id)
        .where(QuestionnaireVersion.wave == wave)
    )
    return int(found or 0)


def make_release(session: Session, wave: str, made_by: str, smallest_change: int = 11) -> Release:
    """Freeze the counts of a wave for the public pages.

    Raises `NothingToRelease` for a wave without interviews, and `ReleaseTooClose` when some quartier gained
    or lost between 1 and `smallest_change` - 1 interviews since the last release: whoever kept a copy of the
    pages would read their answers by subtraction.
    """
    counts = fetch_counts(session, wave)
    if counts is None or not counts.total:
        raise NothingToRelease(wave)
    last = fetch_last_release_id(session, wave)
    if last is not None:
        before = _interviews_by_quartier(Counts.from_document(fetch_release(session, last).counts))
        now = _interviews_by_quartier(counts)
        if any(0 < abs(now[code] - before[code]) < smallest_change for code in now | before):
            raise ReleaseTooClose(wave)
    release = Release(
        wave=wave,
        made_by=made_by,
        counts=counts.to_document(),
        dispositions=fetch_interview_totals(session, wave),
    )
    session.add(release)
    session.flush()
    return release


class NothingToRelease(Exception):
    """The wave has no counted interview yet."""


class ReleaseTooClose(Exception):
    """Too few interviews separate this release from the last one."""


def _interviews_by_quartier(counts: Counts) -> Counter[int]:
    found: Counter[int] = Counter()
    for cell, interviews in zip(counts.cells, counts.interviews, strict=True):
        found[int(cell[0])] += int(interviews)
    return found


def fetch_last_release_id(session: Session, wave: str) -> int | None:
    """Id of the newest release of a wave."""
    return session.scalar(select(Release.id).where(Release.wave == wave).order_by(Release.id.desc()).limit(1))


def fetch_release(session: Session, release_id: int) -> Release:
    """One release."""
    return session.get_one(Release, release_id)


def fetch_releases(session: Session, wave: str) -> list[Release]:
    """Every release of a wave, newest first."""
    return list(session.scalars(select(Release).where(Release.wave == wave).order_by(Release.id.desc())))


def _versions(session: Session, wave: str) -> list[Version]:
    rows = session.scalars(
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.wave == wave)
        .order_by(QuestionnaireVersion.id)
    )
    return [read_version(row) for row in rows]


def _read_cells(session: Session, version: Version) -> Counts:
    rows = session.execute(
        select(CellCount.cell, CellCount.interviews, CellCount.counts)
        .where(CellCount.version_id == version.id, CellCount.interviews > 0)
        .order_by(CellCount.cell)
    ).all()
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


def _tally_rows(session: Session, version: Version) -> Counts:
    rows = session.execute(
        select(Interview.codes).where(Interview.version_id == version.id, Interview.counted.is_(True))
    )
    bytes_of = b"".join(chunk for part in rows.yield_per(50_000).partitions() for (chunk,) in part)
    codes = np.frombuffer(bytes_of, dtype=np.uint8).reshape(-1, len(version.closed_items))
    return Counts.tally(version.cell_items, version.closed_items, version.highest_code, codes)
