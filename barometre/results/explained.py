"""How the figures are worked out, for whoever is no statistician: examples taken from the current release.

Every example is chosen by a rule and computed. Where nothing that may be shown fits, it is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP
from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, NOT_ASKED, Answers, Shown, protect, round_people
from barometre.estimates.planning import (
    INTERVIEWER_EFFECT,
    LARGEST_SIZE,
    minimum_detectable,
    round_points_up,
    second_wave_size,
)
from barometre.estimates.weights import UNEQUAL_EFFECT, UNEQUAL_RATIO, is_unequal, spread
from barometre.i18n import format_number
from barometre.questionnaire.town import Design, Indicator, Town
from barometre.results.behind import find_deduced, find_printed, find_vague, order_indicators
from barometre.results.feasible import list_feasible, span_bases
from barometre.results.findings import Finding, Findings, thresholds
from barometre.results.labels import domain_label
from barometre.results.plan import measure_weighting
from barometre.results.sources import Published
from barometre.results.tables import DomainRow, write_band, write_blocks
from barometre.results.verdicts import PastFigure
from barometre.results.weighting import compute_weights

#: the change that a small wave is asked about, from half of the residents: shares 0-1
LEVEL_ASKED, CHANGE_ASKED = 0.5, 0.15
#: favourable answers and answers of three invented quartiers, and of one with a small side
INVENTED = {"A": (28, 40), "B": (6, 7), "C": (20, 33)}
INVENTED_SMALL = (2, 35)


@dataclass(frozen=True)
class Figure:
    """One figure of this wave, as its own page shows it."""

    item: str
    label: str
    domain: str
    row: DomainRow
    #: the printed figure it is compared with, if any
    past: tuple[PastFigure, ...]
    #: smallest and largest number of answers that figure may rest on
    bases: tuple[int, int] | None
    #: effective base, whole; None where it would tell of a hidden quartier
    effective: int | None


@dataclass(frozen=True)
class Reach:
    """What two waves can show in one domain, as rises from half of the residents, in points."""

    domain_label: str
    #: interviews of the first wave, and about how many now
    first: int
    now: int
    smallest: int | None
    #: if everybody answered now
    at_best: int | None


def explain(town: Town, published: Published | None) -> dict[str, object]:
    """What the page for lay readers says with figures."""
    design = town.current_wave.design
    assert design is not None
    findings = published.findings if published else None
    first = town.first_wave.published if town.first_wave else None
    recounted = findings.recounted if findings else frozenset()
    announced, exploratory = count_families(design, findings) if findings else (0, 0)
    return {
        "example": find_example(town, findings) if findings else None,
        "changes": list(_find_changes(town, findings)) if findings else [],
        "announced": announced,
        "exploratory": exploratory,
        "unequal": list_unequal(town, published.counts) if published else [],
        "unequal_ratio": UNEQUAL_RATIO,
        "unequal_effect": UNEQUAL_EFFECT,
        "recounted": len(recounted),
        "sums": bool(first and any(figure.may_be_sum for figure in first.figures)),
        "printed": find_printed(town, recounted),
        "vague": find_vague(town, recounted),
        "deduced": find_deduced(town, recounted),
        "protected": _protect_invented(design),
        "small_side": _show_small_side(design),
        "reach": _list_reach(town, findings),
        "never": _ask_smallest(town),
        "interviewers": INTERVIEWER_EFFECT,
        "level_asked": round(100 * LEVEL_ASKED),
        "change_asked": round(100 * CHANGE_ASKED),
        "design": design,
    }


def may_detail(town: Town, findings: Findings, item: str, domain: str) -> bool:
    """Whether more than the rounded share may be told: effective base, decimals, both weightings.

    For the quartiers together these are further sums over the same people: two of them, less what is shown,
    would tell the quartiers that are hidden. So none of them may be.
    """
    if not findings.by_domain[(item, domain)].shown.exact:
        return False
    parts = [findings.by_domain[(item, quartier.id)].shown for quartier in town.quartiers]
    return domain != ALL or all(part.exact or part.state == NOT_ASKED for part in parts)


def find_example(town: Town, findings: Findings) -> Figure | None:
    """The figure that the page follows: the first headline one that may be told in detail."""
    shown = [
        (indicator, domain)
        for indicator, domain in list_keys(town, findings)
        if findings.by_domain[(indicator.item, domain)].shown.exact
    ]
    detailed = (key for key in shown if may_detail(town, findings, key[0].item, key[1]))
    chosen = next(detailed, shown[0] if shown else None)
    return write_figure(town, findings, *chosen) if chosen else None


def list_keys(town: Town, findings: Findings) -> list[tuple[Indicator, str]]:
    """Every figure of this wave, headlines first; each indicator for all quartiers, then for each."""
    return [
        (indicator, domain)
        for indicator in order_indicators(town)
        for domain in (ALL, *(quartier.id for quartier in town.quartiers))
        if (indicator.item, domain) in findings.by_domain
    ]


def write_figure(town: Town, findings: Findings, indicator: Indicator, domain: str) -> Figure:
    """One figure, in the words of its own page."""
    (block,) = write_blocks(town, findings, [indicator], (domain,))
    finding = findings.by_domain[(indicator.item, domain)]
    estimate, against = finding.estimate, finding.against
    told = estimate is not None and may_detail(town, findings, indicator.item, domain)
    effective = round(estimate.effective_base) if estimate and told else None
    past = tuple(figure for figure in block.rows[0].past if against and figure.id == against.id)
    bases = span_bases(list_feasible(against)) if against else None
    return Figure(indicator.item, block.label, domain, block.rows[0], past, bases, effective)


def count_families(design: Design, findings: Findings) -> tuple[int, int]:
    """Comparisons that were announced before fieldwork, and the others."""
    tested = [key for key, found in findings.by_domain.items() if found.verdict and found.verdict.p_adjusted]
    announced = sum(domain == ALL and item in design.key_family for item, domain in tested)
    return announced, len(tested) - announced


def list_unequal(town: Town, counts: Counts) -> list[str]:
    """Names of the quartiers whose weights deserve a warning."""
    weights = compute_weights(town, counts)
    names = []
    for quartier in town.quartiers:
        inside = weights.quartier == quartier.id
        n = counts.interviews[inside]
        if n.sum() and is_unequal(spread(weights.raked[inside], n)):
            names.append(quartier.name)
    return names


def _find_changes(town: Town, findings: Findings) -> Iterator[tuple[str, Figure]]:
    """One example of each verdict, and of each reason why no change is shown."""
    wanted: dict[str, Callable[[Finding], bool]] = {
        UP: lambda found: _word(found) == UP,
        DOWN: lambda found: _word(found) == DOWN,
        NO_CHANGE_SHOWN: lambda found: _word(found) == NO_CHANGE_SHOWN and not _reasons(found),
        NOT_COMPARABLE: lambda found: _word(found) == NOT_COMPARABLE and found.shown.exact,
        "rounding": lambda found: "rounding" in _reasons(found),
        "weighting": lambda found: "weighting" in _reasons(found),
        "multiplicity": lambda found: "multiplicity" in _reasons(found),
    }
    # Easiest to read where the same answers were printed as a number, or are counted again.
    keys = sorted(
        list_keys(town, findings),
        key=lambda key: not _same_answers(key[0], findings.by_domain[(key[0].item, key[1])]),
    )
    for name, fits in wanted.items():
        found = (key for key in keys if fits(findings.by_domain[(key[0].item, key[1])]))
        for indicator, domain in islice(found, 1):
            yield name, write_figure(town, findings, indicator, domain)


def _same_answers(indicator: Indicator, found: Finding) -> bool:
    against, again = found.against, found.recounted
    if again is not None and not again.hidden:
        return True
    return against is not None and against.codes == indicator.codes and against.drawn is not None


def _word(found: Finding) -> str:
    return found.verdict.word if found.verdict else ""


def _reasons(found: Finding) -> tuple[str, ...]:
    return found.verdict.reasons if found.verdict and found.verdict.word == NO_CHANGE_SHOWN else ()


def _protect_invented(design: Design) -> list[tuple[str, int, int, Shown]]:
    """Name, favourable answers, answers and what is shown of three invented quartiers and of their total."""
    answers = [Answers(name, {1: x, 2: base - x}) for name, (x, base) in INVENTED.items()]
    shown = protect(answers, (1, 2), frozenset({1}), thresholds(design))
    total = sum(x for x, _ in INVENTED.values()), sum(base for _, base in INVENTED.values())
    return [(name, x, base, shown[name]) for name, (x, base) in (INVENTED | {ALL: total}).items()]


def _show_small_side(design: Design) -> tuple[int, int, str]:
    """Favourable answers, answers and the words for an invented quartier where few people answered so."""
    few, base = INVENTED_SMALL
    shown = protect([Answers("A", {1: few, 2: base - few})], (1, 2), frozenset({1}), thresholds(design))["A"]
    return few, base, write_band(shown.band) if shown.band else ""


def _list_reach(town: Town, findings: Findings | None) -> list[Reach]:
    reached = []
    for domain, first in _first_interviews(town).items():
        now = count_now(town, findings, domain)
        if first and now:
            worth = now / weigh_now(town, findings, domain)
            rises = (
                minimum_detectable(LEVEL_ASKED, first, size, INTERVIEWER_EFFECT)[0]
                for size in (worth, LARGEST_SIZE)
            )
            smallest, at_best = (round_points_up(rise) if rise else None for rise in rises)
            reached.append(Reach(domain_label(town, domain), first, now, smallest, at_best))
    return reached


def _ask_smallest(town: Town) -> tuple[str, int, str] | None:
    """The quartier with the fewest interviews in the first wave: name, interviews, how many are needed now.

    "" when no number of them shows the change.
    """
    first = {domain: n for domain, n in _first_interviews(town).items() if n and domain != ALL}
    if not first:
        return None
    domain = min(first, key=lambda domain: first[domain])
    needed = second_wave_size(LEVEL_ASKED, LEVEL_ASKED + CHANGE_ASKED, first[domain], deff=INTERVIEWER_EFFECT)
    return domain_label(town, domain), first[domain], format_number(needed) if needed else ""


def count_now(town: Town, findings: Findings | None, domain: str) -> int:
    """Interviews of this wave to the nearest ten; before the first release, those hoped for."""
    design = town.current_wave.design
    assert design is not None
    if findings:
        return round_people(findings.interviews[domain])
    return sum(design.target.values()) if domain == ALL else design.target.get(domain, 0)


def weigh_now(town: Town, findings: Findings | None, domain: str) -> float:
    """What these interviews lose because quartiers are not in proportion to their residents: 1 within one."""
    design = town.current_wave.design
    assert design is not None
    if domain != ALL:
        return 1.0
    return measure_weighting(design, {q.id: count_now(town, findings, q.id) for q in town.quartiers})


def _first_interviews(town: Town) -> Mapping[str, int]:
    """Interviews of the first wave, quartier by quartier, then all of them; only those it printed."""
    known = town.first_wave.published.interviews if town.first_wave and town.first_wave.published else {}
    domains = [*(quartier.id for quartier in town.quartiers), ALL]
    return {domain: known[domain] for domain in domains if domain in known}
