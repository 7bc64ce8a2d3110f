"""One wave under every weighting, and the estimates of one item and domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
import numpy.typing as npt

from barometre.estimates import intervals
from barometre.estimates.margins import EVERYBODY, TOTAL, WeightingError
from barometre.estimates.poststrata import poststratify_quartiers
from barometre.estimates.proportions import Estimate, estimate_share
from barometre.estimates.variance import Precise, Sample
from barometre.estimates.weights import (
    Weighting,
    bound_quartiers,
    rake_quartiers,
    sampled_shares,
    weigh_quartiers,
)
from barometre.tabulate.survey import AGE, CELLS, DONT_KNOW, MARGINS, REFUSED, Folder, IntArray, Scale, Wave

UNWEIGHTED, DESIGN, POSTSTRATIFIED, RAKED, BOUNDED = (
    "unweighted", "quartier", "poststratified", "raked", "bounded",
)  # fmt: skip
EXPRESSED, ASKED = "expressed", "asked"
ALL = "ALL"

#: keys of one record
Record = dict[str, object]


def weigh(folder: Folder, name: str) -> WaveSample:
    """A wave under every weighting that it allows.

    Raises `FolderError` where a population cannot be met, or has fewer people than interviews.
    """
    design, wave = folder.design, folder.waves[name]
    order = {AGE: design.ages}
    try:
        found = {
            DESIGN: weigh_quartiers(wave.cells, wave.margins),
            RAKED: rake_quartiers(wave.cells, wave.margins, order, design.smallest),
        }
        sampled = sampled_shares(wave.cells, wave.margins)
    except WeightingError as error:
        raise folder.locate(name, error, MARGINS) from error
    try:
        if wave.population is not None:
            totals = {quartier: sum(cells.values()) for quartier, cells in wave.population.items()}
            sampled_shares(
                wave.cells, {name: {TOTAL: {EVERYBODY: persons}} for name, persons in totals.items()}
            )
            found[POSTSTRATIFIED] = poststratify_quartiers(
                wave.cells, wave.population, design.ages, design.smallest
            )
    except WeightingError as error:
        raise folder.locate(name, error, CELLS) from error
    # An option, which may have no solution: raking stands.
    with suppress(WeightingError):
        found[BOUNDED] = bound_quartiers(wave.cells, wave.margins, order, design.smallest)
    return WaveSample(wave, folder.scales, design.quartiers, found, sampled)


@dataclass(frozen=True)
class Taken:
    """One estimate with the variance of its weighting."""

    estimate: Estimate
    #: of a weighted sample; None for plain counts
    precise: Precise | None
    #: interviews of the domain, in the base or not
    interviews: int


@dataclass(frozen=True)
class WaveSample:
    """The counts of one wave and its weightings."""

    wave: Wave
    scales: Mapping[str, Scale]
    quartiers: tuple[str, ...]
    weightings: Mapping[str, Weighting]
    #: n/N of each quartier
    sampled: Mapping[str, float]

    @cached_property
    def samples(self) -> dict[tuple[str, bool], Sample]:
        """(weighting, with finite population correction) → the sample."""
        cells = self.wave.cells
        return {
            (name, fpc): Sample(cells.quartier, cells.interviews, weighting, self.sampled if fpc else None)
            for name, weighting in self.weightings.items()
            for fpc in (False, True)
        }

    @property
    def domains(self) -> Iterator[str]:
        """The quartiers, then all of them."""
        yield from (*self.quartiers, ALL)

    def inside(self, domain: str) -> npt.NDArray[np.bool_]:
        """Cells of a domain."""
        return self.wave.inside(None if domain == ALL else domain)

    def interviews(self, domain: str) -> int:
        """Interviews of a domain."""
        return int(self.wave.cells.interviews[self.inside(domain)].sum())

    def expressed(self, item: str) -> IntArray:
        """(C,) people who gave a substantive answer."""
        return self.wave.count(item, self.scales[item].substantive)

    def favourable(self, item: str) -> IntArray:
        """(C,) people who gave a favourable answer."""
        return self.wave.count(item, self.scales[item].favourable)

    def take(
        self, item: str, domain: str, weighting: str, base_kind: str = EXPRESSED, fpc: bool = False
    ) -> Taken | None:
        """The share of one item in one domain; None when nobody is in the base."""
        inside = self.inside(domain)
        favourable, base = self.favourable(item), self.expressed(item)
        if base_kind == ASKED:
            base = base + self.wave.count(item, (DONT_KNOW, REFUSED))
        sampled = self._sampled(domain) if fpc else 0.0
        weights = None if weighting == UNWEIGHTED else self.weightings[weighting].weights
        estimate = estimate_share(
            favourable[inside], base[inside], None if weights is None else weights[inside], sampled
        )
        if estimate is None:
            return None
        precise = None
        if weights is not None:
            shares = favourable.astype(float)
            precise = self.samples[weighting, fpc].estimate(base, shares, shares, inside)
        return Taken(estimate, precise, self.interviews(domain))

    def _sampled(self, domain: str) -> float:
        names = {name for name in self.quartiers if domain in (name, ALL) and name in self.sampled}
        persons = sum(self.wave.margins[name][TOTAL][EVERYBODY] for name in names)
        return self.interviews(domain) / persons if persons else 0.0


def write_share(taken: Taken | None, fpc: bool) -> Record:
    """Keys of a share; of one that nobody answered, its empty base alone."""
    if taken is None:
        return {"base": 0, "favourable": 0}
    bases: Record = {"base": taken.estimate.base, "favourable": taken.estimate.favourable}
    return bases | (_write_plain(taken) if taken.precise is None else _write_weighted(taken, fpc))


def _write_plain(taken: Taken) -> Record:
    """Keys of an unweighted share."""
    estimate = taken.estimate
    share, base = estimate.value, estimate.base
    return {
        "estimate": share,
        "se": sqrt(share * (1 - share) / base),
        "wilson": list(intervals.wilson(share, base)),
        "clopper_pearson": list(intervals.clopper_pearson(share, base)),
        "jeffreys": list(intervals.jeffreys(share, base)),
    }


def _write_weighted(taken: Taken, fpc: bool) -> Record:
    """Keys of a weighted share; those that a variance of 0 leaves without meaning are left out."""
    estimate, precise = taken.estimate, taken.precise
    assert precise is not None
    share, error, df = estimate.value, precise.standard_error, precise.df
    record: Record = {"weighted_base": estimate.weighted_base, "estimate": share}
    if error is not None:
        record["se"] = error
    record |= {
        "df": df,
        "n_eff_kish": estimate.effective_base,
        "deff_kish": estimate.design_effect,
        "wilson_kish": [estimate.low, estimate.high],
    }
    if not error or df < 1 or not 0 < share < 1:
        return record
    base = share * (1 - share) / error**2
    record |= {
        "n_eff_linearised": base,
        "wald_t": list(intervals.wald(share, error, df)),
        "wilson_linearised_t": list(intervals.wilson(share, base, intervals.student(df))),
        "logit_t": list(intervals.logit(share, error, df)),
        "korn_graubard": list(intervals.korn_graubard(share, error, df, taken.interviews)),
        "korn_graubard_truncated": list(
            intervals.korn_graubard(share, error, df, taken.interviews, estimate.base)
        ),
    }
    if not fpc and estimate.base > 1:
        record["deff"] = error**2 / (share * (1 - share) / (estimate.base - 1))
    return record
