"""How sure one indicator is, for statisticians: every weighting, every interval, both bases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barometre.estimates import intervals
from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, SMALL, Shown
from barometre.estimates.intervals import Interval
from barometre.estimates.margins import Note, WeightingError
from barometre.estimates.proportions import Estimate, estimate_share, silent_bounds
from barometre.estimates.variance import Sample
from barometre.estimates.weights import bound_quartiers, is_unequal, sampled_shares, spread
from barometre.questionnaire.town import Indicator, Town
from barometre.results.findings import class_order, compute_weights, show_item, weighting_cells


@dataclass(frozen=True)
class QuartierWeights:
    """How unequal the weights of one quartier are."""

    quartier: str
    #: largest over smallest weight
    ratio: float
    #: what unequal weights cost: base over effective base
    design_effect: float
    #: whether that deserves a warning and the unweighted figure beside
    unequal: bool
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Precision:
    """One indicator in one domain; shares are 0-1. Only for domains whose share may be shown."""

    #: after raking, expressed base: the figure that is published, with its Wilson interval
    raked: Estimate
    #: as counted
    plain: Estimate
    #: within 0.5 and 2 times the design weight; None where no such weights exist
    bounded: Estimate | None
    #: with the finite population correction; None where more were interviewed than live there
    corrected: Interval | None
    #: linearised; None where it is undefined
    standard_error: float | None
    #: name of an expert interval → its limits
    options: Mapping[str, Interval]
    #: share of everybody asked, and its bounds whatever the silent would have said; None while few are silent
    asked: tuple[Estimate, Interval] | None


def list_weights(town: Town, counts: Counts) -> list[QuartierWeights]:
    """Each weighted quartier that has interviews."""
    found = compute_weights(town, counts)
    n = counts.interviews
    listed = []
    for quartier in town.quartiers:
        inside = found.quartier == quartier.id
        if n[inside].sum():
            part = spread(found.raked[inside], n[inside])
            notes = tuple(note for note in found.weighting.notes if note.quartier == quartier.id)
            ratio = part.largest / part.smallest
            listed.append(QuartierWeights(quartier.id, ratio, part.design_effect, is_unequal(part), notes))
    return listed


def measure_precision(
    town: Town, counts: Counts, indicator: Indicator
) -> dict[str, tuple[Shown, Precision | None]]:
    """By domain ("ALL" last): what may be shown, and its precision where the share may."""
    wave = town.current_wave
    design = wave.design
    assert design is not None
    cells, order = weighting_cells(town, counts), class_order(wave.questionnaire)
    weights = compute_weights(town, counts)
    try:
        bounded = bound_quartiers(cells, design.margins, order, design.minimum_interviews_for_weighting)
    except WeightingError:
        bounded = None
    try:
        sampled = sampled_shares(cells, design.margins)
    except WeightingError:
        sampled = None
    sample = Sample(cells.quartier, cells.interviews, weights.weighting)
    favourable, base = counts.given(indicator.item, indicator.codes), counts.expressed(indicator.item)
    silent = counts.silent(indicator.item)
    shown = show_item(town, counts, wave.questionnaire, indicator.item, indicator.codes)
    # A quartier's silent few would follow from the total's less the others'.
    told = [int(silent[cells.quartier == quartier.id].sum()) >= SMALL for quartier in town.quartiers]
    found: dict[str, tuple[Shown, Precision | None]] = {}
    for domain in (*(quartier.id for quartier in town.quartiers), ALL):
        inside = np.ones(len(base), bool) if domain == ALL else cells.quartier == domain
        raked = estimate_share(favourable[inside], base[inside], weights.raked[inside])
        plain = estimate_share(favourable[inside], base[inside])
        if not shown[domain].exact or raked is None or plain is None:
            found[domain] = shown[domain], None
            continue
        shares = favourable.astype(float)
        precise = sample.estimate(base, shares, shares, inside)
        interviews = int(cells.interviews[inside].sum())
        corrected = None
        if sampled is not None:
            persons = sum(design.margins[name]["total"]["all"] for name in sampled if domain in (name, ALL))
            with_correction = estimate_share(
                favourable[inside], base[inside], weights.raked[inside], interviews / persons
            )
            corrected = (with_correction.low, with_correction.high) if with_correction else None
        asked = None
        if all(told) if domain != ALL else int(silent.sum()) >= SMALL:
            everybody = estimate_share(favourable[inside], (base + silent)[inside], weights.raked[inside])
            bounds = silent_bounds(plain.favourable, plain.base, int(silent[inside].sum()))
            asked = (everybody, bounds) if everybody and bounds else None
        error = precise.standard_error if precise else None
        found[domain] = (
            shown[domain],
            Precision(
                raked=raked,
                plain=plain,
                bounded=estimate_share(favourable[inside], base[inside], bounded.weights[inside])
                if bounded
                else None,
                corrected=corrected,
                standard_error=error,
                options=_list_options(raked, error, precise.df if precise else 0, interviews),
                asked=asked,
            ),
        )
    return found


def _list_options(estimate: Estimate, error: float | None, df: int, interviews: int) -> dict[str, Interval]:
    """Expert intervals, by name; those of the linearised error where it is one."""
    share = estimate.value
    options = {"clopper_pearson": intervals.clopper_pearson(share, estimate.effective_base)}
    if error and df > 0 and 0 < share < 1:
        options |= {
            "korn_graubard": intervals.korn_graubard(share, error, df, interviews, estimate.base),
            "logit": intervals.logit(share, error, df),
            "wald": intervals.wald(share, error, df),
        }
    return options
