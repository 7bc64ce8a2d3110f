"""Where findings come from: the last release, worked out once per process; the live counts for analysts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from barometre.context import database, town
from barometre.estimates.counts import Counts
from barometre.results.findings import Findings, find_results
from barometre.results.recounted import Microdata
from barometre.storage.baseline import fetch_replaced
from barometre.storage.counts import fetch_counts
from barometre.storage.models import Release
from barometre.storage.releases import fetch_last_release_id, fetch_past_counts, fetch_release


@dataclass(frozen=True)
class Published:
    """The last release of the current wave, worked out."""

    id: int
    made_at: datetime
    dispositions: dict[str, int]
    #: what the findings were worked out from: nothing of it is shown as it is
    counts: Counts
    findings: Findings


class FindingsCache:
    """The last few results worked out by this process; safe between threads."""

    def __init__(self, size: int = 4) -> None:
        """Keep at most `size` results."""
        self._size = size
        self._kept: OrderedDict[Hashable, Published] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Published | None:
        """What was kept under `key`."""
        with self._lock:
            return self._kept.get(key)

    def keep(self, key: Hashable, value: Published) -> Published:
        """Keep it, and let the oldest go."""
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return value


def fetch_published() -> Published | None:
    """The last release of the current wave, None before the first one.

    A release never changes: it is worked out once per process.
    """
    cache: FindingsCache = current_app.extensions.setdefault("findings", FindingsCache())
    wave = town().current_wave.id
    with database().read() as session:
        release_id = fetch_last_release_id(session, wave)
        if release_id is None:
            return None
        known = cache.get(release_id)
        if known is not None:
            return known
        release = fetch_release(session, release_id)
    counts = Counts.from_document(release.counts)
    findings = find_results(town(), counts, _read_microdata(release))
    return cache.keep(
        release_id,
        Published(release_id, release.made_at, dict(release.dispositions), counts, findings),
    )


def _read_microdata(release: Release) -> Microdata | None:
    """The first wave's interviews as they were when the release was made: later decisions change nothing."""
    first = town().first_wave
    counts = fetch_past_counts(release, first.id) if first else None
    return Microdata(counts, frozenset(counts.items)) if counts else None


@dataclass(frozen=True)
class Live:
    """The interviews received so far, worked out: for analysts only."""

    counts: Counts
    findings: Findings


def fetch_live() -> Live | None:
    """Everything received at this moment, beside the first wave as it is decided now; None before the first.

    Compared as the next release would be.
    """
    wave, first = town().current_wave, town().first_wave
    with database().read() as session:
        counts = fetch_counts(session, wave.id)
        past = fetch_counts(session, first.id) if first else None
        replaced = fetch_replaced(session, first.id) if first else frozenset()
    if counts is None or not counts.total:
        return None
    microdata = Microdata(past, replaced) if past is not None and replaced else None
    return Live(counts, find_results(town(), counts, microdata))
