"""Releases: the frozen counts that the public pages are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from barometre.estimates.counts import Counts, merge
from barometre.storage.baseline import freeze_baseline
from barometre.storage.counts import fetch_counts, lock_counts
from barometre.storage.interviews import fetch_interview_totals
from barometre.storage.models import Release

#: why two releases are too close
FEW_INTERVIEWS, OPENS_HIDDEN, PAST_CHANGED = "few_interviews", "opens_hidden", "past_changed"

#: whether the pages made of two counts of a wave tell together what one of them hides: wave, before, now
Comparison = Callable[[str, Counts, Counts], bool]


def make_release(
    session: Session, wave: str, made_by: str, undo_each_other: Comparison, smallest_change: int = 11
) -> Release:
    """Freeze the counts of a wave for the public pages, and which figures of past waves they stand beside.

    Raises `NothingToRelease` for a wave without interviews, and `ReleaseTooClose` when some quartier changed
    since an earlier release by fewer than `smallest_change` interviews, those that came in or those that went
    out, whichever are more; or when the pages of both `undo_each_other`. The same goes for a past wave, on
    the items whose interviews both show. Whoever kept a copy of the pages would read answers by subtraction.
    """
    # Two releases made at once would each be compared with the one before both.
    lock_counts(session.connection())
    counts = fetch_counts(session, wave)
    if counts is None or not counts.total:
        raise NothingToRelease(wave)
    baseline = freeze_baseline(session)
    for earlier in fetch_releases(session, wave):
        before = Counts.from_document(earlier.counts)
        for past, then, again in _list_past(earlier, baseline or {}):
            if _is_close(then, again, smallest_change) or undo_each_other(past, then, again):
                raise ReleaseTooClose(wave, PAST_CHANGED)
        if _is_close(before, counts, smallest_change):
            raise ReleaseTooClose(wave, FEW_INTERVIEWS)
        if undo_each_other(wave, before, counts):
            raise ReleaseTooClose(wave, OPENS_HIDDEN)
    release = Release(
        wave=wave,
        made_by=made_by,
        counts=counts.to_document(),
        dispositions=fetch_interview_totals(session, wave),
        baseline=baseline,
    )
    session.add(release)
    session.flush()
    return release


class NothingToRelease(Exception):
    """The wave has no counted interview yet."""


class ReleaseTooClose(Exception):
    """This release and an earlier one, compared, would tell what somebody answered; `why` names the cause."""

    def __init__(self, wave: str, why: str) -> None:
        """`why` is `FEW_INTERVIEWS`, `OPENS_HIDDEN` or `PAST_CHANGED`."""
        super().__init__(wave, why)
        self.why = why


def _is_close(before: Counts, now: Counts, smallest_change: int) -> bool:
    return any(0 < max(moved) < smallest_change for moved in count_changes(before, now).values())


def count_changes(before: Counts, now: Counts, by: str | None = None) -> dict[int, tuple[int, int]]:
    """Code of each quartier, or of `by` (an item of the cell) → the fewest interviews that came in, went out.

    One of each does not cancel out. Among eleven that came in, one that went out is lost in the crowd, and
    must not hold every later release back.
    """
    change = merge([now, replace(before, interviews=-before.interviews, n=-before.n)])
    # What comes into a cell raises the answers to each item by one, what goes out lowers them.
    came, went = (np.maximum(sign * change.n, 0).sum(axis=2).max(axis=1, initial=0) for sign in (1, -1))
    codes = change.axis(by or change.cell_items[0])
    return {
        int(code): (int(came[codes == code].sum()), int(went[codes == code].sum()))
        for code in np.unique(codes)
    }


def _list_past(before: Release, baseline: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Counts, Counts]]:
    """Each past wave with its counts before and now, on the items whose interviews both releases show."""
    for past, document in baseline.items():
        shown, now = fetch_past_counts(before, past), Counts.from_document(document)
        both = [item for item in now.items if shown is not None and item in shown.position]
        if shown is not None and both:
            yield past, shown.only(both), now.only(both)


def fetch_past_counts(release: Release, past: str) -> Counts | None:
    """Counts of the past wave whose interviews a release shows, those items only; None when it shows none."""
    frozen: dict[str, Any] | None = (release.baseline or {}).get(past)
    return Counts.from_document(frozen) if frozen else None


def fetch_earlier(session: Session, release: Release) -> tuple[Counts, ...]:
    """What every earlier release of its wave was made of, newest first."""
    made = fetch_releases(session, release.wave)
    return tuple(Counts.from_document(earlier.counts) for earlier in made if earlier.id < release.id)


def fetch_releases(session: Session, wave: str) -> list[Release]:
    """Every release of a wave, newest first."""
    return list(session.scalars(select(Release).where(Release.wave == wave).order_by(Release.id.desc())))
