"""Wave minus wave: the interval of a difference, its test, the envelope over a rounded past, one verdict."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from barometre.estimates.differences import miettinen_nurminen_scores, newcombe_each, two_sided
from barometre.estimates.multiplicity import benjamini_hochberg, holm
from barometre.estimates.proportions import Estimate

#: a change is shown when the adjusted p is below it
LEVEL = 0.05

UP, DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE = "up", "down", "no_change_shown", "not_comparable"


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


#: counts (x, m) that can lie behind a first share, and the second one
Pair = tuple[Sequence[tuple[int, int]], Estimate | None]


def envelop(feasible: Sequence[tuple[int, int]], second: Estimate) -> Envelope | None:
    """Envelope of `second` against every feasible (x, m); None when no count is feasible."""
    return envelop_each([(feasible, second)])[0]


def envelop_each(pairs: Sequence[Pair]) -> list[Envelope | None]:
    """`envelop` of many pairs at once; None where no count is feasible or there is no second share."""
    whole = [(feasible, second) for feasible, second in pairs if feasible and second]
    found = iter(_envelop_whole(whole) if whole else [])
    return [next(found) if feasible and second else None for feasible, second in pairs]


def _envelop_whole(pairs: Sequence[tuple[Sequence[tuple[int, int]], Estimate]]) -> Iterator[Envelope]:
    sizes = np.array([len(feasible) for feasible, _ in pairs])
    starts = np.concatenate([[0], np.cumsum(sizes[:-1])])
    x, m = np.array([count for feasible, _ in pairs for count in feasible], dtype=float).T
    shares, values = x / m, np.array([second.value for _, second in pairs])
    seconds, bases = np.repeat([values, [second.effective_base for _, second in pairs]], sizes, axis=1)
    low, high = newcombe_each(shares, m, seconds, bases)
    scores = miettinen_nurminen_scores(shares, m, seconds, bases)

    def reduce(by: np.ufunc, numbers: npt.NDArray[Any]) -> list[Any]:
        found: list[Any] = by.reduceat(numbers, starts).tolist()
        return found

    rows = zip(
        (values - reduce(np.maximum, shares)).tolist(),
        (values - reduce(np.minimum, shares)).tolist(),
        reduce(np.minimum, low),
        reduce(np.maximum, high),
        reduce(np.maximum, scores),
        reduce(np.minimum, scores),
        reduce(np.add, (low > 0).astype(int)),
        reduce(np.add, (high < 0).astype(int)),
        sizes.tolist(),
        strict=True,
    )
    for least, most, lowest, highest, farthest, nearest, above, below, size in rows:
        p_low, p_high = two_sided(farthest), two_sided(nearest)
        yield Envelope((least, most), lowest, highest, p_low, p_high, above, below, size)


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
    if like.direction and like.direction == raked.direction:
        # Every interval tells a change: nothing but the number of comparisons speaks against it.
        return Verdict(NO_CHANGE_SHOWN, ("multiplicity",), like, (p_like, p_raked), raked)
    reasons = []
    if any(not side.direction and side.above + side.below > 0 for side in (like, raked)):
        reasons.append("rounding")
    shown = (like.direction if p_like < LEVEL else None, raked.direction if p_raked < LEVEL else None)
    if shown[0] != shown[1]:
        reasons.append("weighting")
    return Verdict(NO_CHANGE_SHOWN, tuple(reasons), like, (p_like, p_raked), raked)
