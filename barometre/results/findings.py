"""From counts to findings: what may be shown of every indicator and domain, how sure it is, the verdict."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from barometre.estimates.change import (
    NOT_COMPARABLE,
    Comparison,
    Envelope,
    Verdict,
    decide,
    envelop,
)
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
from barometre.estimates.margins import UNKNOWN, Margins, WeightingCells, WeightingError
from barometre.estimates.proportions import Estimate, estimate_share
from barometre.estimates.weights import (
    Weighting,
    fit_composition,
    rake_quartiers,
    rake_to_composition,
    weigh_quartiers,
)
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Design, Indicator, PublishedFigure, Town
from barometre.results.answers import gather_answers
from barometre.results.deduced import DeducedFigure, deduce_figures
from barometre.results.first_wave import PastShare, find_past_share
from barometre.results.recounted import Microdata, Recounted, recount_item

FloatArray = npt.NDArray[np.float64]


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


@dataclass(frozen=True)
class Weights:
    """The two weightings of one set of counts; shapes (C,)."""

    #: each cell's quartier id
    quartier: npt.NDArray[np.str_]
    #: to the population, inside each quartier
    raked: FloatArray
    #: to the composition of the first wave
    like_for_like: FloatArray
    #: what `raked` was brought to, or one weight per quartier where that has no solution
    weighting: Weighting
    #: why it has none
    problem: WeightingError | None = None

    def pool(self, interviews: npt.NDArray[np.int64], shown: Mapping[str, Shown]) -> Weights:
        """The weights of one item's total: one for everybody in the quartiers that are not shown.

        With weights of their own, the shown total and its interval would tell them apart: their bases from
        the effective base, then how many of each gave an answer.
        """
        hidden = [name for name, found in shown.items() if name != ALL and found.hidden]
        inside = np.isin(self.quartier, hidden)
        if len(hidden) < 2:
            return self
        people = interviews[inside].sum()

        def level(weights: FloatArray) -> FloatArray:
            return np.where(inside, (weights * interviews)[inside].sum() / people, weights)

        return replace(self, raked=level(self.raked), like_for_like=level(self.like_for_like))


def find_results(town: Town, counts: Counts, microdata: Microdata | None = None) -> Findings:
    """Findings of the current wave from its counts, beside the first one's printed figures or interviews."""
    wave = town.current_wave
    design = wave.design
    assert design is not None
    indicators = [indicator for indicator in town.indicators if indicator.item in counts.position]
    weights = compute_weights(town, counts)
    shown = {
        indicator.item: show_item(town, counts, wave.questionnaire, indicator.item, indicator.codes)
        for indicator in indicators
    }
    recounted = _recount(town, indicators, microdata)
    compared = compare(town, counts, weights, indicators, shown, recounted)
    verdicts = decide({key: comparison for key, (comparison, _) in compared.items()})
    contour_words = _contour_words(town, counts, indicators, recounted)
    deduced = deduce_figures(town)
    domains = [ALL, *(quartier.id for quartier in town.quartiers)]
    found: dict[tuple[str, str], Finding] = {}
    for indicator in indicators:
        pooled = weights.pool(counts.interviews, shown[indicator.item])
        for domain in domains:
            key = (indicator.item, domain)
            own = pooled if domain == ALL else weights
            verdict = verdicts.get(key)
            contour = contour_words.get(key, NOT_COMPARABLE)
            against = compared[key][1] if key in compared else None
            past = recounted.get(key)
            now = (against or past) and _estimate(
                counts,
                own.quartier,
                own.raked,
                indicator.item,
                against.codes if against else indicator.codes,
                domain,
            )
            found[key] = Finding(
                shown=shown[indicator.item][domain],
                estimate=_estimate(counts, own.quartier, own.raked, indicator.item, indicator.codes, domain),
                shares=_shares(counts, own, indicator.item, shown[indicator.item][domain]),
                against=against,
                recounted=past,
                deduced=None if past and not past.hidden else deduced.get(key),
                now=now.value if now else None,
                verdict=verdict,
                contour_word=contour if verdict and _differs(verdict.word, contour) else None,
            )
    interviews = {
        quartier.id: int(counts.interviews[weights.quartier == quartier.id].sum())
        for quartier in town.quartiers
    }
    return Findings(
        interviews | {ALL: counts.total},
        found,
        sum(comparison.blocked == "" for comparison, _ in compared.values()),
        weights.problem,
        frozenset(item for item, _domain in recounted),
    )


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


def compute_weights(town: Town, counts: Counts) -> Weights:
    """Both weightings; one weight per quartier, and why, where raking has no solution."""
    wave = town.current_wave
    assert wave.design is not None
    cells = weighting_cells(town, counts)
    quartier, order = cells.quartier, class_order(wave.questionnaire)
    composition = (
        town.first_wave.published.composition if town.first_wave and town.first_wave.published else {}
    )
    problem = None
    try:
        smallest = wave.design.minimum_interviews_for_weighting
        raked = rake_quartiers(cells, wave.design.margins, order, smallest)
    except WeightingError as error:
        problem = error
        raked = _weigh_evenly(cells, wave.design.margins)
    try:
        like = np.ones(0)
        if counts.total:
            like = rake_to_composition(cells, fit_composition(cells, composition, order)).weights
    except WeightingError as error:
        problem = error
        like = np.ones(len(counts.interviews))
    return Weights(quartier, raked.weights, like, raked, problem)


