"""Releases: the frozen counts that the public pages are made of."""

from __future__ import annotations

from collections.abc import Callable
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


def make_release(
    session: Session,
    wave: str,
    made_by: str,
    smallest_change: int = 11,
    undo_each_other: Callable[[Counts, Counts], bool] = lambda _before, _now: False,
) -> Release:
    """Freeze the counts of a wave for the public pages, and which figures of past waves they stand beside.

    Raises `NothingToRelease` for a wave without interviews, and `ReleaseTooClose` when some quartier gained
    or lost between 1 and `smallest_change` - 1 interviews since an earlier release, of this wave or of a past
    one whose interviews are shown: whoever kept a copy of the pages would read their answers by subtraction.
    `undo_each_other` says whether the pages of two releases tell together what one of them hides.
    """
    # Two releases made at once would each be compared with the one before both.
    lock_counts(session.connection())
    counts = fetch_counts(session, wave)
    if counts is None or not counts.total:
        raise NothingToRelease(wave)
    baseline = freeze_baseline(session)
    for earlier in fetch_releases(session, wave):
        before = Counts.from_document(earlier.counts)
        changes = _count_changes(before, counts)
        for past in set(earlier.baseline or {}) & set(baseline or {}):
            changes += _count_past_changes(earlier, past, baseline or {})
        if any(0 < changed < smallest_change for changed in changes) or undo_each_other(before, counts):
            raise ReleaseTooClose(wave)
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
    """Too few interviews separate this release from the last one."""


def _count_changes(before: Counts, now: Counts) -> list[int]:
    """By quartier, the fewest interviews that came in or went out: one of each does not cancel out."""
    change = merge([now, replace(before, interviews=-before.interviews, n=-before.n)])
    # What comes into a cell raises the answers to each item by one, what goes out lowers them.
    came, went = (np.maximum(sign * change.n, 0).sum(axis=2).max(axis=1, initial=0) for sign in (1, -1))
    quartiers = change.cells[:, 0]
    return [
        max(int(came[quartiers == quartier].sum()), int(went[quartiers == quartier].sum()))
        for quartier in np.unique(quartiers)
    ]


def _count_past_changes(before: Release, past: str, baseline: dict[str, dict[str, Any]]) -> list[int]:
    """The same for a past wave, on the items whose interviews both releases show."""
    shown = fetch_past_counts(before, past)
    now = Counts.from_document(baseline[past])
    both = [item for item in now.items if shown is not None and item in shown.position]
    return _count_changes(shown.only(both), now.only(both)) if shown is not None and both else []


def fetch_past_counts(release: Release, past: str) -> Counts | None:
    """Counts of the past wave whose interviews a release shows, those items only; None when it shows none."""
    frozen: dict[str, Any] | None = (release.baseline or {}).get(past)
    return Counts.from_document(frozen) if frozen else None


def fetch_last_release_id(session: Session, wave: str) -> int | None:
    """Id of the newest release of a wave."""
    return session.scalar(select(Release.id).where(Release.wave == wave).order_by(Release.id.desc()).limit(1))


def fetch_release(session: Session, release_id: int) -> Release:
    """One release."""
    return session.get_one(Release, release_id)


def fetch_releases(session: Session, wave: str) -> list[Release]:
    """Every release of a wave, newest first."""
    return list(session.scalars(select(Release).where(Release.wave == wave).order_by(Release.id.desc())))
