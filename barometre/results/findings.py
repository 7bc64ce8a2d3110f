"""From counts to findings: what may be shown of every indicator and domain, how sure it is, the verdict."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from barometre.estimates.change import NOT_COMPARABLE, Comparison, Pair, Verdict, decide, envelop_each
from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import (
    ALL,
    BAND,
    MASKED,
    NOT_ASKED,
    Shown,
    Thresholds,
    protect,
    sides_together,
)
from barometre.estimates.margins import WeightingError
from barometre.estimates.proportions import Estimate, Shares
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Design, Indicator, PublishedFigure, Town
from barometre.results.answers import gather_answers
from barometre.results.deduced import DeducedFigure, deduce_figures
from barometre.results.first_wave import PastShare, find_past_share
from barometre.results.recounted import Microdata, Recounted, recount_item
from barometre.results.weighting import LIKE_FOR_LIKE, RAKED, UNWEIGHTED, WeightedCounts, compute_weights


@dataclass(frozen=True)
class Finding:
    """One indicator in one domain."""

    shown: Shown
    #: headline share, raked to the population; None when nobody answered
    estimate: Estimate | None
    #: block of codes → weighted share, where the distribution may be shown
    shares: Mapping[tuple[int, ...], float]
    #: figure of the first wave that it is compared with
    against: PublishedFigure | None = None
    #: the first wave's share from its own interviews, where these replace its printed figures
    recounted: Recounted | None = None
    #: what the first wave's printed figures leave possible, where it printed none: compared with nothing
    deduced: DeducedFigure | None = None
    #: share of that figure's answers now, raked to the population
    now: float | None = None
    #: None for an item that the first wave did not ask
    verdict: Verdict | None = None
    #: word of the verdict on the perimeter of the first wave alone, where it differs
    contour_word: str | None = None
    #: codes that the headline share adds up; empty in editions that did not note them
    codes: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Findings:
    """Everything the public pages say of one wave."""

    #: counted interviews by domain, "ALL" included
    interviews: Mapping[str, int]
    #: (item, domain) → finding
    by_domain: Mapping[tuple[str, str], Finding]
    #: comparisons that entered the correction for their number
    comparisons: int
    #: why the weights could not be computed, None when they could
    weighting_problem: WeightingError | None
    #: items whose figures of the first wave are worked out again from its interviews
    recounted: frozenset[str] = frozenset()


def find_results(town: Town, counts: Counts, microdata: Microdata | None = None) -> Findings:
    """Findings of the current wave from its counts, beside the first one's printed figures or interviews."""
    wave = town.current_wave
    design = wave.design
    assert design is not None
    indicators = [indicator for indicator in town.indicators if indicator.item in counts.position]
    weighted = WeightedCounts(counts, compute_weights(town, counts))
    shown = {
        indicator.item: show_item(town, counts, wave.questionnaire, indicator.item, indicator.codes)
        for indicator in indicators
    }
    recounted = _recount(town, indicators, microdata)
    past_shares = _find_past_shares(town, indicators, recounted)
    compared = compare(town, weighted, indicators, shown, past_shares)
    verdicts = decide({key: comparison for key, (comparison, _) in compared.items()})
    contour_words = _contour_words(town, counts, indicators, past_shares)
    deduced = deduce_figures(town)
    domains = [ALL, *(quartier.id for quartier in town.quartiers)]
    found: dict[tuple[str, str], Finding] = {}
    for indicator in indicators:
        pooled = weighted.pool(shown[indicator.item])
        for domain in domains:
            key = (indicator.item, domain)
            shares = (pooled if domain == ALL else weighted).shares(domain)
            verdict = verdicts.get(key)
            contour = contour_words.get(key, NOT_COMPARABLE)
            against = compared[key][1] if key in compared else None
            past = recounted.get(key)
            estimate = shares.estimate(indicator.item, indicator.codes)
            now = estimate if against or past else None
            if against and against.codes != indicator.codes:
                now = shares.estimate(indicator.item, against.codes)
            found[key] = Finding(
                shown=shown[indicator.item][domain],
                estimate=estimate,
                shares=_write_distribution(shares, indicator.item, shown[indicator.item][domain]),
                against=against,
                recounted=past,
                deduced=None if past and not past.hidden else deduced.get(key),
                now=now.value if now else None,
                verdict=verdict,
                contour_word=contour if verdict and _differs(verdict.word, contour) else None,
                codes=indicator.codes,
            )
    interviews = {
        quartier.id: int(counts.interviews[weighted.weights.quartier == quartier.id].sum())
        for quartier in town.quartiers
    }
    return Findings(
        interviews | {ALL: counts.total},
        found,
        sum(comparison.blocked == "" for comparison, _ in compared.values()),
        weighted.weights.problem,
        frozenset(item for item, _domain in recounted),
    )


def drop_changed(town: Town, findings: Findings) -> Findings:
    """Frozen findings without the questions of which the town's files tell something else by now.

    What is written beside a share comes from them: the answers that it adds up, and the printed figure it was
    compared with.
    """
    published = town.first_wave.published if town.first_wave else None
    printed = {figure.id: _fingerprint(figure) for figure in published.figures} if published else {}
    changed = {
        item
        for (item, _domain), finding in findings.by_domain.items()
        if item not in town.indicator_of
        or finding.codes not in (frozenset(), town.indicator_of[item].codes)
        or (finding.against and printed.get(finding.against.id) != _fingerprint(finding.against))
    }
    if not changed:
        return findings
    kept = {place: finding for place, finding in findings.by_domain.items() if place[0] not in changed}
    return replace(findings, by_domain=kept)


def _fingerprint(figure: PublishedFigure) -> tuple[object, ...]:
    """What a comparison with a printed figure rests on."""
    bases = figure.base_min, figure.base_max
    return figure.codes, figure.kind, figure.value, figure.lower, figure.upper, bases, figure.may_be_sum


