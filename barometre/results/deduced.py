"""What the first wave did not print and what its printed figures leave no room to doubt by much.

A deduced figure is a type of its own: it is never a published one, it is shown as an interval, and nothing is
compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from barometre.estimates.deduced import Pair, add_counts, span_percent, subtract_counts
from barometre.estimates.disclosure import ALL
from barometre.questionnaire.town import PublishedFigure, PublishedWave, Town
from barometre.results.feasible import list_feasible

#: points; an interval that is wider tells a reader nothing and is not shown
WIDEST = 20


@dataclass(frozen=True)
class DeducedFigure:
    """A share that was not printed and follows from those that were, the quartiers added up unweighted."""

    item: str
    #: codes it adds up
    codes: frozenset[int]
    #: quartier id or "ALL"
    domain: str
    #: every count that the printed figures leave possible
    counts: tuple[Pair, ...]
    #: printed figures it follows from, the total first
    sources: tuple[PublishedFigure, ...]

    @property
    def per_cent(self) -> tuple[int, int]:
        """Lowest and highest share, rounded outwards."""
        return span_percent(self.counts)


def deduce_figures(town: Town) -> dict[tuple[str, str], DeducedFigure]:
    """By item and domain, every figure that can be deduced closely enough to be of use."""
    published = town.first_wave.published if town.first_wave else None
    if published is None:
        return {}
    domains = (ALL, *(quartier.id for quartier in town.quartiers))
    answers = dict.fromkeys((f.items[0], f.codes) for f in published.figures if len(f.items) == 1)
    found: dict[tuple[str, str], DeducedFigure] = {}
    for item, codes in answers:
        deduced = _deduce(published, domains, item, codes)
        if deduced is None:
            continue
        low, high = deduced.per_cent
        if high - low <= WIDEST:
            found.setdefault((item, deduced.domain), deduced)
    return found


def _deduce(
    published: PublishedWave, domains: tuple[str, ...], item: str, codes: frozenset[int]
) -> DeducedFigure | None:
    """The one figure that is missing among the total and the quartiers, if exactly one is."""
    known = {domain: figure for domain in domains if (figure := _find_sure(published, item, codes, domain))}
    missing = [domain for domain in domains if domain not in known]
    if len(missing) != 1 or published.find(item, missing[0]):
        return None
    window = _find_window(published, missing[0])
    if window is None:
        return None
    parts = [list_feasible(known[domain]) for domain in domains[1:] if domain in known]
    if missing == [ALL]:
        counts = add_counts(parts, *window)
    else:
        counts = subtract_counts(list_feasible(known[ALL]), parts, *window)
    return DeducedFigure(item, codes, missing[0], counts, tuple(known.values())) if counts else None


def _find_sure(
    published: PublishedWave, item: str, codes: frozenset[int], domain: str
) -> PublishedFigure | None:
    """The printed share of these very answers, when nothing forbids to count with it."""
    return next(
        (
            figure
            for figure in published.find(item, domain)
            if figure.items == (item,) and figure.codes == codes and figure.comparability != "no"
        ),
        None,
    )


def _find_window(published: PublishedWave, domain: str) -> tuple[int, int] | None:
    """Smallest and largest base of a domain: as those of the figures that were printed for it."""
    bases = [figure.base_min for figure in published.figures if figure.domain == domain]
    return (min(bases), published.interviews[domain]) if bases else None
