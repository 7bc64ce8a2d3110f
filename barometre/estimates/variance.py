"""Linearised variance of weighted shares and means, from counts per cell.

Stratified by quartier, with the residuals of the regression on what the weights were calibrated to
(Deville & Särndal 1992; Deville 1999). Regressors are constant inside a cell, so counts are enough:
Σ_c e = s1 − n x'B and Σ_c e² = s2 − 2 x'B s1 + n (x'B)², where s1 and s2 are the cell's sums of the
linearised variable and of its square.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
import numpy.typing as npt

from barometre.estimates.margins import FloatArray, StrArray
from barometre.estimates.weights import Weighting

#: below, a variance is the rounding of its sums
NOTHING = 1e-9


@dataclass(frozen=True)
class Precise:
    """A weighted share (0-1) or mean (in the item's units)."""

    value: float
    #: None where it is undefined: a quartier of one interview
    standard_error: float | None
    #: interviews of the domain less its quartiers
    df: int


@dataclass(frozen=True)
class Sample:
    """The interviews of one wave under one weighting. Shapes: (C,)."""

    quartier: StrArray
    interviews: npt.NDArray[np.int64]
    weighting: Weighting
    #: quartier → n/N, for the finite population correction
    sampled: Mapping[str, float] | None = None

    @cached_property
    def _projection(self) -> tuple[FloatArray, FloatArray]:
        """Indicators (C, k) of the calibration classes, and the (k, C) matrix that fits a sum to them."""
        columns = [
            group == label for group in self.weighting.groups for label in dict.fromkeys(group.tolist())
        ]
        x = np.array(columns, dtype=float).reshape(len(columns), len(self.interviews)).T
        cross = x.T @ (x * self.interviews[:, np.newaxis])
        return x, np.linalg.pinv(cross, hermitian=True) @ x.T

    def estimate(
        self,
        base: npt.NDArray[np.int64],
        sums: FloatArray,
        squares: FloatArray,
        inside: npt.NDArray[np.bool_] | None = None,
    ) -> Precise | None:
        """Σ w y / Σ w b over the cells `inside`; None when nobody is in the base.

        `base`, `sums` and `squares` (C,) hold how many people are in the base, and Σ y and Σ y² over them;
        for a share y is 0 or 1 and both are the favourable count.
        """
        within = np.ones(len(base), bool) if inside is None else inside
        w, n = self.weighting.weights, self.interviews
        total = float((w * base)[within].sum())
        if total <= 0:
            return None
        value = float((w * sums)[within].sum()) / total
        first = np.where(within, sums - value * base, 0.0) / total
        second = np.where(within, squares - 2 * value * sums + value**2 * base, 0.0) / total**2
        if self.weighting.groups:
            x, fit = self._projection
            fitted = x @ (fit @ first)
            second = second - 2 * fitted * first + n * fitted**2
            first = first - n * fitted
        variance, undefined = 0.0, False
        inside_of = set(self.quartier[within & (n > 0)].tolist())
        # All of them: where the classes cross the quartiers, those outside the domain have residuals too.
        for quartier in dict.fromkeys(self.quartier.tolist()):
            cells = self.quartier == quartier
            people = int(n[cells].sum())
            if people < 2:
                undefined |= quartier in inside_of
                continue
            around = float((w * w * second)[cells].sum()) - float((w * first)[cells].sum()) ** 2 / people
            kept = 1 - (self.sampled or {}).get(quartier, 0.0)
            variance += kept * people / (people - 1) * around
        error = None if undefined else sqrt(max(variance, 0.0))
        if error is not None and error < NOTHING * max(abs(value), 1.0):
            error = 0.0
        return Precise(value, error, int(n[within].sum()) - len(inside_of))
