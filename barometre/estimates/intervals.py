"""Intervals of a share: Wilson by default, and what a statistician may ask for beside it.

Shares and limits are 0-1. A base may be an effective one, not whole. The default needs the normal quantile
alone; the others take Student and beta quantiles from scipy, loaded when asked for.
"""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
#: (low, high)
Interval = tuple[float, float]

CONFIDENCE = 0.95
#: two-sided 95 %
Z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)


def wilson(share: float, base: float, z: float = Z) -> Interval:
    """Score interval (Wilson 1927); exists at 0 and at 1. `z` may be a Student quantile."""
    centre = share + z * z / (2 * base)
    half = z * sqrt(share * (1 - share) / base + z * z / (4 * base * base))
    scale = 1 + z * z / base
    low, high = (centre - half) / scale, (centre + half) / scale
    # At 0 and 1 the limit is exact; the formula leaves a rounding error there.
    return (0.0 if share <= 0 else max(low, 0.0)), (1.0 if share >= 1 else min(high, 1.0))


def wilson_each(shares: FloatArray, bases: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`wilson` of many shares at once, shapes (N,): low limits and high ones."""
    centre = shares + Z * Z / (2 * bases)
    half = Z * np.sqrt(shares * (1 - shares) / bases + Z * Z / (4 * bases * bases))
    scale = 1 + Z * Z / bases
    low = np.where(shares <= 0, 0.0, np.maximum((centre - half) / scale, 0.0))
    return low, np.where(shares >= 1, 1.0, np.minimum((centre + half) / scale, 1.0))


def student(df: float) -> float:
    """Two-sided 95 % quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - (1 - CONFIDENCE) / 2))


def student_p(t: float, df: float) -> float:
    """Two-sided p-value of Student's t."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def wald(share: float, error: float, df: float) -> Interval:
    """Value ± t·se (may leave 0-1)."""
    half = student(df) * error
    return share - half, share + half


def logit(share: float, error: float, df: float) -> Interval:
    """The same on the logit scale (R `svyciprop(method = "logit")`)."""
    centre, half = log(share / (1 - share)), student(df) * error / (share * (1 - share))
    return 1 / (1 + exp(half - centre)), 1 / (1 + exp(-half - centre))


def clopper_pearson(share: float, base: float) -> Interval:
    """Exact binomial interval (Clopper & Pearson 1934), for a base that need not be whole."""
    from scipy.special import betaincinv

    tail, favourable = (1 - CONFIDENCE) / 2, share * base
    others = base - favourable
    low = float(betaincinv(favourable, others + 1, tail)) if share > 0 else 0.0
    high = float(betaincinv(favourable + 1, others, 1 - tail)) if share < 1 else 1.0
    return low, high


def jeffreys(share: float, base: float) -> Interval:
    """Beta(½, ½) prior; its limit is 0 at 0 and 1 at 1 (Brown, Cai & DasGupta 2001)."""
    from scipy.special import betaincinv

    tail, a, b = (1 - CONFIDENCE) / 2, share * base + 0.5, (1 - share) * base + 0.5
    low = float(betaincinv(a, b, tail)) if share > 0 else 0.0
    high = float(betaincinv(a, b, 1 - tail)) if share < 1 else 1.0
    return low, high


def korn_graubard(
    share: float, error: float, df: float, interviews: int, at_most: float | None = None
) -> Interval:
    """Clopper-Pearson on the effective base p(1 − p)/se², scaled by (t₍n−1₎/t₍df₎)² (Korn & Graubard 1998).

    `interviews` is n, those of the domain; `at_most` truncates the effective base (NCHS 2017).
    """
    base = share * (1 - share) / error**2 * (student(interviews - 1) / student(df)) ** 2
    return clopper_pearson(share, base if at_most is None else min(base, at_most))
