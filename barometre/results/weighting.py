"""The current wave's weights, and every share that they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, Shown
from barometre.estimates.margins import UNKNOWN, Margins, WeightingCells, WeightingError
from barometre.estimates.proportions import Shares
from barometre.estimates.weights import (
    Weighting,
    fit_composition,
    rake_quartiers,
    rake_to_composition,
    weigh_quartiers,
)
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town

FloatArray = npt.NDArray[np.float64]

#: to the population inside each quartier; to the composition of the first wave; one weight for everybody
RAKED, LIKE_FOR_LIKE, UNWEIGHTED = "raked", "like_for_like", "unweighted"


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
        if len(hidden) < 2:
            return self
        inside = np.isin(self.quartier, hidden)
        people = interviews[inside].sum()

        def level(weights: FloatArray) -> FloatArray:
            return np.where(inside, (weights * interviews)[inside].sum() / people, weights)

        return replace(self, raked=level(self.raked), like_for_like=level(self.like_for_like))


class WeightedCounts:
    """One set of counts under its weightings: the shares of each domain are prepared when first asked for."""

    def __init__(self, counts: Counts, weights: Weights) -> None:
        """`weights` are those of the same counts."""
        self.counts = counts
        self.weights = weights
        self._prepared: dict[tuple[str, str], Shares] = {}
        self._parts: dict[str, tuple[npt.NDArray[np.bool_], Counts]] = {}

    def shares(self, domain: str, weighting: str = RAKED) -> Shares:
        """Every share of one domain."""
        key = domain, weighting
        if key not in self._prepared:
            weights = None if weighting == UNWEIGHTED else getattr(self.weights, weighting)
            if domain == ALL:
                self._prepared[key] = Shares(self.counts, weights)
            else:
                inside, counts = self._split(domain)
                self._prepared[key] = Shares(counts, None if weights is None else weights[inside])
        return self._prepared[key]

    def _split(self, domain: str) -> tuple[npt.NDArray[np.bool_], Counts]:
        """Which cells are one quartier's, and their counts."""
        if domain not in self._parts:
            inside = self.weights.quartier == domain
            self._parts[domain] = inside, self.counts.where(inside)
        return self._parts[domain]

    def pool(self, shown: Mapping[str, Shown]) -> WeightedCounts:
        """The same counts for one item's total, as `Weights.pool` says."""
        pooled = self.weights.pool(self.counts.interviews, shown)
        return self if pooled is self.weights else WeightedCounts(self.counts, pooled)


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
