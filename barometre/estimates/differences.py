"""Two shares: the interval of their difference and its tests. Second minus first, -1 to 1.

Bases may be effective ones, not whole, except for Fisher's test.
"""

from __future__ import annotations

from math import acos, copysign, cos, erfc, hypot, pi, sqrt

import numpy as np

from barometre.estimates.intervals import FloatArray, Interval, Z, wilson, wilson_each

#: half-width at which the search for a limit ends
CLOSE_ENOUGH = 1e-13
#: Fisher's test counts tables as likely as the one found, but for rounding (R `fisher.test`)
AS_LIKELY = 1 + 1e-7


def newcombe(first: float, first_base: float, second: float, second_base: float) -> Interval:
    """Limits of second − first from two Wilson intervals (Newcombe 1998, method 10; MOVER)."""
    low1, high1 = wilson(first, first_base)
    low2, high2 = wilson(second, second_base)
    difference = second - first
    return difference - hypot(second - low2, high1 - first), difference + hypot(high2 - second, first - low1)


def newcombe_each(
    firsts: FloatArray, first_bases: FloatArray, seconds: FloatArray, second_bases: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """`newcombe` of many pairs at once, shapes (N,): low limits and high ones."""
    low1, high1 = wilson_each(firsts, first_bases)
    low2, high2 = wilson_each(seconds, second_bases)
    difference = seconds - firsts
    low = difference - np.hypot(seconds - low2, high1 - firsts)
    return low, difference + np.hypot(high2 - seconds, firsts - low1)


def miettinen_nurminen_p(first: float, first_base: float, second: float, second_base: float) -> float:
    """Two-sided p-value of no difference (Miettinen & Nurminen 1985), variance inflated by N/(N − 1).

    At a difference of 0 the constrained estimate is the pooled share. 0 against 0 (or 1 against 1) gives 1.
    """
    total = first_base + second_base
    pooled = (first * first_base + second * second_base) / total
    variance = pooled * (1 - pooled) * (1 / first_base + 1 / second_base) * total / (total - 1)
    return two_sided(abs(second - first) / sqrt(variance)) if variance > 0 else 1.0


def miettinen_nurminen_scores(
    firsts: FloatArray, first_bases: FloatArray, seconds: FloatArray, second_bases: FloatArray
) -> FloatArray:
    """Scores whose `two_sided` p-values are `miettinen_nurminen_p` of many pairs at once, shapes (N,)."""
    total = first_bases + second_bases
    pooled = (firsts * first_bases + seconds * second_bases) / total
    variance = pooled * (1 - pooled) * (1 / first_bases + 1 / second_bases) * total / (total - 1)
    return np.abs(seconds - firsts) / np.sqrt(np.where(variance > 0, variance, np.inf))


def two_sided(score: float) -> float:
    """p-value of a normal score; it falls as the score grows."""
    return erfc(score / sqrt(2))


def miettinen_nurminen(first: float, first_base: float, second: float, second_base: float) -> Interval:
    """Limits of second − first: the differences that the same score test does not reject."""
    difference = second - first

    def rejects(supposed: float) -> bool:
        variance = _score_variance(first, first_base, second, second_base, supposed)
        distance = abs(difference - supposed)
        return distance > Z * sqrt(variance) if variance > 0 else distance > 0

    def search(end: float) -> float:
        # The score grows from 0 at the estimate to the end of the scale.
        inside, outside = difference, end
        while abs(outside - inside) > CLOSE_ENOUGH:
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejects(middle) else (middle, outside)
        return outside

    return max(search(-1.0), -1.0), min(search(1.0), 1.0)


def _score_variance(
    first: float, first_base: float, second: float, second_base: float, supposed: float
) -> float:
    """Variance of second − first where their true difference is `supposed`, inflated by N/(N − 1).

    The constrained shares solve the cubic of the paper's appendix in closed form; its groups 1 and 2 are the
    second and the first one here.
    """
    n1, n2 = second_base, first_base
    c1, c2 = second * n1, first * n2
    total, favourable = n1 + n2, c1 + c2
    a = ((n1 + 2 * n2) * supposed - total - favourable) / (3 * total)
    b = ((n2 * supposed - total - 2 * c2) * supposed + favourable) / (3 * total)
    q = a**3 - 1.5 * a * b + c2 * supposed * (1 - supposed) / (2 * total)
    p = copysign(sqrt(max(a * a - b, 0.0)), q)
    angle = (pi + acos(min(max(q / p**3, -1.0), 1.0))) / 3 if p else pi / 2
    share2 = min(max(2 * p * cos(angle) - a, 0.0), 1.0)
    share1 = min(max(share2 + supposed, 0.0), 1.0)
    variance = share1 * (1 - share1) / n1 + share2 * (1 - share2) / n2
    return variance * total / (total - 1)


def pooled_chi2_p(first: float, first_base: float, second: float, second_base: float) -> float | None:
    """Two-sided p-value of Pearson's test without continuity correction; None where it does not exist."""
    pooled = (first * first_base + second * second_base) / (first_base + second_base)
    variance = pooled * (1 - pooled) * (1 / first_base + 1 / second_base)
    if variance <= 0:
        return None
    return two_sided(abs(second - first) / sqrt(variance))


def fisher_p(first: int, first_base: int, second: int, second_base: int) -> float:
    """Two-sided p-value of Fisher's exact test: all tables at most as likely as the one found."""
    favourable = first + second
    lowest, highest = max(0, favourable - second_base), min(first_base, favourable)
    x = np.arange(lowest, highest)
    # Each hypergeometric probability over the one before it.
    more = np.log(favourable - x) + np.log(first_base - x)
    less = np.log(x + 1) + np.log(second_base - favourable + x + 1)
    logs = np.concatenate([[0.0], np.cumsum(more - less)])
    likely = np.exp(logs - logs.max())
    as_likely = likely <= likely[first - lowest] * AS_LIKELY
    return min(float(likely[as_likely].sum() / likely.sum()), 1.0)
