"""Weights that meet several tables at once: iterative proportional fitting, and the bounded logit.

Deming & Stephan 1940; Deville & Särndal 1992; Deville, Särndal & Sautory 1993.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from barometre.estimates.margins import (
    CONTRADICTORY,
    NOBODY_ANSWERED,
    OUT_OF_BOUNDS,
    FloatArray,
    Table,
    WeightingError,
)

#: relative distance to every margin
TOLERANCE = 1e-13
MAX_SWEEPS = 20_000
#: after so many sweeps without coming closer the margins contradict each other
PATIENCE = 500
NEWTON_STEPS, SHORTEST = 100, 1e-6
#: Newton goes on until no step comes closer, which ends at the rounding of the sums
CLOSE_ENOUGH = 1e-11
#: weights over design weights that the bounded calibration allows
BOUNDS = (0.5, 2.0)


def rake(start: FloatArray, n: npt.NDArray[np.int64], tables: Sequence[Table], quartier: str) -> FloatArray:
    """Iterative proportional fitting of `start` (C,) to every table, to a relative 1e-13."""
    weights = start.astype(float).copy()
    fits = []
    for table in tables:
        for name, wanted in table.wanted.items():
            places = np.flatnonzero((table.classes == name) & (n > 0))
            fits.append((name, places, n[places].astype(float), wanted))
    earlier = np.inf
    worst, where = 0.0, ""
    for sweep in range(MAX_SWEEPS):
        worst = 0.0
        for name, places, people, wanted in fits:
            own = weights[places]
            reached = float(own @ people)
            if reached <= 0:
                raise WeightingError(quartier, name, NOBODY_ANSWERED)
            factor = wanted / reached
            # Not "greater than": of what is no number neither would be told.
            if not abs(factor - 1) <= worst:
                worst, where = abs(factor - 1), name
            weights[places] = own * factor
        if worst < TOLERANCE:
            return weights
        if sweep % PATIENCE == 0:
            if worst > 0.99 * earlier:
                break
            earlier = worst
    raise WeightingError(quartier, where, CONTRADICTORY)


def bound(start: FloatArray, n: npt.NDArray[np.int64], tables: Sequence[Table], quartier: str) -> FloatArray:
    """Logit calibration: every weight stays within `BOUNDS` times its start.

    g(u) = [L(U − 1) + U(1 − L) e^{Au}] / [U − 1 + (1 − L) e^{Au}], A = (U − L)/((1 − L)(U − 1)), u = x'λ; λ
    meets Σ n d g x = t by Newton's method on its convex dual. Raises where no such weights exist.
    """
    if not tables:
        return start
    low, high = BOUNDS
    slope = (high - low) / ((1 - low) * (high - 1))
    rows = [(table.classes == name) for table in tables for name in table.wanted]
    x = np.array(rows, dtype=float).reshape(len(rows), len(n)).T
    target = np.array([wanted for table in tables for wanted in table.wanted.values()])
    size = n * start

    def ratio(u: FloatArray) -> FloatArray:
        # e^{-A|u|} never overflows.
        e = np.exp(-slope * np.abs(u))
        up, down = np.where(u > 0, 1.0, e), np.where(u > 0, e, 1.0)
        found: FloatArray = (low * (high - 1) * down + high * (1 - low) * up) / (
            (high - 1) * down + (1 - low) * up
        )
        return found

    def gap(multipliers: FloatArray) -> FloatArray:
        found: FloatArray = target - x.T @ (size * ratio(x @ multipliers))
        return found

    multipliers = np.zeros(x.shape[1])
    missing = gap(multipliers)
    for _ in range(NEWTON_STEPS):
        g = ratio(x @ multipliers)
        curve = slope * (g - low) * (high - g) / (high - low)
        step = np.linalg.pinv(x.T @ (x * (size * curve)[:, np.newaxis]), hermitian=True) @ missing
        # Halved while it leads away: far from the solution the logit is flat.
        reach = 1.0
        while reach > SHORTEST and np.linalg.norm(gap(multipliers + reach * step)) >= np.linalg.norm(missing):
            reach /= 2
        if reach <= SHORTEST:
            break
        multipliers = multipliers + reach * step
        missing = gap(multipliers)
    far = np.abs(missing) / target
    if far.max() > CLOSE_ENOUGH:
        worst = [name for table in tables for name in table.wanted][int(far.argmax())]
        raise WeightingError(quartier, worst, OUT_OF_BOUNDS)
    return start * ratio(x @ multipliers)
