"""Weights of one wave: one per quartier, raked, bounded, or to an earlier composition.

A weight is the same inside a cell (`WeightingCells`). What each rule does to a sample that cannot meet its
population as printed: `margins.py` and `docs/decisions/0006-weights.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barometre.estimates.calibration import bound, rake
from barometre.estimates.margins import (
    EVERYBODY,
    MORE_THAN_LIVE,
    NOBODY_LIVES,
    ONE_WEIGHT,
    TOTAL,
    UNEQUAL,
    FloatArray,
    Margins,
    Note,
    StrArray,
    Table,
    WeightingCells,
    WeightingError,
    check_population,
    count,
    fit_margin,
)

#: a quartier with fewer interviews takes one weight for everybody
SMALLEST = 20
#: largest over smallest weight of a quartier, and design effect, above which weights deserve a warning
UNEQUAL_RATIO, UNEQUAL_EFFECT = 5.0, 1.5

#: weights (C,) from start weights, interviews (C,), tables and the quartier's name
Solver = Callable[[FloatArray, npt.NDArray[np.int64], Sequence[Table], str], FloatArray]


@dataclass(frozen=True)
class Weighting:
    """Weights and what they rest on."""

    #: (C,) persons that one interview of each cell stands for
    weights: FloatArray
    #: arrays (C,) of labels: the classes that the weights were brought to, quartier by quartier
    groups: tuple[StrArray, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class QuartierSample:
    """The cells of one quartier that is weighted."""

    name: str
    #: (C,) of the whole wave
    inside: npt.NDArray[np.bool_]
    n: npt.NDArray[np.int64]
    total: float
    #: too few interviews to be weighted
    small: bool


def split_quartiers(
    cells: WeightingCells, margins: Mapping[str, Margins], smallest: int
) -> Iterator[QuartierSample]:
    """Quartiers with interviews; raises where nobody lives. Fewer than `smallest` interviews are `small`."""
    for name in dict.fromkeys(cells.quartier.tolist()):
        inside = cells.quartier == name
        n = cells.interviews[inside]
        if not n.sum():
            continue
        total = margins.get(name, {}).get(TOTAL, {}).get(EVERYBODY, 0.0)
        if total <= 0:
            raise WeightingError(name, EVERYBODY, NOBODY_LIVES, TOTAL)
        yield QuartierSample(name, inside, n, total, int(n.sum()) < smallest)


def sampled_shares(cells: WeightingCells, margins: Mapping[str, Margins]) -> dict[str, float]:
    """n/N of each quartier, for the finite population correction; raises where n > N."""
    shares = {q.name: float(q.n.sum()) / q.total for q in split_quartiers(cells, margins, 0)}
    for name, share in shares.items():
        if share > 1:
            raise WeightingError(name, EVERYBODY, MORE_THAN_LIVE, TOTAL)
    return shares


def weigh_quartiers(cells: WeightingCells, margins: Mapping[str, Margins]) -> Weighting:
    """Design weight: N/n of each quartier (Cochran 1977, ch. 5)."""
    weights = np.zeros(len(cells.interviews))
    for quartier in split_quartiers(cells, margins, 0):
        weights[quartier.inside] = quartier.total / quartier.n.sum()
    return Weighting(weights)


def rake_quartiers(
    cells: WeightingCells,
    margins: Mapping[str, Margins],
    order: Mapping[str, Sequence[str]],
    smallest: int = SMALLEST,
    solve: Solver = rake,
) -> Weighting:
    """Weights that meet the margins of each quartier, from its design weight.

    `margins` holds, by quartier, "total" → {"all": persons} and one table per variable; `order` lists the
    classes of ordered variables, youngest first. `solve` may be `calibration.bound`. Raises `WeightingError`
    where no solution exists.
    """
    weights = np.zeros(len(cells.interviews))
    groups = {variable: cells.quartier.astype(object) for variable in cells.classes}
    notes: list[Note] = []
    for quartier in split_quartiers(cells, margins, smallest):
        inside, n = quartier.inside, quartier.n
        weights[inside] = quartier.total / n.sum()
        if quartier.small:
            notes.append(Note(quartier.name, ONE_WEIGHT))
            for variable, classes in cells.classes.items():
                if variable in margins[quartier.name]:
                    found = count(classes[inside], n)
                    check_population(quartier.name, variable, found, margins[quartier.name][variable])
            continue
        tables = []
        for variable, classes in cells.classes.items():
            population = margins[quartier.name].get(variable)
            if population is None:
                continue
            table = fit_margin(
                quartier.name, variable, classes[inside], n, population, quartier.total,
                order.get(variable), notes.append,
            )  # fmt: skip
            if table is not None:
                tables.append(table)
                groups[variable][inside] += "/" + table.classes.astype(object)
        weights[inside] = solve(weights[inside], n, tables, quartier.name)
        if is_unequal(spread(weights[inside], n)):
            notes.append(Note(quartier.name, UNEQUAL))
    return Weighting(weights, tuple(group.astype(str) for group in groups.values()), tuple(notes))


def bound_quartiers(
    cells: WeightingCells,
    margins: Mapping[str, Margins],
    order: Mapping[str, Sequence[str]],
    smallest: int = SMALLEST,
) -> Weighting:
    """Weights within 0.5 and 2 times the design weight that meet the same margins (logit calibration)."""
    return rake_quartiers(cells, margins, order, smallest, bound)


def fit_composition(
    cells: WeightingCells,
    shares: Mapping[str, Mapping[str, float]],
    order: Mapping[str, Sequence[str]],
    total: float | None = None,
) -> dict[str, Table]:
    """The composition of an earlier wave as these interviews can meet it, by variable.

    `shares` maps "quartier" and each known variable to the earlier wave's interviews (or per cent) by class;
    each table adds up to `total` (the number of interviews). Unknown classes keep their sample share.
    """
    n = cells.interviews
    total = float(n.sum()) if total is None else total
    tables = {}
    for variable, wanted in shares.items():
        classes = cells.quartier if variable == "quartier" else cells.classes.get(variable)
        if classes is None:
            continue
        scale = total / sum(wanted.values())
        population = {name: value * scale for name, value in wanted.items()}
        found = fit_margin("ALL", variable, classes, n, population, total, order.get(variable))
        if found is not None:
            tables[variable] = found
    return tables


def rake_to_composition(cells: WeightingCells, tables: Mapping[str, Table]) -> Weighting:
    """Weights from 1 that bring all interviews to the composition that `fit_composition` found."""
    weights = rake(np.ones(len(cells.interviews)), cells.interviews, list(tables.values()), "ALL")
    return Weighting(weights, tuple(table.classes for table in tables.values()))


@dataclass(frozen=True)
class Spread:
    """How unequal weights are, over all interviews or those of one quartier."""

    interviews: int
    #: Σ w
    total: float
    smallest: float
    largest: float
    #: Kish's effective number of interviews, (Σw)² / Σw²
    effective: float

    @property
    def design_effect(self) -> float:
        """What the weights cost: 1 when all are equal (Kish 1965)."""
        return self.interviews / self.effective


def spread(weights: FloatArray, n: npt.NDArray[np.int64]) -> Spread:
    """Spread of weights (C,) over `n` interviews (C,), at least one."""
    used = weights[n > 0]
    total = float((weights * n).sum())
    equal = bool((used == used[0]).all())
    effective = float(n.sum()) if equal else total**2 / float((weights * weights * n).sum())
    return Spread(int(n.sum()), total, float(used.min()), float(used.max()), effective)


def is_unequal(found: Spread) -> bool:
    """Whether to warn and show the unweighted figure beside.

    Inside a quartier all interviews start from one design weight, so the ratio of its weights is that of
    their corrections.
    """
    return found.largest > UNEQUAL_RATIO * found.smallest or found.design_effect > UNEQUAL_EFFECT