def _weigh_evenly(cells: WeightingCells, margins: Mapping[str, Margins]) -> Weighting:
    """One weight per quartier, or for everybody where a quartier is not known any more."""
    try:
        return weigh_quartiers(cells, margins)
    except WeightingError:
        return Weighting(np.ones(len(cells.interviews)))


def weighting_cells(town: Town, counts: Counts) -> WeightingCells:
    """The cells of the current wave: quartier, and the classes of age and sex that its scales name."""
    names = np.array(["?", *(quartier.id for quartier in town.quartiers)])
    codes = counts.axis(counts.cell_items[0])
    quartier = names[np.where(codes < len(names), codes, 0)]
    classes = weighting_classes(town.current_wave.questionnaire, counts)
    return WeightingCells(quartier, classes, counts.interviews)


def weighting_classes(questionnaire: Questionnaire, counts: Counts) -> dict[str, npt.NDArray[np.str_]]:
    """Class of every cell for each cell item that has classes (age, sex); unknown where it has none."""
    classes: dict[str, npt.NDArray[np.str_]] = {}
    for item in counts.cell_items[1:]:
        # An older version may have cut its cells by what is no longer asked.
        asked = questionnaire.by_id.get(item)
        scale = asked.scale if asked else None
        if scale is None or not any(option.class_id for option in scale.options):
            continue
        of_code = {option.code: option.class_id or UNKNOWN for option in scale.options}
        classes[item] = np.array([of_code.get(int(code), UNKNOWN) for code in counts.axis(item)], dtype=str)
    return classes


def class_order(questionnaire: Questionnaire) -> dict[str, list[str]]:
    """Classes of the cell items that have an order (three or more: age), as the scale lists them."""
    order: dict[str, list[str]] = {}
    for item in questionnaire.cell[1:]:
        scale = questionnaire.by_id[item].scale
        classes = list(dict.fromkeys(o.class_id for o in scale.options if o.class_id)) if scale else []
        if len(classes) > 2:
            order[item] = classes
    return order


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


def _estimate(
    counts: Counts,
    quartier: npt.NDArray[np.str_],
    weights: FloatArray | None,
    item: str,
    codes: frozenset[int],
    domain: str,
) -> Estimate | None:
    inside = np.ones(len(quartier), dtype=bool) if domain == ALL else quartier == domain
    return estimate_share(
        counts.given(item, codes)[inside],
        counts.expressed(item)[inside],
        None if weights is None else weights[inside],
    )


def _shares(counts: Counts, weights: Weights, item: str, shown: Shown) -> dict[tuple[int, ...], float]:
    shares = {}
    for block in shown.blocks:
        estimate = _estimate(counts, weights.quartier, weights.raked, item, frozenset(block), shown.domain)
        if estimate is not None:
            shares[block] = estimate.value
    return shares


def compare(
    town: Town,
    counts: Counts,
    weights: Weights,
    indicators: list[Indicator],
    shown: Mapping[str, Mapping[str, Shown]],
    recounted: Mapping[tuple[str, str], Recounted],
) -> dict[Hashable, tuple[Comparison, PublishedFigure | None]]:
    """Every (item, domain) that the first wave asked, with the printed figure it is compared with.

    None where nothing comparable was printed, or where its own interviews replace it.
    """
    first, design = town.first_wave, town.current_wave.design
    assert design is not None
    if first is None or first.published is None:
        return {}
    compared: dict[Hashable, tuple[Comparison, PublishedFigure | None]] = {}
    for indicator in indicators:
        asked = first.questionnaire.by_id.get(indicator.item)
        if asked is None or asked.scale is None:
            continue
        pooled = weights.pool(counts.interviews, shown[indicator.item])
        for domain in [ALL, *(quartier.id for quartier in town.quartiers)]:
            key = domain == ALL and indicator.item in design.key_family
            past = find_past_share(
                first.published, indicator, domain, asked.scale.codes, recounted.get((indicator.item, domain))
            )
            blocked = past.blocked or _find_block(past.codes, shown[indicator.item][domain])
            if domain == ALL and any(found.state == NOT_ASKED for found in shown[indicator.item].values()):
                # The first wave's total had every quartier in it.
                blocked = blocked or "quartier_absent"
            comparison = Comparison(key, blocked)
            if not blocked:
                own = pooled if domain == ALL else weights
                like = own.like_for_like if domain == ALL else None
                envelopes = (
                    _envelop(counts, own.quartier, weighting, past, indicator.item, domain)
                    for weighting in (like, own.raked)
                )
                comparison = Comparison(key, "", *envelopes)
            compared[(indicator.item, domain)] = (comparison, past.figure)
    return compared


def _envelop(
    counts: Counts,
    quartier: npt.NDArray[np.str_],
    weights: FloatArray | None,
    past: PastShare,
    item: str,
    domain: str,
) -> Envelope | None:
    estimate = _estimate(counts, quartier, weights, item, past.codes, domain)
    return None if estimate is None else envelop(past.feasible, estimate)


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
    recounted: Mapping[tuple[str, str], Recounted],
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
    shown = {
        indicator.item: show_item(town, inside, wave.questionnaire, indicator.item, indicator.codes)
        for indicator in indicators
    }
    compared = compare(town, inside, compute_weights(town, inside), indicators, shown, recounted)
    verdicts = decide({key: comparison for key, (comparison, _) in compared.items()})
    return {key: verdict.word for key, verdict in verdicts.items()}
