"""Wave minus wave: the interval of a difference, its test, the envelope over a rounded past, one verdict."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import NormalDist

from barometre.estimates.proportions import Estimate, wilson

#: a change is shown when the adjusted p is below it
LEVEL = 0.05

UP, DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE = "up", "down", "no_change_shown", "not_comparable"


def newcombe(first: float, first_base: float, second: float, second_base: float) -> tuple[float, float]:
    """Limits of second − first from two Wilson intervals (Newcombe 1998, method 10; MOVER)."""
    low1, high1 = wilson(first, first_base)
    low2, high2 = wilson(second, second_base)
    difference = second - first
    return (
        difference - sqrt((second - low2) ** 2 + (high1 - first) ** 2),
        difference + sqrt((high2 - second) ** 2 + (first - low1) ** 2),
    )


def miettinen_nurminen_p(first: float, first_base: float, second: float, second_base: float) -> float:
    """Two-sided p-value of no difference (Miettinen & Nurminen 1985), variance inflated by N/(N − 1).

    At a difference of 0 the constrained estimate is the pooled share. 0 against 0 (or 1 against 1) gives 1.
    """
    total = first_base + second_base
    pooled = (first * first_base + second * second_base) / total
    variance = pooled * (1 - pooled) * (1 / first_base + 1 / second_base) * total / (total - 1)
    if variance <= 0:
        return 1.0
    return min(2 * NormalDist().cdf(-abs(second - first) / sqrt(variance)), 1.0)


def holm(p_values: Mapping[Hashable, float]) -> dict[Hashable, float]:
    """Adjusted p-values that bound the chance of any false alarm (Holm 1979)."""
    adjusted: dict[Hashable, float] = {}
    highest = 0.0
    ordered = sorted(p_values.items(), key=lambda pair: pair[1])
    for rank, (key, p) in enumerate(ordered):
        highest = max(highest, min(1.0, (len(ordered) - rank) * p))
        adjusted[key] = highest
    return adjusted


def benjamini_hochberg(p_values: Mapping[Hashable, float]) -> dict[Hashable, float]:
    """Adjusted p-values that bound the share of false alarms (Benjamini & Hochberg 1995)."""
    adjusted: dict[Hashable, float] = {}
    lowest = 1.0
    ordered = sorted(p_values.items(), key=lambda pair: pair[1])
    for rank in range(len(ordered), 0, -1):
        key, p = ordered[rank - 1]
        lowest = min(lowest, p * len(ordered) / rank)
        adjusted[key] = lowest
    return adjusted


@dataclass(frozen=True)
class Envelope:
    """Second minus first over every count that can lie behind the first; differences are -1…1."""

    #: smallest and largest difference
    difference: tuple[float, float]
    #: lowest and highest limit of the intervals
    low: float
    high: float
    #: smallest and largest p-value
    p_low: float
    p_high: float
    #: how many of the feasible counts give an interval above 0, below 0, and in all
    above: int
    below: int
    size: int

    @property
    def direction(self) -> str | None:
        """`UP` or `DOWN` when every interval lies on that side of 0."""
        if self.above == self.size:
            return UP
        return DOWN if self.below == self.size else None


def envelop(feasible: Sequence[tuple[int, int]], second: Estimate) -> Envelope | None:
    """Envelope of `second` against every feasible (x, m); None when no count is feasible."""
    if not feasible:
        return None
    intervals, p_values, differences = [], [], []
    for x, m in feasible:
        share = x / m
        intervals.append(newcombe(share, m, second.value, second.effective_base))
        p_values.append(miettinen_nurminen_p(share, m, second.value, second.effective_base))
        differences.append(second.value - share)
    return Envelope(
        difference=(min(differences), max(differences)),
        low=min(low for low, _ in intervals),
        high=max(high for _, high in intervals),
        p_low=min(p_values),
        p_high=max(p_values),
        above=sum(low > 0 for low, _ in intervals),
        below=sum(high < 0 for _, high in intervals),
        size=len(intervals),
    )


@dataclass(frozen=True)
class Comparison:
    """One item and domain, ready for its verdict."""

    #: named before fieldwork: Holm; the others: Benjamini-Hochberg
    key: bool
    #: "" or the id of the sentence that forbids the comparison
    blocked: str
    #: second wave brought to the first one's composition (for a quartier: unweighted)
    like_for_like: Envelope | None = None
    #: second wave raked to the population
    raked: Envelope | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Verdict:
    """What may be said of a change."""

    #: `UP`, `DOWN`, `NO_CHANGE_SHOWN` or `NOT_COMPARABLE`
    word: str
    #: why no change is shown ("rounding", "weighting", "multiplicity") or what forbids the comparison
    reasons: tuple[str, ...]
    #: like for like; None when not comparable
    envelope: Envelope | None
    #: adjusted p-values, like for like and raked
    p_adjusted: tuple[float, float] | None
    #: with the second wave raked to the population
    raked: Envelope | None = field(default=None, compare=False)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lowest and highest limit over the feasible counts and both weightings."""
        if self.envelope is None or self.raked is None:
            return None
        return min(self.envelope.low, self.raked.low), max(self.envelope.high, self.raked.high)


def decide(comparisons: Mapping[Hashable, Comparison]) -> dict[Hashable, Verdict]:
    """The verdict of every comparison of two waves, corrected for their number.

    Up or down when, under both weightings, every interval over the feasible counts lies on that side of 0
    and the adjusted p-value (of the largest one over them) is below 0.05.
    """
    open_ones = {
        key: found
        for key, found in comparisons.items()
        if not found.blocked and found.like_for_like is not None and found.raked is not None
    }
    adjusted: list[dict[Hashable, float]] = []
    for weighting in ("like_for_like", "raked"):
        p_values = {key: getattr(found, weighting).p_high for key, found in open_ones.items()}
        adjusted.append(
            holm({key: p for key, p in p_values.items() if open_ones[key].key})
            | benjamini_hochberg({key: p for key, p in p_values.items() if not open_ones[key].key})
        )
    verdicts: dict[Hashable, Verdict] = {}
    for key, found in comparisons.items():
        if key not in open_ones:
            verdicts[key] = Verdict(NOT_COMPARABLE, (found.blocked or "no_figure",), None, None)
            continue
        verdicts[key] = _judge(found, adjusted[0][key], adjusted[1][key])
    return verdicts


def _judge(found: Comparison, p_like: float, p_raked: float) -> Verdict:
    like, raked = found.like_for_like, found.raked
    assert like is not None
    assert raked is not None
    if like.direction and like.direction == raked.direction and max(p_like, p_raked) < LEVEL:
        return Verdict(like.direction, (), like, (p_like, p_raked), raked)
    reasons = []
    if any(not side.direction and side.above + side.below > 0 for side in (like, raked)):
        reasons.append("rounding")
    shown = (like.direction if p_like < LEVEL else None, raked.direction if p_raked < LEVEL else None)
    if shown[0] != shown[1]:
        reasons.append("weighting")
    if like.direction and like.direction == raked.direction and "weighting" not in reasons:
        reasons.append("multiplicity")
    return Verdict(NO_CHANGE_SHOWN, tuple(reasons), like, (p_like, p_raked), raked)
