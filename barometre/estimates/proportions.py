"""Shares with their interval: Wilson on Kish's effective base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barometre.estimates.intervals import wilson


@dataclass(frozen=True)
class Estimate:
    """A share and what it rests on; shares are 0-1."""

    value: float
    #: limits of the 95 % interval
    low: float
    high: float
    #: unweighted number of people behind it
    base: int
    #: unweighted number among them that gave one of the codes
    favourable: int
    #: Kish's effective base, (Σw)² / Σw²
    effective_base: float
    #: Σw over the base: the persons they stand for
    weighted_base: float

    @property
    def design_effect(self) -> float:
        """Base over effective base: 1 when all weights are equal."""
        return self.base / self.effective_base


def estimate_share(
    favourable: npt.NDArray[np.int64],
    base: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64] | None = None,
    sampled: float = 0.0,
) -> Estimate | None:
    """Share from counts per weighting cell, shapes (C,); None when nobody is in the base.

    p = Σ w x / Σ w m and n_eff = (Σ w m)² / Σ w² m (Kish 1965). `sampled` is n/N of the domain: the finite
    population correction widens the base of the interval to n_eff / (1 − n/N) (Cochran 1977, 2.8), off by
    default because a quota sample with refusals has not earned it.
    """
    people = int(base.sum())
    if people == 0:
        return None
    w = np.ones(len(base)) if weights is None else weights
    weighted = float((w * base).sum())
    # Equal weights, whatever their size, leave the base as it is.
    used = w[base > 0]
    equal = bool((used == used[0]).all())
    effective = float(people) if equal else weighted**2 / float((w * w * base).sum())
    value = min(max(float((w * favourable).sum()) / weighted, 0.0), 1.0)
    low, high = (value, value) if sampled >= 1 else wilson(value, effective / (1 - sampled))
    return Estimate(value, low, high, people, int(favourable.sum()), effective, weighted)


def silent_bounds(favourable: int, expressed: int, silent: int) -> tuple[float, float] | None:
    """Shares of everybody asked, if those without opinion were all against, all for (Manski 1989)."""
    asked = expressed + silent
    return (favourable / asked, (favourable + silent) / asked) if asked else None
