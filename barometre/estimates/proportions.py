"""Shares with their interval: Wilson on Kish's effective base."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

#: two-sided 95 %
Z = NormalDist().inv_cdf(0.975)


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

    @property
    def design_effect(self) -> float:
        """Base over effective base: 1 when all weights are equal."""
        return self.base / self.effective_base


def wilson(share: float, base: float, z: float = Z) -> tuple[float, float]:
    """Wilson score interval (Wilson 1927); `base` may be an effective one, not whole."""
    centre = share + z * z / (2 * base)
    half = z * sqrt(share * (1 - share) / base + z * z / (4 * base * base))
    scale = 1 + z * z / base
    low, high = (centre - half) / scale, (centre + half) / scale
    # At 0 and 1 the limit is exact; the formula leaves a rounding error there.
    return (0.0 if share <= 0 else max(low, 0.0)), (1.0 if share >= 1 else min(high, 1.0))


def estimate_share(
    favourable: npt.NDArray[np.int64],
    base: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64] | None = None,
) -> Estimate | None:
    """Share from counts per weighting cell, shapes (C,); None when nobody is in the base.

    p = Σ w x / Σ w m and n_eff = (Σ w m)² / Σ w² m (Kish 1965).
    """
    people = int(base.sum())
    if people == 0:
        return None
    w = np.ones(len(base)) if weights is None else weights
    weighted = float((w * base).sum())
    effective = weighted**2 / float((w * w * base).sum())
    if weights is None:
        effective = float(people)
    value = min(max(float((w * favourable).sum()) / weighted, 0.0), 1.0)
    low, high = wilson(value, effective)
    return Estimate(value, low, high, people, int(favourable.sum()), effective)
