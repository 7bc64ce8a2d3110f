"""The numbers of the technical annex: each method applied to one figure of the current release.

Only what the disclosure rules leave of it: a figure that may be told in detail (`explained.may_detail`), and
numbers of people asked to the nearest ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barometre.estimates import intervals
from barometre.estimates.change import Envelope
from barometre.estimates.counts import Counts
from barometre.estimates.differences import fisher_p, miettinen_nurminen_p, newcombe, pooled_chi2_p
from barometre.estimates.disclosure import ALL, ROUNDED_TO, round_people
from barometre.estimates.intervals import Interval
from barometre.estimates.margins import EVERYBODY
from barometre.estimates.planning import (
    INTERVIEWER_EFFECT,
    minimum_detectable,
    power,
    precision_size,
    round_points_up,
)
from barometre.estimates.proportions import Estimate, estimate_share, silent_bounds
from barometre.estimates.variance import Precise, Sample
from barometre.i18n import LEFT_TO_RIGHT, MINUS, direction, format_number
from barometre.questionnaire.town import Indicator, PublishedFigure, Town
from barometre.results.explained import (
    Figure,
    count_families,
    count_now,
    find_example,
    list_keys,
    may_detail,
    weigh_now,
    write_figure,
)
from barometre.results.feasible import list_feasible
from barometre.results.findings import Findings
from barometre.results.sources import Published
from barometre.results.weighting import compute_weights

#: favourable answers and answers of two invented waves, for the test of small counts
INVENTED = ((0, 35), (5, 80))
#: half-width and level, 0-1, of the example of planning
HALF_WIDTH, LEVEL, CHANGE = 0.05, 0.5, 0.15
#: shares nearer than this are the same one, worked out twice
SAME = 1e-9


@dataclass(frozen=True)
class Levels:
    """One figure and its intervals; shares are 0-1."""

    figure: Figure
    estimate: Estimate
    error: float
    #: variance over that of a simple random sample of the same base
    effect: float
    #: name → limits
    others: dict[str, Interval]
    #: with the finite population correction: n/N, effective base, limits
    sampled: float
    corrected_base: float
    corrected: Interval
    #: about how many people without opinion, and the bounds if they were all against or all for
    silent: int
    bounds: Interval | None


@dataclass(frozen=True)
class Change:
    """One comparison with the first wave, worked through."""

    figure: Figure
    published: PublishedFigure
    pairs: int
    #: the count taken as an example
    x: int
    m: int
    #: this wave brought to the composition of the first one
    now: Estimate
    interval: Interval
    p: float
    chi2: float | None
    like: Envelope
    raked: Envelope
    #: adjusted p-values, like for like and raked
    adjusted: tuple[float, float]


@dataclass(frozen=True)
class KeyRow:
    """One line of the table of key indicators."""

    figure: Figure
    #: limits of the change over every count and both weightings, in points
    change: tuple[str, str] | None
    #: largest adjusted p-value over both weightings, None where it is not shown
    p: float | None


@dataclass(frozen=True)
class Plan:
    """What sizes the formulas give."""

    population: float
    precision: int
    first: int
    now: int
    power: float
    #: smallest changes, in whole points, rounded up
    rise: int | None
    fall: int | None
    #: design effects of the interviewers, and of quartiers out of proportion
    interviewers: float
    weighting: float


def work_out(town: Town, published: Published | None) -> dict[str, object]:
    """What the annex says with figures."""
    findings = published.findings if published else None
    design = town.current_wave.design
    assert design is not None
    announced, exploratory = count_families(design, findings) if findings else (0, 0)
    groups = _list_rows(town, findings) if findings else {}
    return {
        "levels": _work_levels(town, published) if published else None,
        "change": _work_change(town, published) if published else None,
        "groups": groups,
        "cautions": _list_cautions(groups),
        "announced": announced,
        "exploratory": exploratory,
        "invented": INVENTED,
        "fisher": fisher_p(*INVENTED[0], *INVENTED[1]),
        "score": miettinen_nurminen_p(0.0, INVENTED[0][1], INVENTED[1][0] / INVENTED[1][1], INVENTED[1][1]),
        "plan": _plan(town, findings),
        "half_width": HALF_WIDTH,
        "level": LEVEL,
        "change_asked": CHANGE,
        "design": design,
        "signed": write_signed,
    }


def _work_levels(town: Town, published: Published) -> Levels | None:
    figure = find_example(town, published.findings)
    if figure is None or figure.effective is None or published.findings.weighting_problem:
        return None
    finding = published.findings.by_domain[(figure.item, figure.domain)]
    estimate, indicator = finding.estimate, town.indicator_of[figure.item]
    assert estimate is not None
    precise, interviews = _linearise(town, published.counts, indicator, figure.domain)
    if precise is None or not precise.standard_error or not 0 < estimate.value < 1:
        return None
    if abs(precise.value - estimate.value) > SAME:
        # The population in the town's files is another one since: this figure was not worked out from it.
        return None
    p, m, error = estimate.value, estimate.base, precise.standard_error
    linearised = p * (1 - p) / error**2
    population = _population(town, figure.domain)
    # The number of people asked is told to the nearest ten: so is all that follows from it.
    sampled = min(round_people(interviews) / population, 1.0) if population else 0.0
    base = estimate.effective_base / (1 - sampled) if sampled < 1 else estimate.effective_base
    # 0 to the nearest ten is said as « 10 au plus ».
    silent = finding.shown.silent or ROUNDED_TO
    return Levels(
        figure=figure,
        estimate=estimate,
        error=error,
        effect=error**2 / (p * (1 - p) / (m - 1)),
        others={
            "wilson_linearised_t": intervals.wilson(p, linearised, intervals.student(precise.df)),
            "korn_graubard": intervals.korn_graubard(p, error, precise.df, interviews),
            "korn_graubard_truncated": intervals.korn_graubard(p, error, precise.df, interviews, m),
            "logit_t": intervals.logit(p, error, precise.df),
            "wald_t": intervals.wald(p, error, precise.df),
            "clopper_pearson": intervals.clopper_pearson(p, estimate.effective_base),
            "jeffreys": intervals.jeffreys(p, estimate.effective_base),
        },
        sampled=sampled,
        corrected_base=base,
        corrected=intervals.wilson(p, base),
        silent=silent,
        bounds=silent_bounds(round(p * m), m, silent),
    )


def _linearise(town: Town, counts: Counts, indicator: Indicator, domain: str) -> tuple[Precise | None, int]:
    """The raked share with its standard error, and the interviews of the domain."""
    weights = compute_weights(town, counts)
    quartier = weights.quartier
    inside = np.ones(len(quartier), dtype=bool) if domain == ALL else quartier == domain
    favourable = counts.given(indicator.item, indicator.codes).astype(float)
    sample = Sample(quartier, counts.interviews, weights.weighting)
    precise = sample.estimate(counts.expressed(indicator.item), favourable, favourable, inside)
    return precise, int(counts.interviews[inside].sum())


def _population(town: Town, domain: str) -> float:
    design = town.current_wave.design
    assert design is not None
    totals = {
        quartier: margins.get("total", {}).get(EVERYBODY, 0.0) for quartier, margins in design.margins.items()
    }
    return sum(totals.values()) if domain == ALL else totals.get(domain, 0.0)


def _work_change(town: Town, published: Published) -> Change | None:
    """The first comparison that may be told in detail."""
    findings, counts = published.findings, published.counts
    weights = compute_weights(town, counts)
    for indicator, domain in list_keys(town, findings):
        found = findings.by_domain[(indicator.item, domain)]
        if found.verdict is None or found.against is None:
            continue
        verdict, figure = found.verdict, found.against
        if verdict.p_adjusted is None or not may_detail(town, findings, indicator.item, domain):
            continue
        inside = np.ones(len(weights.quartier), bool) if domain == ALL else weights.quartier == domain
        now = estimate_share(
            counts.given(indicator.item, figure.codes)[inside],
            counts.expressed(indicator.item)[inside],
            weights.like_for_like[inside] if domain == ALL else None,
        )
        assert now is not None
        assert verdict.envelope is not None
        assert verdict.raked is not None
        if not _follows(verdict.envelope, now.value, list_feasible(figure)):
            continue
        pairs = list_feasible(figure)
        # The one that its share says best, on the largest base.
        x, m = min(pairs, key=lambda pair: (abs(100 * pair[0] / pair[1] - figure.value), -pair[1]))
        return Change(
            figure=write_figure(town, findings, indicator, domain),
            published=figure,
            pairs=len(pairs),
            x=x,
            m=m,
            now=now,
            interval=newcombe(x / m, m, now.value, now.effective_base),
            p=miettinen_nurminen_p(x / m, m, now.value, now.effective_base),
            chi2=pooled_chi2_p(x / m, m, now.value, now.effective_base),
            like=verdict.envelope,
            raked=verdict.raked,
            adjusted=verdict.p_adjusted,
        )
    return None


def _follows(envelope: Envelope, now: float, pairs: Sequence[tuple[int, int]]) -> bool:
    """Whether a frozen change is that of this share: the town's files may tell something else since."""
    shares = [x / m for x, m in pairs]
    least, most = now - max(shares), now - min(shares)
    return abs(least - envelope.difference[0]) < SAME and abs(most - envelope.difference[1]) < SAME


