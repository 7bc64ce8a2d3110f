"""Where the figures of a past wave come from, item by item: printed, or its interviews once they turn up.

Importing interviews decides nothing. Each decision is one more row; the last one of an item holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from barometre.storage.counts import fetch_counts, lock_counts
from barometre.storage.models import BaselineDecision

PUBLISHED, MICRODATA = "published", "microdata"
SOURCES = (PUBLISHED, MICRODATA)


#: characters
LONGEST_REASON = 200


class ReasonMissing(Exception):
    """No word says why."""


class ReasonTooLong(Exception):
    """It has more than `LONGEST_REASON` characters."""


class SameSource(Exception):
    """The item has that source already."""


class NoMicrodata(Exception):
    """No counted interview of the wave was asked that item."""


@dataclass(frozen=True)
class LoggedDecision:
    """One line of the log."""

    item: str
    previous: str
    source: str
    reason: str
    by: str
    at: datetime


def fetch_replaced(session: Session, wave: str) -> frozenset[str]:
    """Items of a wave whose figures are those of its interviews."""
    rows = session.execute(
        select(BaselineDecision.item, BaselineDecision.source)
        .where(BaselineDecision.wave == wave)
        .order_by(BaselineDecision.id)
    )
    last = {row.item: row.source for row in rows}
    return frozenset(item for item, source in last.items() if source == MICRODATA)


def decide_source(session: Session, wave: str, item: str, source: str, reason: str, by: str) -> None:
    """Take the figures of one item from `source` from now on, and note who decided it and why.

    Raises `ReasonMissing` or `ReasonTooLong`, `SameSource` when it has that source, and `NoMicrodata` when
    there is nothing to replace it with.
    """
    reason = reason.replace("\0", "").strip()
    if not reason:
        raise ReasonMissing
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong
    # Two people at once would each note the source before both.
    lock_counts(session.connection())
    previous = MICRODATA if item in fetch_replaced(session, wave) else PUBLISHED
    if source == previous:
        raise SameSource(item)
    if source == MICRODATA:
        counts = fetch_counts(session, wave)
        if counts is None or item not in counts.position or not counts.expressed(item).sum():
            raise NoMicrodata(item)
    session.add(
        BaselineDecision(wave=wave, item=item, source=source, previous=previous, reason=reason, decided_by=by)
    )
    session.flush()


def fetch_log(session: Session, wave: str) -> list[LoggedDecision]:
    """Every decision on a wave, the last one first."""
    rows = session.scalars(
        select(BaselineDecision).where(BaselineDecision.wave == wave).order_by(BaselineDecision.id.desc())
    )
    return [
        LoggedDecision(row.item, row.previous, row.source, row.reason, row.decided_by, row.decided_at)
        for row in rows
    ]


def freeze_baseline(session: Session) -> dict[str, dict[str, Any]] | None:
    """What a release keeps: by past wave, the counts of its replaced items; None when none is."""
    frozen: dict[str, dict[str, Any]] = {}
    for wave in session.scalars(select(BaselineDecision.wave).distinct().order_by(BaselineDecision.wave)):
        items = fetch_replaced(session, wave)
        counts = fetch_counts(session, wave)
        if items and counts is not None:
            kept = counts.only([item for item in counts.items if item in items])
            frozen[wave] = kept.to_document()
    return frozen or None
