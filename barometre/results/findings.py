"""From counts to findings: what may be shown of every indicator and domain, how sure it is, the verdict."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

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
from barometre.estimates.disclosure import ALL, BAND, MASKED, NOT_ASKED, Answers, Shown, Thresholds, protect
from barometre.estimates.margins import UNKNOWN, WeightingCells, WeightingError
from barometre.estimates.proportions import Estimate, estimate_share
from barometre.estimates.weights import Weighting, rake_quartiers, rake_to_composition, weigh_quartiers
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Design, Indicator, PublishedFigure, Town
from barometre.results.deduced import DeducedFigure, deduce_figures
from barometre.results.feasible import list_feasible

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


def find_results(town: Town, counts: Counts) -> Findings:
    """Findings of the current wave from its counts."""
    wave = town.current_wave
    design = wave.design
    assert design is not None
    indicators = [indicator for indicator in town.indicators if indicator.item in counts.position]
    weights = compute_weights(town, counts)
    shown = {
        indicator.item: show_item(town, counts, wave.questionnaire, indicator.item, indicator.codes)
        for indicator in indicators
    }
    compared = compare(town, counts, weights, indicators, shown)
    verdicts = decide({key: comparison for key, (comparison, _) in compared.items()})
    contour_words = _contour_words(town, counts, indicators)
    deduced = deduce_figures(town)
    domains = [ALL, *(quartier.id for quartier in town.quartiers)]
    found: dict[tuple[str, str], Finding] = {}
    for indicator in indicators:
        for domain in domains:
            key = (indicator.item, domain)
            verdict = verdicts.get(key)
            contour = contour_words.get(key, NOT_COMPARABLE)
            against = compared[key][1] if key in compared else None
            now = against and _estimate(
                counts, weights.quartier, weights.raked, indicator.item, against.codes, domain
            )
            found[key] = Finding(
                shown=shown[indicator.item][domain],
                estimate=_estimate(
                    counts, weights.quartier, weights.raked, indicator.item, indicator.codes, domain
                ),
                shares=_shares(counts, weights, indicator.item, shown[indicator.item][domain]),
                against=against,
                deduced=deduced.get(key),
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
    )


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
        raked = weigh_quartiers(cells, wave.design.margins)
    try:
        like = rake_to_composition(cells, composition, order).weights if counts.total else np.ones(0)
    except WeightingError as error:
        problem = error
        like = np.ones(len(counts.interviews))
    return Weights(quartier, raked.weights, like, raked, problem)


def weighting_cells(town: Town, counts: Counts) -> WeightingCells:
    """The cells of the current wave: quartier, and the classes of age and sex that its scales name."""
    names = np.array(["?", *(quartier.id for quartier in town.quartiers)])
    quartier = names[np.clip(counts.axis(counts.cell_items[0]), 0, len(town.quartiers))]
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
    axis = counts.axis(counts.cell_items[0])
    answers = []
    for quartier in town.quartiers:
        inside = counts.where(axis == quartier.code)
        options = {option.code: int(inside.given(item, (option.code,)).sum()) for option in scale.options}
        answers.append(Answers(quartier.id, options, int(inside.silent(item).sum())))
    order = [option.code for option in scale.options]
    return protect(answers, sides_together(order, codes), codes, thresholds(town.current_wave.design))


def sides_together(order: list[int], codes: frozenset[int]) -> list[int]:
    """The options with the headline ones side by side, so that small ones find a neighbour."""
    if order[-1] in codes and order[0] not in codes:
        return [code for code in order if code not in codes] + [code for code in order if code in codes]
    return [code for code in order if code in codes] + [code for code in order if code not in codes]


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
) -> dict[Hashable, tuple[Comparison, PublishedFigure | None]]:
    """Every (item, domain) that the first wave asked, with the figure it is compared with."""
    first, design = town.first_wave, town.current_wave.design
    assert design is not None
    if first is None or first.published is None:
        return {}
    compared: dict[Hashable, tuple[Comparison, PublishedFigure | None]] = {}
    for indicator in indicators:
        asked = first.questionnaire.by_id.get(indicator.item)
        if asked is None or asked.scale is None:
            continue
        for domain in [ALL, *(quartier.id for quartier in town.quartiers)]:
            key = domain == ALL and indicator.item in design.key_family
            figure = choose_figure(first.published.find(indicator.item, domain), indicator, asked.scale.codes)
            blocked = _find_block(figure, shown[indicator.item][domain])
            if figure is None and (joint := first.published.find_joint(indicator.item, domain)):
                # Printed for several quartiers at once: its reasons say why it is nobody's own.
                blocked = joint[0].reasons[0] if joint[0].reasons else "no_figure"
            if domain == ALL and any(found.state == NOT_ASKED for found in shown[indicator.item].values()):
                # The first wave's total had every quartier in it.
                blocked = blocked or "quartier_absent"
            if blocked or figure is None:
                compared[(indicator.item, domain)] = (Comparison(key, blocked), figure)
                continue
            feasible = list_feasible(figure)
            like = weights.like_for_like if domain == ALL else None
            compared[(indicator.item, domain)] = (
                Comparison(
                    key,
                    "" if feasible else "impossible_figure",
                    _envelop(counts, weights.quartier, like, figure, indicator.item, domain, feasible),
                    _envelop(
                        counts, weights.quartier, weights.raked, figure, indicator.item, domain, feasible
                    ),
                ),
                figure,
            )
    return compared


def _envelop(
    counts: Counts,
    quartier: npt.NDArray[np.str_],
    weights: FloatArray | None,
    figure: PublishedFigure,
    item: str,
    domain: str,
    feasible: tuple[tuple[int, int], ...],
) -> Envelope | None:
    estimate = _estimate(counts, quartier, weights, item, figure.codes, domain)
    return None if estimate is None else envelop(feasible, estimate)


def choose_figure(
    figures: tuple[PublishedFigure, ...], indicator: Indicator, codes: frozenset[int]
) -> PublishedFigure | None:
    """The printed figure to compare with, `codes` being all those of the item.

    In this order: a comparable one of the indicator's own codes or of its whole other side, one of its own
    codes that cannot be compared, any other that has none of them.
    """
    sides = (indicator.codes, codes - indicator.codes)

    def rank(figure: PublishedFigure) -> tuple[bool, int]:
        whole_side = figure.codes in sides
        return not (whole_side and figure.comparability != "no"), figure.codes != indicator.codes

    own_or_apart = [f for f in figures if f.codes == indicator.codes or not f.codes & indicator.codes]
    return min(own_or_apart, key=rank, default=None)


def _find_block(figure: PublishedFigure | None, shown: Shown) -> str:
    if figure is None:
        return "no_figure"
    if figure.comparability == "no":
        return figure.reasons[0]
    if not shown.exact:
        states = {MASKED: "masked", BAND: "masked", NOT_ASKED: "not_asked"}
        return states.get(shown.state, "small_base")
    if any(0 < len(figure.codes & set(block)) < len(block) for block in shown.blocks):
        # Its change would tell the share of an option that is merged with its neighbour.
        return "masked"
    return ""


def _contour_words(town: Town, counts: Counts, indicators: list[Indicator]) -> dict[Hashable, str]:
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
    compared = compare(town, inside, compute_weights(town, inside), indicators, shown)
    verdicts = decide({key: comparison for key, (comparison, _) in compared.items()})
    return {key: verdict.word for key, verdict in verdicts.items()}