def _recount(
    town: Town, indicators: list[Indicator], microdata: Microdata | None
) -> dict[tuple[str, str], Recounted]:
    """The first wave's shares that its own interviews tell, for the items where they are used."""
    design = town.current_wave.design
    assert design is not None
    if microdata is None:
        return {}
    return {
        (indicator.item, domain): found
        for indicator in indicators
        if indicator.item in microdata.items & microdata.counts.position.keys()
        for domain, found in recount_item(town, microdata.counts, indicator, thresholds(design)).items()
    }


def _differs(word: str, contour: str) -> bool:
    """Whether the perimeter of the first wave tells another story; a hidden figure tells none."""
    return NOT_COMPARABLE not in (word, contour) and word != contour


def thresholds(design: Design) -> Thresholds:
    """The wave's smallest bases."""
    return Thresholds(design.threshold_mask, design.threshold_percentage, design.threshold_caution)


def show_item(
    town: Town, counts: Counts, questionnaire: Questionnaire, item: str, codes: frozenset[int]
) -> dict[str, Shown]:
    """What may be shown of one item, by quartier and for all."""
    assert town.current_wave.design is not None
    scale = questionnaire.by_id[item].scale
    assert scale is not None
    answers = gather_answers(town, counts, item, scale)
    order = [option.code for option in scale.options]
    return protect(answers, sides_together(order, codes), codes, thresholds(town.current_wave.design))


def _write_distribution(shares: Shares, item: str, shown: Shown) -> dict[tuple[int, ...], float]:
    # What is shown has a base.
    return {block: shares.value(item, block) for block in shown.blocks}


def _find_past_shares(
    town: Town, indicators: list[Indicator], recounted: Mapping[tuple[str, str], Recounted]
) -> dict[tuple[str, str], PastShare]:
    """What each (item, domain) that the first wave asked is compared with."""
    first = town.first_wave
    if first is None or first.published is None:
        return {}
    found: dict[tuple[str, str], PastShare] = {}
    for indicator in indicators:
        asked = first.questionnaire.by_id.get(indicator.item)
        if asked is None or asked.scale is None:
            continue
        for domain in [ALL, *(quartier.id for quartier in town.quartiers)]:
            place = indicator.item, domain
            found[place] = find_past_share(
                first.published, indicator, domain, asked.scale.codes, recounted.get(place)
            )
    return found


def compare(
    town: Town,
    weighted: WeightedCounts,
    indicators: list[Indicator],
    shown: Mapping[str, Mapping[str, Shown]],
    past_shares: Mapping[tuple[str, str], PastShare],
) -> dict[Hashable, tuple[Comparison, PublishedFigure | None]]:
    """Every (item, domain) that the first wave asked, with the printed figure it is compared with.

    None where nothing comparable was printed, or where its own interviews replace it.
    """
    design = town.current_wave.design
    assert design is not None
    keys: list[tuple[Hashable, bool, str, PublishedFigure | None]] = []
    pairs: list[Pair] = []
    pooled = {indicator.item: weighted.pool(shown[indicator.item]) for indicator in indicators}
    for (item, domain), past in past_shares.items():
        blocked = past.blocked or _find_block(past.codes, shown[item][domain])
        if domain == ALL and any(found.state == NOT_ASKED for found in shown[item].values()):
            # The first wave's total had every quartier in it.
            blocked = blocked or "quartier_absent"
        keys.append(((item, domain), domain == ALL and item in design.key_family, blocked, past.figure))
        own = pooled[item] if domain == ALL else weighted
        for weighting in (LIKE_FOR_LIKE if domain == ALL else UNWEIGHTED, RAKED):
            now = None if blocked else own.shares(domain, weighting).estimate(item, past.codes)
            pairs.append((past.feasible, now))
    envelopes = iter(envelop_each(pairs))
    return {
        place: (Comparison(key, blocked, next(envelopes), next(envelopes)), figure)
        for place, key, blocked, figure in keys
    }


def _find_block(codes: frozenset[int], shown: Shown) -> str:
    """What of this wave forbids to compare a share of some codes."""
    if not shown.exact:
        states = {MASKED: "masked", BAND: "masked", NOT_ASKED: "not_asked"}
        return states.get(shown.state, "small_base")
    if any(0 < len(codes & set(block)) < len(block) for block in shown.blocks):
        # Its change would tell the share of an option that is merged with its neighbour.
        return "masked"
    return ""


def _contour_words(
    town: Town,
    counts: Counts,
    indicators: list[Indicator],
    past_shares: Mapping[tuple[str, str], PastShare],
) -> dict[Hashable, str]:
    """Verdicts on the perimeter of the first wave alone, by the same rules."""
    wave = town.current_wave
    assert wave.design is not None
    contour = wave.design.contour
    if contour is None:
        return {}
    inside = counts.where(np.isin(counts.axis(contour.item), sorted(contour.codes)))
    if not inside.total:
        return {}
    # What cannot be compared whatever this wave says has no other verdict here.
    open_items = {item for (item, _domain), past in past_shares.items() if not past.blocked}
    past_shares = {place: past for place, past in past_shares.items() if place[0] in open_items}
    indicators = [indicator for indicator in indicators if indicator.item in open_items]
    shown = {
        indicator.item: show_item(town, inside, wave.questionnaire, indicator.item, indicator.codes)
        for indicator in indicators
    }
    weighted = WeightedCounts(inside, compute_weights(town, inside))
    compared = compare(town, weighted, indicators, shown, past_shares)
    verdicts = decide({key: comparison for key, (comparison, _) in compared.items()})
    return {key: verdict.word for key, verdict in verdicts.items()}
