"""Intervals and tests of shares by another road: scipy's distributions and numerical roots."""

import math
from functools import cache
from typing import Any

import numpy as np
from scipy import special, stats
from scipy.optimize import brentq

Limits = tuple[float, float]
LEVEL = 0.95
Z = float(stats.norm.ppf(0.5 + LEVEL / 2))


def wilson(p: float, n: float, z: float = Z) -> Limits:
    """Solve |p - π| = z √(π(1 - π)/n) for π; a sample without limit leaves the share itself."""
    if math.isinf(n):
        return p, p
    # (1 + a) π² - (2p + a) π + p² = 0: each end without a difference of near numbers.
    a = z * z / n
    half, root = p + a / 2, math.sqrt(max(0.0, a * p * (1 - p) + a * a / 4))
    low = p * p / (half + root) if p else 0.0
    q = 1 - p
    high = 1 - q * q / (q + a / 2 + root) if q else 1.0
    return low, high


@cache
def clopper_pearson(x: float, n: float) -> Limits:
    """Beta quantiles; `x` and `n` need not be whole (Korn-Graubard)."""
    tail = (1 - LEVEL) / 2
    low = 0.0 if x <= 0 else float(stats.beta.ppf(tail, x, n - x + 1))
    high = 1.0 if x >= n else float(stats.beta.isf(tail, x + 1, n - x))
    return low, high


@cache
def jeffreys(x: int, n: int) -> Limits:
    """Beta(x + ½, n - x + ½), closed at the ends."""
    a, b, tail = x + 0.5, n - x + 0.5, (1 - LEVEL) / 2
    low, high = float(stats.beta.ppf(tail, a, b)), float(stats.beta.isf(tail, a, b))
    return (0.0 if x == 0 else low), (1.0 if x == n else high)


def newcombe(p1: float, n1: float, p2: float, n2: float) -> Limits:
    """Square and add (method 10)."""
    (l1, u1), (l2, u2) = wilson(p1, n1), wilson(p2, n2)
    d = p2 - p1
    return d - math.hypot(p2 - l2, u1 - p1), d + math.hypot(u2 - p2, p1 - l1)


def constrained(p1: float, n1: float, p2: float, n2: float, delta: float) -> float:
    """The likeliest first share when the second is `delta` higher: the root of a decreasing derivative."""
    low, high = max(0.0, -delta), min(1.0, 1 - delta)
    if not high - low > 1e-15:
        return (low + high) / 2

    def slope(p: float) -> float:
        q = p + delta
        # The derivative times p(1 - p)q(1 - q), which has no pole.
        return n1 * (p1 - p) * q * (1 - q) + n2 * (p2 - q) * p * (1 - p)

    # Just inside the ends the derivative has its true sign; at the ends the product vanishes.
    step = (high - low) * 1e-13
    inside = low + step, high - step
    if slope(inside[0]) <= 0:
        return low
    if slope(inside[1]) >= 0:
        return high
    return float(brentq(slope, *inside, xtol=1e-16, rtol=1e-15, maxiter=200))


def score(p1: float, n1: float, p2: float, n2: float, delta: float) -> float:
    """Miettinen and Nurminen's χ² of a difference `delta`."""
    gap = p2 - p1 - delta
    if gap == 0:
        return 0.0
    p = constrained(p1, n1, p2, n2, delta)
    q, total = p + delta, n1 + n2
    variance = (p * (1 - p) / n1 + q * (1 - q) / n2) * total / (total - 1)
    return gap * gap / variance if variance > 0 else math.inf


def miettinen_nurminen(p1: float, n1: float, p2: float, n2: float) -> Limits:
    """The differences that the score does not reject."""
    d = p2 - p1

    def cross(end: float) -> float:
        if abs(d - end) < 1e-12:
            return end
        inner = end * (1 - 1e-14)
        if score(p1, n1, p2, n2, inner) < Z * Z:
            return end
        return float(brentq(lambda x: min(score(p1, n1, p2, n2, x), 1e9) - Z * Z, d, inner, xtol=1e-13))

    return cross(-1.0), cross(1.0)


def p_score(p1: float, n1: float, p2: float, n2: float) -> float:
    """Probability of the score at no difference."""
    return float(special.chdtrc(1, score(p1, n1, p2, n2, 0.0)))


def two_by_two(x1: int, n1: int, x2: int, n2: int) -> dict[str, Any]:
    """Every comparison of two plain counts."""
    p1, p2 = x1 / n1, x2 / n2
    table = np.array([[x1, n1 - x1], [x2, n2 - x2]])
    found: dict[str, Any] = {
        "difference": p2 - p1,
        "newcombe": newcombe(p1, n1, p2, n2),
        "miettinen_nurminen": miettinen_nurminen(p1, n1, p2, n2),
        "p_miettinen_nurminen": p_score(p1, n1, p2, n2),
        "p_fisher": float(stats.fisher_exact(table).pvalue),
    }
    if table.sum(axis=0).all():
        found["p_chi2_pooled"] = float(stats.chi2_contingency(table, correction=False).pvalue)
    return found


def one_sample(x: int, n: int) -> dict[str, Any]:
    """Every interval of one plain count."""
    return {
        "estimate": x / n,
        "wilson": wilson(x / n, n),
        "clopper_pearson": clopper_pearson(x, n),
        "jeffreys": jeffreys(x, n),
    }


def adjusted(values: list[float]) -> list[tuple[float, float]]:
    """Holm and Benjamini-Hochberg by their definitions: for each p, an extremum over the others."""
    m = len(values)
    rank = sorted(range(m), key=values.__getitem__)
    place = {index: at + 1 for at, index in enumerate(rank)}
    return [
        (
            min(1.0, max((m - place[j] + 1) * values[j] for j in rank if place[j] <= place[i])),
            min(1.0, min(m / place[j] * values[j] for j in rank if place[j] >= place[i])),
        )
        for i in range(m)
    ]


def feasible(percent: int, interviews: int, base_min: int) -> list[list[int]]:
    """The counts behind a printed percentage."""
    found = []
    for m in range(max(base_min, 1), interviews + 1):
        found += [[x, m] for x in range(m + 1) if (200 * x + m) // (2 * m) == percent]
    return found


def suppressed(base: dict[str, int]) -> dict[str, Any]:
    """What is hidden among quartiers and their total."""
    status = {name: "no_base" if m == 0 else "primary" if m < 11 else "published" for name, m in base.items()}
    total = sum(base.values())
    if 0 < total < 11:
        return {"quartiers": status, "total": "primary"}
    while hidden := [m for name, m in base.items() if status[name] in ("primary", "complementary")]:
        still = sorted((m, name) for name, m in base.items() if status[name] == "published")
        if not still or (len(hidden) > 1 and sum(hidden) >= 11):
            break
        status[still[0][1]] = "complementary"
    return {"quartiers": status, "total": "published" if total else "no_base"}
