"""Post-stratification: weights that meet the population of each cell age × sex (Holt & Smith 1979)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from barometre.estimates.margins import (
    EVERYBODY,
    TOTAL,
    UNKNOWN,
    StrArray,
    Table,
    WeightingCells,
    check_population,
    count,
    merge_empty,
    share_out,
)
from barometre.estimates.weights import SMALLEST, Weighting, split_quartiers

#: quartier → (ordered class, unordered class) → persons
CellPopulation = Mapping[str, Mapping[tuple[str, str], float]]


def poststratify_quartiers(
    cells: WeightingCells,
    population: CellPopulation,
    order: Sequence[str],
    smallest: int = SMALLEST,
) -> Weighting:
    """Weights that meet the population of each cell age × sex (Holt & Smith 1979).

    `cells.classes` holds an ordered variable, whose classes `order` lists youngest first, then another one.
    Interviews without one of them form one cell, with their share of the sample. An ordered class without
    interviews joins its neighbour; where one of the other classes is missing inside an ordered one, that one
    is not cut by it.
    """
    (variable, ordered), (other_variable, other) = cells.classes.items()
    weights = np.zeros(len(cells.interviews))
    groups = cells.quartier.astype(object)
    totals = {name: {TOTAL: {EVERYBODY: sum(found.values())}} for name, found in population.items()}
    for quartier in split_quartiers(cells, totals, smallest):
        inside, n, name = quartier.inside, quartier.n, quartier.name
        rows, columns = ordered[inside], other[inside]
        complete = (rows != UNKNOWN) & (columns != UNKNOWN)
        _check_cells(name, (variable, other_variable), (rows, columns), n, population[name])
        if quartier.small:
            weights[inside] = quartier.total / n.sum()
            continue
        table = _cut_cells(rows, columns, n * complete, population[name], order)
        unknown = int(n[~complete].sum())
        wanted = share_out(table.wanted, unknown, int(n.sum()), quartier.total)
        labels = np.where(complete, table.classes, UNKNOWN)
        found = count(labels, n)
        weights[inside] = [wanted[label] / found[label] if found[label] else 0.0 for label in labels]
        groups[inside] += "/" + labels.astype(object)
    return Weighting(weights, (groups.astype(str),))


def _check_cells(
    quartier: str,
    variables: tuple[str, str],
    classes: tuple[StrArray, StrArray],
    n: npt.NDArray[np.int64],
    population: Mapping[tuple[str, str], float],
) -> None:
    """Raise where nobody lives, by the whole class if it is empty: it says more than one cell of it."""
    for place, variable in enumerate(variables):
        names = dict.fromkeys(cell[place] for cell in population)
        persons = {
            name: sum(found for cell, found in population.items() if cell[place] == name) for name in names
        }
        check_population(quartier, variable, count(classes[place], n), persons)
    rows, columns = classes
    complete = (rows != UNKNOWN) & (columns != UNKNOWN)
    crossed = np.array([f"{row} × {column}" for row, column in zip(rows, columns, strict=True)])
    cells = {f"{row} × {column}": found for (row, column), found in population.items()}
    check_population(quartier, " × ".join(variables), count(crossed[complete], n[complete]), cells)


def _cut_cells(
    rows: StrArray,
    columns: StrArray,
    n: npt.NDArray[np.int64],
    population: Mapping[tuple[str, str], float],
    order: Sequence[str],
) -> Table:
    """The post-strata of one quartier: (C,) label of each cell, persons of each label."""
    merged = merge_empty(
        [name for name in order if any(row == name for row, _ in population)], count(rows, n)
    )

    def end(row: str) -> str:
        while row in merged:
            row = merged[row]
        return row

    # A column that nobody of the quartier is in cuts nothing; its persons go to the others of their row.
    others = [name for name in dict.fromkeys(column for _, column in population) if n[columns == name].sum()]
    cut = {
        row: len(others) > 1 and all(n[(rows == row) & (columns == column)].sum() for column in others)
        for row in order
    }
    whole: dict[str, float] = {}
    for (row, _column), persons in population.items():
        whole[end(row)] = whole.get(end(row), 0.0) + persons
    wanted: dict[str, float] = {}
    for row, persons in whole.items():
        if not cut[row]:
            wanted[row] = persons
            continue
        parts = dict.fromkeys(others, 0.0)
        for (own, column), people in population.items():
            if end(own) == row and column in parts:
                parts[column] += people
        told = sum(parts.values())
        wanted |= {f"{row}/{column}": persons * people / told for column, people in parts.items()}
    labels = [
        f"{row}/{column}" if cut.get(row) else row
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    return Table(np.array(labels, dtype=str), wanted)