def _list_rows(town: Town, findings: Findings) -> dict[str, list[KeyRow]]:
    """Key indicators by their label, for all quartiers then for each."""
    groups: dict[str, list[KeyRow]] = {}
    for indicator, domain in list_keys(town, findings):
        if not indicator.key:
            continue
        found = findings.by_domain[(indicator.item, domain)]
        told = may_detail(town, findings, indicator.item, domain)
        tested = found.verdict.p_adjusted if found.verdict and told else None
        limits = found.verdict.interval if found.verdict else None
        row = KeyRow(
            write_figure(town, findings, indicator, domain),
            (write_limit(limits[0]), write_limit(limits[1])) if limits else None,
            max(tested) if tested else None,
        )
        groups.setdefault(row.figure.label, []).append(row)
    return groups


def _list_cautions(groups: Mapping[str, Sequence[KeyRow]]) -> list[str]:
    """Every caution of the table, once, in its order."""
    verdicts = (row.figure.row.verdict for group in groups.values() for row in group)
    return list(dict.fromkeys(caution for found in verdicts if found for caution in found.cautions))


def write_signed(value: float, digits: int) -> str:
    """A number with its sign in front of it, also inside right-to-left text."""
    rounded = round(value, digits)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    mark = LEFT_TO_RIGHT if sign and direction() == "rtl" else ""
    return f"{mark}{sign}{format_number(abs(rounded), digits)}"


