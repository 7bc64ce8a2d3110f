"""How sure one indicator is, for statisticians: every weighting, every interval, both bases."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barometre.estimates import intervals
from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, NOT_ASKED, SMALL, Shown
from barometre.estimates.intervals import Interval
from barometre.estimates.margins import EVERYBODY, FloatArray, Note, WeightingError
from barometre.estimates.proportions import Estimate, estimate_share, silent_bounds
from barometre.estimates.variance import Precise, Sample
from barometre.estimates.weights import bound_quartiers, is_unequal, sampled_shares, spread
from barometre.questionnaire.town import Indicator, Town
from barometre.results.findings import show_item
from barometre.results.weighting import class_order, compute_weights, weighting_cells


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
    measure = _Measure(town, counts, indicator)
    shown = show_item(town, counts, town.current_wave.questionnaire, indicator.item, indicator.codes)
    quartiers = [quartier.id for quartier in town.quartiers]
    told = {name: shown[name].exact for name in quartiers}
    # Of all together, other weights and decimals are further sums over the same people: with a part hidden,
    # they would tell it.
    told[ALL] = shown[ALL].exact and all(told[name] or shown[name].state == NOT_ASKED for name in quartiers)
    return {
        domain: (shown[domain], measure.take(domain) if open_ else None) for domain, open_ in told.items()
    }


class _Measure:
    """The counts of one indicator under the weightings of its wave."""

    def __init__(self, town: Town, counts: Counts, indicator: Indicator) -> None:
        wave = town.current_wave
        assert wave.design is not None
        self.margins = wave.design.margins
        self.cells = weighting_cells(town, counts)
        self.favourable = counts.given(indicator.item, indicator.codes)
        self.base = counts.expressed(indicator.item)
        self.silent = counts.silent(indicator.item)
        found = compute_weights(town, counts)
        self.raked = found.raked
        self.sample = Sample(self.cells.quartier, self.cells.interviews, found.weighting)
        smallest = wave.design.minimum_interviews_for_weighting
        self.bounded: FloatArray | None = None
        self.sampled: dict[str, float] | None = None
        # Options: what has no solution is not shown, the published figure stands.
        with suppress(WeightingError):
            order = class_order(wave.questionnaire)
            self.bounded = bound_quartiers(self.cells, self.margins, order, smallest).weights
        with suppress(WeightingError):
            self.sampled = sampled_shares(self.cells, self.margins)

    def take(self, domain: str) -> Precision | None:
        """One domain; None when nobody is in the base."""
        inside = self._inside(domain)
        raked, plain = self._share(inside, self.raked), self._share(inside)
        if raked is None or plain is None:
            return None
        shares = self.favourable.astype(float)
        precise = self.sample.estimate(self.base, shares, shares, inside)
        assert precise is not None
        interviews = int(self.cells.interviews[inside].sum())
        return Precision(
            raked=raked,
            plain=plain,
            bounded=None if self.bounded is None else self._share(inside, self.bounded),
            corrected=self._correct(domain, raked, interviews),
            standard_error=precise.standard_error,
            options=_list_options(raked, precise, interviews),
            asked=self._ask(domain, plain),
        )

    def _inside(self, domain: str) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (self.cells.quartier == domain) | (domain == ALL)
        return found

    def _share(self, inside: npt.NDArray[np.bool_], weights: FloatArray | None = None) -> Estimate | None:
        used = None if weights is None else weights[inside]
        return estimate_share(self.favourable[inside], self.base[inside], used)

    def _correct(self, domain: str, raked: Estimate, interviews: int) -> Interval | None:
        if self.sampled is None:
            return None
        persons = sum(
            self.margins[name]["total"][EVERYBODY] for name in self.sampled if domain in (name, ALL)
        )
        left = 1 - interviews / persons
        return intervals.wilson(raked.value, raked.effective_base / left) if left else (raked.value,) * 2

    def _ask(self, domain: str, plain: Estimate) -> tuple[Estimate, Interval] | None:
        """With the silent, unless the few of one quartier follow from the total's less the others'."""
        names = dict.fromkeys(self.cells.quartier.tolist()) if domain != ALL else [ALL]
        if any(int(self.silent[self._inside(name)].sum()) < SMALL for name in names):
            return None
        inside = self._inside(domain)
        everybody = estimate_share(
            self.favourable[inside], (self.base + self.silent)[inside], self.raked[inside]
        )
        bounds = silent_bounds(plain.favourable, plain.base, int(self.silent[inside].sum()))
        return (everybody, bounds) if everybody and bounds else None


def _list_options(estimate: Estimate, precise: Precise, interviews: int) -> dict[str, Interval]:
    """Expert intervals, by name; those of the linearised error where it is one."""
    share, error, df = estimate.value, precise.standard_error, precise.df
    options = {"clopper_pearson": intervals.clopper_pearson(share, estimate.effective_base)}
    if error and df > 0 and 0 < share < 1:
        options |= {
            "korn_graubard": intervals.korn_graubard(share, error, df, interviews, estimate.base),
            "logit": intervals.logit(share, error, df),
            "wald": intervals.wald(share, error, df),
        }
    return options
