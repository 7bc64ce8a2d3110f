"""Planning a wave: how many interviews, what change they can show.

Shares and differences of shares are 0-1, sizes are interviews. All tests are two-sided at 5 %. The normal
approximation holds for random samples; for quotas it is an indication, by reference to a random draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, inf, sqrt
from statistics import NormalDist

from barometre.estimates.intervals import Z

#: beyond it a second wave is not attainable
LARGEST_SIZE = 1_000_000
NORMAL = NormalDist()
#: usual design effect of interviewers: 13 interviews are worth 10
INTERVIEWER_EFFECT = 1.3


def half_width(p: float, n: float, deff: float = 1) -> float:
    """z √(deff p (1 − p) / n): what stands on each side of a share of `n` interviews (Cochran 1977, §3.6)."""
    return Z * sqrt(deff * p * (1 - p) / n)


def precision_size(p: float, half_width: float, population: float | None = None, deff: float = 1) -> int:
    """Interviews that give a share `p` this half-width (Cochran 1977, §4.4).

    n0 = z² p (1 − p) / h² · deff, then n = ⌈n0 / (1 + (n0 − 1)/N)⌉ in a population of N persons.
    """
    infinite = Z * Z * p * (1 - p) / half_width**2 * deff
    return ceil(infinite if population is None else infinite / (1 + (infinite - 1) / population))


def power(p1: float, p2: float, n1: float, n2: float, deff: float = 1) -> float:
    """Chance (0-1) that the test shows a change from `p1` to `p2` (Fleiss, Levin & Paik 2003, ch. 4).

    Φ((|δ| − z s0)/s1) + Φ((−|δ| − z s0)/s1), with s0² = p̄(1 − p̄)(1/n1 + 1/n2), p̄ pooled with n1 and n2, and
    s1² = p1(1 − p1)/n1 + p2(1 − p2)/n2. Both sizes are divided by `deff`.
    """
    n1, n2 = n1 / deff, n2 / deff
    change = abs(p2 - p1)
    pooled = (p1 * n1 + p2 * n2) / (n1 + n2)
    s0 = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    s1 = sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    if s1 == 0:
        return float(change > Z * s0)
    return _both_tails(change / s1, Z * s0 / s1)


def second_wave_size(
    p1: float, p2: float, n1: float, power: float = 0.8, deff: float = 1, weighting: float = 1
) -> int | None:
    """Smallest second wave that shows a change from `p1` to `p2` with this power; None when none does.

    `weighting` is the design effect of unequal weights, which the first wave does not have. Power need not
    rise with n2: for a share near 0 or 1, and few interviews, p̄ moves faster than the rest. So no bisection:
    halves of 1…`LARGEST_SIZE` are left out only where an upper bound of the power in them is too low.
    """
    if p1 == p2:
        return None
    first = n1 / deff
    loss = deff * weighting

    def find(low: int, high: int) -> int | None:
        if _highest_power(p1, p2, first, low / loss, high / loss) < power:
            return None
        if low == high:
            return low
        middle = (low + high) // 2
        return find(low, middle) or find(middle + 1, high)

    return find(1, LARGEST_SIZE)


def equal_waves_size(p1: float, p2: float, power: float = 0.8) -> int | None:
    """Interviews in each of two equal waves, as R's `power.prop.test`: the far tail left out, rounded up.

    √n = (z √((p1 + p2)(1 − (p1 + p2)/2)) + z_power √(p1 q1 + p2 q2)) / |δ|; None without a change.
    """
    if p1 == p2:
        return None
    together = p1 + p2
    under_null = Z * sqrt(together * (1 - together / 2))
    under_change = NORMAL.inv_cdf(power) * sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return ceil(((under_null + under_change) / abs(p2 - p1)) ** 2)


def minimum_detectable(
    p1: float, n1: float, n2: float, deff: float = 1, power: float = 0.8
) -> tuple[float | None, float | None]:
    """Smallest rise and smallest fall shown with this power; None for a side that would leave 0-1."""
    return _smallest_rise(p1, n1, n2, deff, power), _smallest_rise(1 - p1, n1, n2, deff, power)


def weighting_effect(interviews: Mapping[str, int], persons: Mapping[str, float]) -> float:
    """Kish's design effect of bringing the quartiers to their population: n Σ (N_q/N)² / n_q."""
    n, everybody = sum(interviews.values()), sum(persons[quartier] for quartier in interviews)
    return n * sum((persons[quartier] / everybody) ** 2 / own for quartier, own in interviews.items())


def round_points_up(difference: float) -> int:
    """A difference of shares in whole points, upwards: from there on it is shown, a point below it is not."""
    return ceil(100 * difference - 1e-6)


def _both_tails(change: float, bar: float) -> float:
    """The power, from the change and the bar it must pass, in standard errors of the difference."""
    return NORMAL.cdf(change - bar) + NORMAL.cdf(-change - bar)


def _highest_power(p1: float, p2: float, n1: float, low: float, high: float) -> float:
    """An upper bound of the power for low ≤ n2 ≤ high; the power itself when they are equal.

    With w = n2/(n1 + n2), which rises with n2: s1 falls, hence |δ|/s1 ≤ its value at `high`; and
    (s0/s1)² = p̄(1 − p̄) / (w p1 q1 + (1 − w) p2 q2), whose numerator is concave in w and whose denominator
    is linear, so that each is bounded by its values at both ends. Power rises with the first, falls with the
    second.
    """
    if low == high:
        return power(p1, p2, n1, low)
    v1, v2 = p1 * (1 - p1), p2 * (1 - p2)
    weights = low / (n1 + low), high / (n1 + high)
    pooled = [p1 + w * (p2 - p1) for w in weights]
    largest = max(w * v1 + (1 - w) * v2 for w in weights)
    s1 = sqrt(v1 / n1 + v2 / high)
    bar = Z * sqrt(min(p * (1 - p) for p in pooled) / largest) if largest else 0.0
    return _both_tails(abs(p2 - p1) / s1 if s1 else inf, bar)


def _smallest_rise(p1: float, n1: float, n2: float, deff: float, target: float) -> float | None:
    """By bisection: from a power of 50 % on, a larger change has the larger one (tests try it out)."""
    if not 0.5 <= target < 1:
        raise ValueError("power is 0.5 or more, below 1")
    low, high = 0.0, 1 - p1
    if power(p1, 1.0, n1, n2, deff) < target:
        return None
    while high - low > 1e-12:
        middle = (low + high) / 2
        if power(p1, p1 + middle, n1, n2, deff) < target:
            low = middle
        else:
            high = middle
    return high
