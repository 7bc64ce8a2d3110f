"""Shares with their interval: Wilson on Kish's effective base."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barometre.estimates.counts import Counts
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
    used = w[base > 0]
    return _write_estimate(
        favourable=int(favourable.sum()),
        base=people,
        weighted_favourable=float((w * favourable).sum()),
        weighted_base=float((w * base).sum()),
        squares=None if (used == used[0]).all() else float((w * w * base).sum()),
        sampled=sampled,
    )


class Shares:
    """Every share of one group of people, as `estimate_share` gives it: the sums over cells are made once."""

    def __init__(self, counts: Counts, weights: npt.NDArray[np.float64] | None = None) -> None:
        """`weights`, shape (C,), are those of the cells of `counts`; None gives everybody the same."""
        self._position, self._slots = counts.position, counts.slots
        self._people = counts.people.tolist()
        self._base = counts.bases.sum(axis=0).tolist()
        if weights is None:
            self._weighted, self._weighted_base = self._people, self._base
            self._squares, self._equal = self._base, [True] * len(self._base)
            return
        w, expressed = weights, counts.bases
        of_used = np.where(expressed > 0, w[:, np.newaxis], np.nan)
        self._weighted = np.tensordot(w, counts.n, axes=1).tolist()
        self._weighted_base = (w @ expressed).tolist()
        self._squares = ((w * w) @ expressed).tolist()
        self._equal = (
            np.fmin.reduce(of_used, initial=np.inf) >= np.fmax.reduce(of_used, initial=-np.inf)
        ).tolist()

    def value(self, item: str, codes: Iterable[int]) -> float:
        """The value of `estimate` alone, where there are answers."""
        place = self._position[item]
        weighted, slots = self._weighted[place], self._slots
        return _divide(sum([weighted[slots[code]] for code in codes]), self._weighted_base[place])

    def estimate(self, item: str, codes: Iterable[int]) -> Estimate | None:
        """Share of the expressed answers to `item` that are one of `codes`; None when there is no answer."""
        place = self._position[item]
        if not self._base[place]:
            return None
        slots = [self._slots[code] for code in codes]
        people, weighted = self._people[place], self._weighted[place]
        return _write_estimate(
            favourable=sum([people[slot] for slot in slots]),
            base=self._base[place],
            weighted_favourable=sum([weighted[slot] for slot in slots]),
            weighted_base=self._weighted_base[place],
            squares=None if self._equal[place] else self._squares[place],
        )


def _write_estimate(
    *,
    favourable: int,
    base: int,
    weighted_favourable: float,
    weighted_base: float,
    squares: float | None,
    sampled: float = 0.0,
) -> Estimate:
    """`squares` is Σ w² m; None where all weights are equal: whatever their size, the base stays as it is."""
    effective = float(base) if squares is None else weighted_base**2 / squares
    value = _divide(weighted_favourable, weighted_base)
    low, high = (value, value) if sampled >= 1 else wilson(value, effective / (1 - sampled))
    return Estimate(value, low, high, base, favourable, effective, weighted_base)


def _divide(part: float, whole: float) -> float:
    """A share; weights that do not add up exactly never leave 0-1."""
    return min(max(part / whole, 0.0), 1.0)


def silent_bounds(favourable: int, expressed: int, silent: int) -> tuple[float, float] | None:
    """Shares of everybody asked, if those without opinion were all against, all for (Manski 1989)."""
    asked = expressed + silent
    return (favourable / asked, (favourable + silent) / asked) if asked else None