def write_limit(difference: float) -> str:
    """A limit in points; one decimal below 1, so that a limit beside 0 is not shown as 0."""
    return write_signed(100 * difference, 1 if 0 < abs(difference) < 0.01 else 0)


def _plan(town: Town, findings: Findings | None) -> Plan:
    """Sizes for all quartiers, with as many interviews as now and as the first wave had."""
    design, first = town.current_wave.design, town.first_wave
    assert design is not None
    before = first.published.interviews.get(ALL, 0) if first and first.published else 0
    findings = findings if findings and count_now(town, findings, ALL) else None
    now, weighting = count_now(town, findings, ALL), weigh_now(town, findings, ALL)
    sizes = (before, now / weighting, INTERVIEWER_EFFECT)
    changes = minimum_detectable(LEVEL, *sizes) if before and now else (None, None)
    rise, fall = (round_points_up(change) if change else None for change in changes)
    population = _population(town, ALL)
    return Plan(
        population=population,
        precision=precision_size(LEVEL, HALF_WIDTH, population or None, INTERVIEWER_EFFECT * weighting),
        first=before,
        now=now,
        power=power(LEVEL, LEVEL + CHANGE, *sizes) if before and now else 0.0,
        rise=rise,
        fall=fall,
        interviewers=INTERVIEWER_EFFECT,
        weighting=weighting,
    )
