"""Where findings come from: the edition that a visitor may see; the live counts for analysts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from flask import current_app, has_request_context, request, session

from barometre.access import current_person
from barometre.context import database, town
from barometre.estimates.counts import Counts
from barometre.questionnaire.town import Town
from barometre.results.document import METHOD, read_figures
from barometre.results.findings import Findings, drop_changed, find_results
from barometre.results.frozen import MARK_KEY, Mark
from barometre.results.groups import Breakdowns, find_breakdowns
from barometre.results.recounted import Microdata
from barometre.storage.baseline import fetch_replaced
from barometre.storage.counts import fetch_counts
from barometre.storage.editions import (
    PREPARED,
    PUBLISHED,
    SHARED,
    complete,
    fetch_edition,
    fetch_public,
    fetch_withdrawn,
    state_of,
)
from barometre.storage.engine import Session
from barometre.storage.models import Release
from barometre.storage.releases import fetch_earlier, fetch_past_counts

#: key of the session: the edition that somebody looks at before the public does
PREVIEW = "preview"
#: where a request keeps the edition that it shows
EDITION_KEY = "barometre.edition"
#: states of the editions that each role may look at beforehand
BEFOREHAND = {
    "analyst": {PREPARED, SHARED},
    "administrator": {PREPARED, SHARED},
    "council": {SHARED},
}


@dataclass(frozen=True)
class Published:
    """An edition of the current wave, worked out."""

    id: int
    made_at: datetime
    dispositions: dict[str, int]
    #: what the findings were worked out from: nothing of it is shown as it is
    counts: Counts
    findings: Findings
    #: `PREPARED`, `SHARED`, `PUBLISHED` or `WITHDRAWN`
    state: str = PUBLISHED
    #: among those of its wave that were published, None before
    number: int | None = None
    published_at: datetime | None = None
    #: SHA-256 of its figures, "" before they are frozen
    digest: str = ""
    #: version of the method
    method: str = METHOD
    #: what was found wrong in it, and when
    erratum: str = ""
    erratum_at: datetime | None = None
    #: shares by age and sex as they were frozen; None before, and for an edition from before they were
    frozen_breakdowns: Breakdowns | None = None

    @property
    def key(self) -> Hashable:
        """What tells it from any other, and from itself before its last step."""
        return self.id, self.state, self.digest, self.erratum_at

    @cached_property
    def breakdowns(self) -> Breakdowns:
        """(item, what makes the groups) → its shares by age or sex: frozen, or worked out when asked for."""
        if self.frozen_breakdowns is not None:
            return self.frozen_breakdowns
        with database().read() as reading:
            earlier = fetch_earlier(reading, reading.get_one(Release, self.id))
        return find_breakdowns(town(), self.findings, self.counts, earlier)

    @property
    def dated(self) -> datetime:
        """When it became public; before, when it was made."""
        return self.published_at or self.made_at

    @property
    def day(self) -> date:
        """The day of `dated` in the server's own time zone, as every page tells it."""
        return self.dated.astimezone().date()

    @property
    def erratum_day(self) -> date | None:
        """The day of its last erratum, told the same way."""
        return self.erratum_at and self.erratum_at.astimezone().date()


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

    def keep(self, value: Published) -> Published:
        """Keep it, and let the oldest go."""
        with self._lock:
            self._kept[value.key] = value
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return value


def fetch_published() -> Published | None:
    """The edition that this request shows: the public one, or the one that somebody looks at beforehand.

    None where there is none yet. A command sees what the public sees.
    """
    if not has_request_context():
        with database().read() as reading:
            return _fetch_public(reading)
    if EDITION_KEY not in request.environ:
        with database().read() as reading:
            request.environ[EDITION_KEY] = _fetch_preview(reading) or _fetch_public(reading)
    found = shown_edition()
    request.environ.get(MARK_KEY, Mark()).may_keep = not is_preview()
    return found


def shown_edition() -> Published | None:
    """The edition whose figures this request shows, None on a page without any."""
    found: Published | None = request.environ.get(EDITION_KEY)
    return found


def withdrawn_edition() -> Release | None:
    """A later edition than the one that this request shows, taken back from the public, if there is one."""
    if EDITION_KEY not in request.environ or is_preview():
        return None
    found = shown_edition()
    with database().read() as reading:
        return fetch_withdrawn(reading, town().current_wave.id, (found and found.number) or 0)


def is_preview() -> bool:
    """Whether this request shows what the public does not see yet."""
    found = shown_edition()
    return found is not None and found.state != PUBLISHED


def _fetch_public(reading: Session) -> Published | None:
    edition = fetch_public(reading, town().current_wave.id)
    return None if edition is None else work_out(reading, town(), edition)


def _fetch_preview(reading: Session) -> Published | None:
    person = current_person() if PREVIEW in session else None
    if person is None:
        return None
    allowed = set().union(*(BEFOREHAND.get(role, set()) for role in person.roles))
    edition = fetch_edition(reading, session[PREVIEW])
    if edition is None or edition.wave != town().current_wave.id or state_of(edition) not in allowed:
        return None
    return work_out(reading, town(), edition)


def work_out(reading: Session, town: Town, edition: Release) -> Published:
    """An edition with its findings: as they were frozen, or worked out from its counts, once per process."""
    cache: FindingsCache = current_app.extensions.setdefault("findings", FindingsCache())
    known = cache.get((edition.id, state_of(edition), edition.figures_sha256 or "", edition.erratum_at))
    if known is not None:
        return known
    counts = Counts.from_document(complete(reading, edition).counts)
    breakdowns: Breakdowns | None = None
    if edition.figures:
        frozen, breakdowns = read_figures(edition.figures)
        findings = drop_changed(town, frozen)
        if breakdowns is not None:
            kept = {item for item, _domain in findings.by_domain}
            breakdowns = {place: found for place, found in breakdowns.items() if place[0] in kept}
    else:
        findings = find_results(town, counts, read_microdata(town, edition))
    return cache.keep(
        Published(
            id=edition.id,
            made_at=edition.made_at,
            dispositions=dict(edition.dispositions),
            counts=counts,
            findings=findings,
            state=state_of(edition),
            number=edition.number,
            published_at=edition.published_at,
            digest=edition.figures_sha256 or "",
            method=edition.method or METHOD,
            erratum=edition.erratum or "",
            erratum_at=edition.erratum_at,
            frozen_breakdowns=breakdowns,
        )
    )


def read_microdata(town: Town, edition: Release) -> Microdata | None:
    """The first wave's interviews as they were when it was made: later decisions change nothing."""
    first = town.first_wave
    counts = fetch_past_counts(edition, first.id) if first else None
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
