"""Weights: raking inside each quartier, and to the composition of an earlier wave.

Deming & Stephan 1940; Deville, Särndal & Sautory 1993. Rules for small quartiers, empty classes and unknown
age or sex: `docs/decisions/0006-weights.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: class of an interview whose age or sex is unknown
UNKNOWN = "NR"
TOLERANCE = 1e-13
MAX_SWEEPS = 20_000
#: after so many sweeps without coming closer the margins contradict each other
PATIENCE = 500


class WeightingError(Exception):
    """No weights exist; names the quartier (or "ALL") and the class."""

    def __init__(self, quartier: str, class_id: str, reason: str) -> None:
        """Say where and why."""
        super().__init__(f"{quartier}, {class_id}: {reason}")
        self.quartier = quartier
        self.class_id = class_id
        self.reason = reason


@dataclass(frozen=True)
class WeightingCells:
    """The cells that share one weight. Shapes: (C,)."""

    quartier: npt.NDArray[np.str_]
    #: variable → class of each cell, `UNKNOWN` when not known; in the order they are raked
    classes: Mapping[str, npt.NDArray[np.str_]]
    interviews: npt.NDArray[np.int64]


#: variable → class → persons
Margins = Mapping[str, Mapping[str, float]]


def rake_quartiers(
    cells: WeightingCells,
    margins: Mapping[str, Margins],
    order: Mapping[str, Sequence[str]],
    smallest: int = 20,
) -> FloatArray:
    """Weights (C,) that meet the margins of each quartier.

    `margins` holds, by quartier, "total" → {"all": persons} and one table per variable; `order` lists the
    classes of ordered variables, youngest first. A quartier with fewer than `smallest` interviews takes one
    weight for everybody. Raises `WeightingError` where no solution exists.
    """
    weights = np.zeros(len(cells.interviews))
    for quartier in dict.fromkeys(cells.quartier.tolist()):
        inside = cells.quartier == quartier
        n = cells.interviews[inside]
        total = margins.get(quartier, {}).get("total", {}).get("all", 0.0)
        if total <= 0:
            raise WeightingError(quartier, "all", "interviews where the population is 0")
        start = np.full(len(n), total / n.sum())
        if n.sum() < smallest:
            weights[inside] = start
            continue
        tables = []
        for variable, all_classes in cells.classes.items():
            population = margins[quartier].get(variable)
            if population is None:
                continue
            classes = all_classes[inside]
            found = _fit_margin(quartier, classes, n, dict(population), total, order.get(variable))
            if found is not None:
                tables.append(found)
        weights[inside] = rake(start, n, tables, quartier)
    return weights


def rake_to_composition(
    cells: WeightingCells, shares: Mapping[str, Mapping[str, float]], order: Mapping[str, Sequence[str]]
) -> FloatArray:
    """Weights (C,) that bring all interviews to the composition of an earlier wave.

    `shares` maps "quartier" and each known variable to the earlier wave's interviews (or per cent) by class;
    weights start from 1 and their sum is the number of interviews. Unknown classes keep their sample share.
    """
    n = cells.interviews
    total = float(n.sum())
    tables = []
    for variable, wanted in shares.items():
        classes = cells.quartier if variable == "quartier" else cells.classes.get(variable)
        if classes is None:
            continue
        scale = total / sum(wanted.values())
        population = {name: value * scale for name, value in wanted.items()}
        found = _fit_margin("ALL", classes, n, population, total, order.get(variable))
        if found is not None:
            tables.append(found)
    return rake(np.ones(len(n)), n, tables, "ALL")


#: class of each cell, and the persons wanted in each class
MarginTable = tuple[npt.NDArray[np.str_], dict[str, float]]


def _fit_margin(
    quartier: str,
    classes: npt.NDArray[np.str_],
    n: npt.NDArray[np.int64],
    population: dict[str, float],
    total: float,
    order: Sequence[str] | None,
) -> MarginTable | None:
    """The margin as this sample can meet it: classes without interviews merged, unknown ones set apart."""
    found = {name: int(n[classes == name].sum()) for name in dict.fromkeys(classes.tolist())}
    for name, interviews in found.items():
        if interviews and name != UNKNOWN and population.get(name, 0.0) <= 0:
            raise WeightingError(quartier, name, "interviews where the population is 0")
    target = dict(population)
    present = [name for name in target if found.get(name)]
    if not present:
        return None
    if order is None:
        # An unordered margin (sex, quartier) with one class left says nothing any more.
        if len(present) < 2:
            return None
        target = {name: target[name] for name in present}
    else:
        names = [name for name in order if name in target]
        place = 0
        while place < len(names) and len(names) > 1:
            name = names[place]
            if found.get(name):
                place += 1
                continue
            # An empty class joins the next older one, the oldest the next younger.
            into = names[place + 1] if place + 1 < len(names) else names[place - 1]
            target[into] += target.pop(name)
            names.remove(name)
            place = 0
    unknown = found.get(UNKNOWN, 0)
    known = sum(target.values())
    share = unknown / n.sum()
    # Margins add up to the total but for their rounding, which raking could not meet together.
    target = {name: value * (1 - share) * total / known for name, value in target.items()}
    if unknown:
        target[UNKNOWN] = total * share
    return classes, target


def rake(
    start: FloatArray, n: npt.NDArray[np.int64], tables: Sequence[MarginTable], quartier: str
) -> FloatArray:
    """Iterative proportional fitting of `start` (C,) to every table, to a relative 1e-13."""
    weights = start.astype(float).copy()
    fits = [
        (name, (classes == name) & (n > 0), wanted)
        for classes, target in tables
        for name, wanted in target.items()
    ]
    earlier = np.inf
    for sweep in range(MAX_SWEEPS):
        worst = 0.0
        for name, inside, wanted in fits:
            reached = float((weights[inside] * n[inside]).sum())
            if reached <= 0:
                raise WeightingError(quartier, name, "no interview can stand for this class")
            factor = wanted / reached
            worst = max(worst, abs(factor - 1))
            weights[inside] *= factor
        if worst < TOLERANCE:
            return weights
        if sweep % PATIENCE == 0:
            if worst > 0.99 * earlier:
                break
            earlier = worst
    raise WeightingError(quartier, fits[0][0], "these margins cannot be met together")
